//! Densities: a base, and a flow of a bijection and a base.

mod flow;
mod given;

pub use flow::Flow;
pub use given::Given;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::{Noise, Placement};

/// A density of latents that can be evaluated and sampled.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_flow::{Base, Noise, Placement, base::StandardNormal};
///
/// let base = StandardNormal::new(2);
/// let placement = Placement { device: Device::default(), dtype: DType::F32 };
/// // The temperature 0 is the centre, where the density is largest.
/// let z: Tensor<2> = base.sample(1, 0.0, &mut Noise::seeded(0), &placement, &());
/// let highest = base.log_prob(z, &()).into_scalar::<f32>();
/// let z = base.sample(100, 1.0, &mut Noise::seeded(0), &placement, &());
/// assert!(base.log_prob(z, &()).max().into_scalar::<f32>() < highest);
/// ```
pub trait Base<C = ()>: Module + ModuleDisplay {
    /// The latents, e.g. `Tensor<2>`: `[batch, features]`.
    type Latent;

    /// `log p(z)` in nats: `[batch]`.
    fn log_prob(&self, z: Self::Latent, context: &C) -> Tensor<1>;

    /// `n` samples. `temperature` multiplies the width around the centre or centres: 1 samples the
    /// density, 0 the centre.
    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        context: &C,
    ) -> Self::Latent;
}

/// [`Base`] for an enum of densities; see [`layer_enum!`](crate::layer_enum). Clippy refuses the
/// list when a method of the trait is missing.
#[doc(hidden)]
#[macro_export]
macro_rules! base_enum {
    ($name:ident $variants:tt [$($generics:tt)*] $context:ty: $latent:ty) => {
        #[deny(clippy::missing_trait_methods)]
        impl<$($generics)*> $crate::Base<$context> for $name {
            $crate::layer_enum! { @methods $variants $crate::Base<$context>;
                type Latent = $latent;
                fn log_prob(&self, z: $latent, context: &$context) -> ::burn::tensor::Tensor<1>;
                fn sample(
                    &self,
                    n: usize,
                    temperature: f64,
                    noise: &mut $crate::Noise,
                    placement: &$crate::Placement,
                    context: &$context
                ) -> $latent;
            }
        }
    };
}
