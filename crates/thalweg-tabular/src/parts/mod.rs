//! The parts of a density: categories, angles given them, and numbers given both.

mod angles;
mod categories;
mod kernel_density;
mod kernel_pair;
mod network;
mod numbers;
mod space;
mod training;

pub(crate) use angles::Angles;
pub(crate) use categories::{Categories, CategoryModel};
pub(crate) use kernel_density::KernelDensity;
pub(crate) use kernel_pair::{KernelPair, KernelPairModel};
pub(crate) use network::VectorModel;
pub use network::{Family, Network};
pub(crate) use numbers::{NumberModel, Numbers};
pub(crate) use space::{Places, Space, numbers as numbers_of};
pub(crate) use training::{Batch, Fitted, Likelihood, Plan, Sample, Watch, train};
