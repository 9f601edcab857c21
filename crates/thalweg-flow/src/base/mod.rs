//! Base densities: distributions of the latents.

mod diagonal;
mod mixture;
mod multi_scale;
mod standard;
mod uniform_normal;

pub use diagonal::DiagonalNormal;
pub use mixture::GaussianMixture;
pub use multi_scale::MultiScaleNormal;
pub use standard::{StandardLogistic, StandardNormal, UnitCube};
pub use uniform_normal::UniformNormal;

pub use thalweg_kernels::HALF_LN_TAU;
