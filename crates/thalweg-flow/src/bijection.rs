//! The central trait: an invertible map with its log-determinant.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;

use crate::invertible_backprop::{BackwardPass, Checkpoints, WithGradient};
use crate::walk::Visitor;
use crate::{FlowError, Variable};

/// `ln |det J|` of each sample in nats, `[batch]`, also where the Jacobian is constant.
///
/// See [`Bijection`] for an example.
pub type LogDet = Tensor<1>;

/// An invertible, differentiable map from data to latents, with its log-determinant.
///
/// A layer implements [`forward`](Self::forward) and [`inverse`](Self::inverse), and
/// [`initialize`](Self::initialize) where its parameters depend on data. Each returns the
/// log-determinant of the map that it applies, so that chains add them and
/// `log p(x) = log p(z) + log_det`.
///
/// `C` is the context: a condition such as a label or a vector. A layer without one implements the
/// trait for every `C`; a layer with one implements it for its own type, so that a missing condition
/// does not compile.
///
/// A layer of your own, without parameters:
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Bijection, LogDet};
///
/// /// `z = 2 x`.
/// #[derive(Module, Debug)]
/// struct Double {}
///
/// impl<C> Bijection<C> for Double {
///     type Data = Tensor<2>;
///     type Latent = Tensor<2>;
///
///     fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
///         let [batch, features] = x.dims();
///         let log_det = features as f32 * 2.0_f32.ln();
///         (x.clone() * 2.0, Tensor::full([batch], log_det, &x.device()))
///     }
///
///     fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
///         let [batch, features] = z.dims();
///         let log_det = features as f32 * 0.5_f32.ln();
///         (z.clone() * 0.5, Tensor::full([batch], log_det, &z.device()))
///     }
/// }
///
/// let x = Tensor::<2>::ones([5, 3], &Device::default());
/// let (z, log_det) = Double {}.forward(x.clone(), &());
/// let (back, back_log_det) = Double {}.inverse(z, &());
/// assert_eq!(back.to_data(), x.to_data());
/// assert_eq!((log_det + back_log_det).abs().max().into_scalar::<f32>(), 0.0);
/// ```
///
/// # Laws
///
/// - `inverse(forward(x))` returns `x`, and `forward(inverse(z))` returns `z`.
/// - The two log-determinants cancel.
/// - The log-determinant is that of the Jacobian by autodiff.
/// - Row `i` of the output depends on row `i` of the input alone.
///
/// The crate `thalweg-laws` tests a layer for these laws and others.
///
/// # References
///
/// Dinh, Krueger, Bengio: *NICE: Non-linear Independent Components Estimation*, 2014, eq. 1.
pub trait Bijection<C = ()>: Module + ModuleDisplay {
    /// The type of the data, e.g. `Tensor<2>`: `[batch, features]`.
    type Data: Variable;
    /// The type of the latents; it differs from `Data` when the rank or the number of parts changes.
    type Latent: Variable;

    /// `z = f(x)`, and `ln |det ∂f/∂x|` at `x`.
    fn forward(&self, x: Self::Data, context: &C) -> (Self::Latent, LogDet);

    /// `x = f⁻¹(z)`, and `ln |det ∂f⁻¹/∂z|` at `z`.
    fn inverse(&self, z: Self::Latent, context: &C) -> (Self::Data, LogDet);

    /// Fits data-dependent parameters, such as the scales of an [`ActNorm`](crate::ActNorm), to a
    /// batch, and returns the fitted layer and its `f(x)`.
    ///
    /// A chain fits each layer to the output of the fitted layers before it. `x` and `context` are on
    /// the device without autodiff.
    ///
    /// # Errors
    ///
    /// The batch does not determine the parameters.
    fn initialize(self, x: Self::Data, context: &C) -> Result<(Self, Self::Latent), FlowError> {
        let (z, _) = self.valid().forward(x, context);
        Ok((self, z))
    }

    /// [`forward`](Self::forward) with a checkpoint for [`backward`](Self::backward); see
    /// [`invertible_backprop`](crate::invertible_backprop).
    #[doc(hidden)]
    fn forward_checkpointed(
        &self,
        x: Self::Data,
        context: &C,
        checkpoints: &mut Checkpoints,
    ) -> (Self::Latent, LogDet) {
        checkpoints.save(&x);
        self.forward(x, context)
    }

    /// The gradient of the loss at `x` from the one at `z`, without a tape of more than one layer; see
    /// [`invertible_backprop`](crate::invertible_backprop).
    #[doc(hidden)]
    fn backward(
        &self,
        z: WithGradient<Self::Latent>,
        context: &C,
        pass: &mut BackwardPass,
    ) -> WithGradient<Self::Data> {
        let WithGradient { value, gradient } = z;
        let x = pass.input(|| self.valid().inverse(value, context).0);
        pass.through(self, x, &gradient, |x| self.forward(x, context))
    }

    /// Shows each layer with its input to a visitor, in the order from data to latents; see
    /// [`walk`](crate::walk). A chain walks its steps; another layer is shown itself, with
    /// [`Detail`](crate::walk::Detail)s if it has any.
    fn walk<V: Visitor>(&self, x: Self::Data, context: &C, visitor: &mut V) -> Self::Latent {
        visitor.layer(self, x, context, vec![])
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
                fn forward_checkpointed(
                    &self, x: $data, context: &$context, checkpoints: &mut $crate::invertible_backprop::Checkpoints
                ) -> ($latent, $crate::LogDet);
                fn backward(
                    &self, z: $crate::invertible_backprop::WithGradient<$latent>, context: &$context, pass: &mut $crate::invertible_backprop::BackwardPass
                ) -> $crate::invertible_backprop::WithGradient<$data>;
            }

            fn walk<V: $crate::walk::Visitor>(
                &self,
                x: $data,
                context: &$context,
                visitor: &mut V,
            ) -> $latent {
                match self {
                    $(Self::$variant(layer) => $crate::Bijection::walk(layer, x, context, visitor),)+
                }
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
