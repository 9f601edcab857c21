//! Networks, which need no inverse: conditioners of couplings, encoders, decoders.

mod autoregressive;
mod context;
mod conv_blocks;
mod conv_net;
mod edge;
mod linear;
mod masked;
mod mlp;
mod modulation;
pub(crate) mod monotone;
mod periodic;
mod residual;
mod residual_conv_net;
mod same_conv;
pub(crate) mod standardized;
mod tangents;

pub use autoregressive::AutoregressiveNetwork;
pub use context::WithContext;
pub use conv_blocks::{ConvBlocks, ConvBlocksConfig};
pub use conv_net::{ConvNet, ConvNetConfig};
pub use edge::WithEdge;
pub use linear::{WeightInit, linear};
pub(crate) use masked::indices;
pub use masked::{MaskedMlp, MaskedMlpConfig};
pub use mlp::{Mlp, MlpConfig};
pub(crate) use modulation::Function;
pub use modulation::{InBlocks, Modulation, ModulationConfig, Norm};
pub use monotone::{Monotone, MonotoneNetworks};
pub use periodic::Periodic;
pub use residual::{ResidualMlp, ResidualMlpConfig};
pub use residual_conv_net::{ResidualConvNet, ResidualConvNetConfig};
pub use same_conv::{SameConv, SameConvConfig};
pub use standardized::StandardizedMlp;
pub use tangents::Tangents;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
pub use thalweg_kernels::Activation;

use crate::FlowError;

/// A network: a tensor in, a tensor out, and no inverse.
///
/// It is the conditioner of a coupling, whose outputs are the parameters of the transformer:
/// `[batch, kept, ..]` to `[batch, parameters_per_feature · transformed, ..]`. It is also the encoder
/// or decoder of an autoencoder. `C` is the context; a network that takes none implements the trait
/// for every `C`. A user's network implements one method.
///
/// ```
/// use burn::module::Module;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Additive, Bijection, Coupling, Network, Split};
///
/// /// The mean of the kept features, as the shift of each other one.
/// #[derive(Module, Debug)]
/// struct Mean {
///     outputs: usize,
/// }
///
/// impl<C> Network<C> for Mean {
///     fn apply(&self, x: Tensor<2>, _: &C) -> Tensor<2> {
///         x.mean_dim(1).repeat_dim(1, self.outputs)
///     }
/// }
///
/// let coupling: Coupling<_, _> = Coupling::new(Split::half(), Additive::new(), Mean { outputs: 2 });
/// let x = Tensor::<2>::from_floats([[1.0, 3.0, 10.0, 20.0]], &Device::default());
/// let (z, _) = coupling.forward(x, &());
/// assert_eq!(z.into_data().try_to_vec::<f32>().unwrap(), [1.0, 3.0, 12.0, 22.0]);
/// ```
pub trait Network<C = (), const D: usize = 2>: Module + ModuleDisplay {
    /// `[batch, inputs, ..]` to `[batch, outputs, ..]`.
    fn apply(&self, x: Tensor<D>, context: &C) -> Tensor<D>;

    /// The number of inputs, if the network states it. A coupling that receives another number of
    /// features then names the shape of its own input.
    fn inputs(&self) -> Option<usize> {
        None
    }

    /// Fits the layers that depend on data, such as an [`ActNorm`](crate::ActNorm) between two
    /// layers, to a batch; see [`Bijection::initialize`](crate::Bijection::initialize).
    ///
    /// # Errors
    ///
    /// A batch that a layer cannot be fitted to.
    fn initialize(self, _x: Tensor<D>, _context: &C) -> Result<Self, FlowError> {
        Ok(self)
    }
}

/// [`Network`] for an enum of networks; see [`layer_enum!`](crate::layer_enum). Clippy refuses the
/// list when a method of the trait is missing.
#[doc(hidden)]
#[macro_export]
macro_rules! network_enum {
    ($name:ident [$($variant:ident)+] [$($generic:ident),*] $context:ty, $dims:literal) => {
        #[deny(clippy::missing_trait_methods)]
        impl<$($generic),*> $crate::Network<$context, $dims> for $name {
            $crate::layer_enum! { @methods [$($variant)+] $crate::Network<$context, $dims>;
                fn apply(
                    &self, x: ::burn::tensor::Tensor<$dims>, context: &$context
                ) -> ::burn::tensor::Tensor<$dims>;
                fn inputs(&self) -> Option<usize>;
            }

            fn initialize(
                self,
                x: ::burn::tensor::Tensor<$dims>,
                context: &$context,
            ) -> Result<Self, $crate::FlowError> {
                match self {
                    $(Self::$variant(network) => {
                        $crate::Network::initialize(network, x, context).map(Self::$variant)
                    })+
                }
            }
        }
    };
}
