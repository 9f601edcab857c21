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

use burn::tensor::Tensor;

use crate::Placement;

/// The samples of a shape without rows. No operation sees them: those of Burn's GPU backends with a scalar subtract 1 from an extent
/// of 0, which panics in a debug build.
fn no_samples<const D: usize>(shape: [usize; D], at: &Placement) -> Option<Tensor<D>> {
    (shape[0] == 0).then(|| Tensor::zeros(shape, (&at.device, at.dtype)))
}
