//! The parts of a density: categories, angles given them, and numbers given both.

mod kernel_density;
mod network;
mod numbers;
mod space;
mod training;
mod whitening;

pub(crate) use kernel_density::KernelDensity;
pub(crate) use network::VectorModel;
pub use network::{Family, Network};
pub(crate) use numbers::{LogSum, NumberModel, Numbers, Sample};
pub(crate) use space::{Places, Space, numbers as numbers_of};
pub(crate) use training::{Batch, Fitted, Likelihood, Plan, tensor, train};
pub(crate) use whitening::Whitening;
