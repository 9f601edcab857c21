//! Elementwise bijections whose parameters a conditioner computes.

mod additive;
mod affine;
mod gaussianization;
pub(crate) mod pointwise;
mod polynomial;
mod scale_map;
mod spline;
mod usage;

pub use additive::Additive;
pub use affine::Affine;
pub use gaussianization::Gaussianization;
pub(crate) use pointwise::ByMap;
pub use polynomial::{BernsteinPolynomial, PolynomialSpline, SumOfSquaresPolynomial};
pub use scale_map::{Exp, KnownScale, ScaleMap, SigmoidShift, SoftBounded, TanhLearned};
pub use spline::RationalQuadratic;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::compiled::Transform;
use crate::walk::Usage;
use crate::{LogDet, Split};

/// An invertible map of each transformed feature, given parameters for it.
///
/// The conditioner returns [`parameters_per_feature`](Transformer::parameters_per_feature) blocks
/// along axis 1, each as wide as the transformed part: block `k` holds parameter `k` of every
/// feature.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, Coupling, LogDet, MlpConfig, Noise, Split, Transformer};
///
/// /// `y = eˢ x`, with one parameter a feature.
/// #[derive(Module, Debug)]
/// struct Scale {}
///
/// impl Transformer for Scale {
///     fn parameters_per_feature(&self) -> usize {
///         1
///     }
///
///     fn forward<const D: usize>(&self, x: Tensor<D>, s: Tensor<D>) -> (Tensor<D>, LogDet) {
///         let log_det = s.clone().flatten::<2>(1, D - 1).sum_dim(1).squeeze_dim(1);
///         (x * s.exp(), log_det)
///     }
///
///     fn inverse<const D: usize>(&self, y: Tensor<D>, s: Tensor<D>) -> (Tensor<D>, LogDet) {
///         self.forward(y, s.neg())
///     }
/// }
///
/// let device = Device::default();
/// let net = MlpConfig::new(2, vec![8], 2).init(&mut Noise::seeded(0), &device);
/// let coupling: Coupling<_, _> = Coupling::new(Split::half(), Scale {}, net);
/// let x = Tensor::<2>::ones([5, 4], &device);
/// let (z, _) = coupling.forward(x.clone(), &());
/// assert!((coupling.inverse(z, &()).0 - x).abs().max().into_scalar::<f32>() < 1e-6);
/// ```
pub trait Transformer: Module + ModuleDisplay {
    /// How many numbers the conditioner supplies for each transformed feature.
    fn parameters_per_feature(&self) -> usize;

    /// `y = τ(x; parameters)` and `Σ ln |∂y/∂x|` a sample.
    fn forward<const D: usize>(&self, x: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet);

    /// `x = τ⁻¹(y; parameters)` and `Σ ln |∂x/∂y|` a sample.
    fn inverse<const D: usize>(&self, y: Tensor<D>, parameters: Tensor<D>) -> (Tensor<D>, LogDet);

    /// [`forward`](Self::forward) at the features that a split transforms, the others as they are. A
    /// transformer that does so in fewer passes over memory says how.
    fn forward_part<const D: usize>(
        &self,
        x: Tensor<D>,
        split: Split,
        parameters: Tensor<D>,
    ) -> (Tensor<D>, LogDet) {
        let (kept, transformed) = split.split(x);
        let (transformed, log_det) = self.forward(transformed, parameters);
        (split.merge(kept, transformed), log_det)
    }

    /// [`inverse`](Self::inverse) at the features that a split transforms, the others as they are.
    fn inverse_part<const D: usize>(
        &self,
        y: Tensor<D>,
        split: Split,
        parameters: Tensor<D>,
    ) -> (Tensor<D>, LogDet) {
        let (kept, transformed) = split.split(y);
        let (transformed, log_det) = self.inverse(transformed, parameters);
        (split.merge(kept, transformed), log_det)
    }

    /// The same without tensors, if there is such a form: [`Autoregressive`](crate::Autoregressive) layers
    /// are inverted by it on the CPU.
    fn host_form(&self) -> Option<Transform> {
        None
    }

    /// How the map uses its range for these numbers; `None`, the default, where it has no range, or is not known.
    fn usage<const D: usize>(&self, _x: Tensor<D>, _parameters: Tensor<D>) -> Option<Usage> {
        None
    }
}

/// [`Transformer`] for an enum of transformers; see [`layer_enum!`](crate::layer_enum). Clippy
/// refuses the list when a method of the trait is missing.
#[doc(hidden)]
#[macro_export]
macro_rules! transformer_enum {
    ($name:ident $variants:tt) => {
        #[deny(clippy::missing_trait_methods)]
        impl $crate::Transformer for $name {
            $crate::layer_enum! { @methods $variants $crate::Transformer;
                fn parameters_per_feature(&self) -> usize;
                fn forward<const D: usize>(
                    &self, x: ::burn::tensor::Tensor<D>, parameters: ::burn::tensor::Tensor<D>
                ) -> (::burn::tensor::Tensor<D>, $crate::LogDet);
                fn inverse<const D: usize>(
                    &self, y: ::burn::tensor::Tensor<D>, parameters: ::burn::tensor::Tensor<D>
                ) -> (::burn::tensor::Tensor<D>, $crate::LogDet);
                fn forward_part<const D: usize>(
                    &self, x: ::burn::tensor::Tensor<D>, split: $crate::Split, parameters: ::burn::tensor::Tensor<D>
                ) -> (::burn::tensor::Tensor<D>, $crate::LogDet);
                fn inverse_part<const D: usize>(
                    &self, y: ::burn::tensor::Tensor<D>, split: $crate::Split, parameters: ::burn::tensor::Tensor<D>
                ) -> (::burn::tensor::Tensor<D>, $crate::LogDet);
                fn host_form(&self) -> Option<$crate::compiled::Transform>;
                fn usage<const D: usize>(
                    &self, x: ::burn::tensor::Tensor<D>, parameters: ::burn::tensor::Tensor<D>
                ) -> Option<$crate::walk::Usage>;
            }
        }
    };
}
