//! The one trait of this crate: an invertible map that knows its log-determinant.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::{FlowError, Slope, Trail, Variable, WayBack};

/// One `ln |det J|` per sample, in nats: shape `[batch]`, always, also where the Jacobian is
/// constant.
///
/// A scalar for constant Jacobians would broadcast silently until someone sums over the batch.
pub type LogDet = Tensor<1>;

/// An invertible, differentiable map from data to latents, with its log-determinant.
///
/// `z = f(x)`, `ln |det ∂f/∂x|`. Each method returns the log-determinant of the map that it has
/// just applied, so chains add them, inversion swaps the two bodies, and
/// `log p(x) = log p(z) + log_det` holds without a minus sign anywhere outside a layer.
///
/// `C` is the context (a condition such as a label or a parameter vector). Layers that need none
/// implement the trait for every `C`; a layer that needs one implements it only for its own, so a
/// forgotten condition does not compile.
///
/// # Laws
///
/// - `inverse(forward(x))` returns `x`, and `forward(inverse(z))` returns `z`.
/// - The two log-determinants cancel.
/// - The log-determinant is the one of the Jacobian that autodiff finds.
/// - Row `i` of the output depends on row `i` of the input alone.
///
/// The crate `thalweg-laws` turns them, and a few more, into tests for a layer of yours.
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE: Non-linear Independent Components Estimation*, 2014, eq. 1.
pub trait Bijection<C = ()>: Module + ModuleDisplay {
    /// Where the data live, e.g. `Tensor<2>`: `[batch, features]`.
    type Data: Variable;
    /// Where the latents live; differs from `Data` when the rank or the number of parts changes.
    type Latent: Variable;

    /// `z = f(x)`, and `ln |det ∂f/∂x|` at `x`.
    fn forward(&self, x: Self::Data, context: &C) -> (Self::Latent, LogDet);

    /// `x = f⁻¹(z)`, and `ln |det ∂f⁻¹/∂z|` at `z`.
    fn inverse(&self, z: Self::Latent, context: &C) -> (Self::Data, LogDet);

    /// Fits what depends on data, such as the scales of an [`ActNorm`](crate::ActNorm), to a batch,
    /// and returns `f(x)` of the fitted map, which is what the next layer is fitted to.
    ///
    /// Chains and couplings hand the batch from layer to layer, so that one call on a flow fits
    /// each layer to the output of the fitted ones before it. Layers that depend on no data keep
    /// the provided body. Give `x` and `context` on the plain device: nothing here needs a gradient.
    ///
    /// # Errors
    ///
    /// A batch that a layer cannot be fitted to.
    fn initialize(self, x: Self::Data, context: &C) -> Result<(Self, Self::Latent), FlowError> {
        let (z, _) = self.valid().forward(x, context);
        Ok((self, z))
    }

    /// [`forward`](Self::forward), which leaves a mark on a trail for
    /// [`backward_on`](Self::backward_on).
    ///
    /// Chains have each of their layers leave its own; a layer keeps the provided body.
    fn forward_on(&self, x: Self::Data, context: &C, trail: &mut Trail) -> (Self::Latent, LogDet) {
        trail.leave(&x);
        self.forward(x, context)
    }

    /// From the derivatives of a loss at `z` to those at `x`, gathering those in the parameters:
    /// the way back along the trail of [`forward_on`](Self::forward_on), without a tape of more
    /// than one layer. [`Reversible`](crate::Reversible) says how.
    ///
    /// Chains go back through their layers one by one; a layer keeps the provided body, which
    /// inverts it, or has one of its own that computes less.
    fn backward_on(
        &self,
        z: Slope<Self::Latent>,
        context: &C,
        way: &mut WayBack,
    ) -> Slope<Self::Data> {
        let Slope { value, gradient } = z;
        let x = way.input(|| self.valid().inverse(value, context).0);
        way.through(self, x, &gradient, |x| self.forward(x, context))
    }
}

/// [`Bijection`] for an enum of bijections; see [`layer_enum!`](crate::layer_enum). Clippy refuses
/// the list when a method of the trait is missing.
#[doc(hidden)]
#[macro_export]
macro_rules! bijection_enum {
    (
        $name:ident [$($variant:ident)+]
        [$($generic:ident),*] $context:ty: $data:ty => $latent:ty
    ) => {
        #[deny(clippy::missing_trait_methods)]
        impl<$($generic),*> $crate::Bijection<$context> for $name {
            $crate::layer_enum! { @methods [$($variant)+] $crate::Bijection<$context>;
                type Data = $data;
                type Latent = $latent;
                fn forward(&self, x: $data, context: &$context) -> ($latent, $crate::LogDet);
                fn inverse(&self, z: $latent, context: &$context) -> ($data, $crate::LogDet);
                fn forward_on(
                    &self, x: $data, context: &$context, trail: &mut $crate::Trail
                ) -> ($latent, $crate::LogDet);
                fn backward_on(
                    &self, z: $crate::Slope<$latent>, context: &$context, way: &mut $crate::WayBack
                ) -> $crate::Slope<$data>;
            }

            fn initialize(
                self,
                x: $data,
                context: &$context,
            ) -> Result<(Self, $latent), $crate::FlowError> {
                match self {
                    $(Self::$variant(layer) => {
                        let (layer, z) = $crate::Bijection::initialize(layer, x, context)?;
                        Ok((Self::$variant(layer), z))
                    })+
                }
            }
        }
    };
}
