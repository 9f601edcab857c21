//! A transform of either direction.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::compiled::Lowering;
use thalweg_flow::{Autoregressive, Invert, Inverted, Lower, MaskedMlp, WithContext, layer_enum};

use super::FastSide;
use crate::coupling_flow::CouplingTransformer;

/// A transform of each feature by those before it.
///
/// See [`Autoregressive`] for an example.
pub type Masked = Autoregressive<CouplingTransformer, MaskedMlp>;

/// A transform of each feature by those before it and a condition.
///
/// See [`Autoregressive`] for an example.
pub type ConditionalMasked = Autoregressive<CouplingTransformer, WithContext<MaskedMlp>>;

layer_enum! {
    /// One of the directions of [`FastSide`].
    ///
    /// See [`AutoregressiveFlow`](super::AutoregressiveFlow) for an example of the model.
    pub enum AutoregressiveStep {
        /// Fast densities.
        Masked(Masked),
        /// Fast samples.
        Inverted(Inverted<Masked>),
    }
    impl<C> Bijection<C>: Tensor<2> => Tensor<2>;
    impl<C> Lower<C>;
}

layer_enum! {
    /// One of the directions of [`FastSide`], under a condition.
    ///
    /// See [`Conditional`](crate::Conditional) for an example of the model.
    pub enum ConditionalAutoregressiveStep {
        /// Fast densities.
        Masked(ConditionalMasked),
        /// Fast samples.
        Inverted(Inverted<ConditionalMasked>),
    }
    impl Bijection<Tensor<2>>: Tensor<2> => Tensor<2>;
    impl Lower<Tensor<2>> {
        fn lower(&self, plan: &mut Lowering);
        fn data_shape(&self, latent: [usize; 3]) -> [usize; 3];
    }
}

/// A step of a masked network, with its condition if it has one.
pub(super) trait Step: Module + ModuleDisplay {
    fn of(transformer: CouplingTransformer, network: MaskedMlp, fast: FastSide) -> Self;
}

impl Step for AutoregressiveStep {
    fn of(transformer: CouplingTransformer, network: MaskedMlp, fast: FastSide) -> Self {
        let masked = Autoregressive::new(transformer, network);
        match fast {
            FastSide::Density => Self::Masked(masked),
            FastSide::Sample => Self::Inverted(masked.inverted()),
        }
    }
}

impl Step for ConditionalAutoregressiveStep {
    fn of(transformer: CouplingTransformer, network: MaskedMlp, fast: FastSide) -> Self {
        let masked = Autoregressive::new(transformer, WithContext::new(network));
        match fast {
            FastSide::Density => Self::Masked(masked),
            FastSide::Sample => Self::Inverted(masked.inverted()),
        }
    }
}
