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

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::{Noise, Placement};

/// A density of latents that can be evaluated and sampled.
pub trait Base<C = ()>: Module + ModuleDisplay {
    /// The latents, e.g. `Tensor<2>`: `[batch, features]`.
    type Latent;

    /// `log p(z)` in nats: `[batch]`.
    fn log_prob(&self, z: Self::Latent, context: &C) -> Tensor<1>;

    /// `n` samples. `temperature` multiplies the density's width around its centre (or centres):
    /// 1 samples the density itself, 0 its centre.
    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        context: &C,
    ) -> Self::Latent;
}

/// `½ ln 2π`: what each dimension of a normal density costs at its centre.
pub const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;
