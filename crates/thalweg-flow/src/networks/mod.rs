//! The networks inside couplings, which need no inverse.

mod context;
mod conv;
mod linear;
mod mlp;
mod residual;

pub use context::WithContext;
pub use conv::{
    ConvBlocks, ConvBlocksConfig, ConvNet, ConvNetConfig, ResidualConvNet, ResidualConvNetConfig,
    SameConv, SameConvConfig,
};
pub use linear::{WeightInit, linear};
pub use mlp::{Mlp, MlpConfig};
pub use residual::{ResidualMlp, ResidualMlpConfig};

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
pub use thalweg_kernels::Activation;

use crate::FlowError;

/// Computes a transformer's parameters from the kept features and the context.
///
/// Any network will do: a user's own implements this one method. `C` is the context; networks
/// that take none serve every `C`.
pub trait Conditioner<C = (), const D: usize = 2>: Module + ModuleDisplay {
    /// `[batch, kept, ..]` to `[batch, parameters_per_feature · transformed, ..]`.
    fn parameters(&self, kept: Tensor<D>, context: &C) -> Tensor<D>;

    /// How many kept features it takes, if it says so: a coupling that is given others then names the
    /// shape of its own input, where the network knows only what was kept of it.
    fn inputs(&self) -> Option<usize> {
        None
    }

    /// Fits what depends on data, such as an [`ActNorm`](crate::ActNorm) between two layers, to a
    /// batch of kept features; see [`Bijection::initialize`](crate::Bijection::initialize).
    ///
    /// # Errors
    ///
    /// A batch that a layer cannot be fitted to.
    fn initialize(self, _kept: Tensor<D>, _context: &C) -> Result<Self, FlowError> {
        Ok(self)
    }
}
