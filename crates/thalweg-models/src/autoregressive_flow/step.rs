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
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Affine, Autoregressive, Bijection, Invert, MaskedMlpConfig, Noise};
    /// use thalweg_models::CouplingTransformer;
    /// use thalweg_models::autoregressive_flow::{AutoregressiveStep, Masked};
    ///
    /// let device = Device::default();
    /// let network = MaskedMlpConfig::new(3, vec![8], 2).init(&mut Noise::seeded(0), &device);
    /// let layer: Masked = Autoregressive::new(CouplingTransformer::Affine(Affine::new()), network);
    /// let x = Tensor::<2>::ones([1, 3], &device);
    /// let (z, _) = AutoregressiveStep::Masked(layer.clone()).forward(x.clone(), &());
    /// let (back, _) = AutoregressiveStep::Inverted(layer.inverted()).forward(z, &());
    /// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
    /// ```
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
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Affine, Autoregressive, Bijection, MaskedMlpConfig, Noise, WithContext};
    /// use thalweg_models::CouplingTransformer;
    /// use thalweg_models::autoregressive_flow::{ConditionalAutoregressiveStep, ConditionalMasked};
    ///
    /// let device = Device::default();
    /// let network = MaskedMlpConfig::new(3, vec![8], 2).with_context(1).init(&mut Noise::seeded(0), &device);
    /// let affine = CouplingTransformer::Affine(Affine::new());
    /// let layer: ConditionalMasked = Autoregressive::new(affine, WithContext::new(network));
    /// let step = ConditionalAutoregressiveStep::Masked(layer);
    /// let (x, context) = (Tensor::<2>::ones([1, 3], &device), Tensor::<2>::ones([1, 1], &device));
    /// let (z, _) = step.forward(x.clone(), &context);
    /// assert!((step.inverse(z.clone(), &context).0 - x.clone()).abs().max().into_scalar::<f32>() < 1e-5);
    /// // Another condition, another map.
    /// let (other, _) = step.forward(x, &(context * 2.0));
    /// assert!((other - z).abs().max().into_scalar::<f32>() > 1e-3);
    /// ```
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
