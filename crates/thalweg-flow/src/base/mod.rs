//! Base densities: what the latents follow.

mod diagonal;
mod logistic;
mod mixture;
mod multi_scale;
mod normal;
mod uniform;

pub use diagonal::DiagonalNormal;
pub use logistic::StandardLogistic;
pub use mixture::GaussianMixture;
pub use multi_scale::MultiScaleNormal;
pub use normal::StandardNormal;
pub use uniform::UnitCube;

pub use thalweg_kernels::HALF_LN_TAU;
