//! The layers of a composed flow.

mod check;
mod config;

use burn::tensor::Tensor;
use thalweg_flow::{
    ActNorm, Autoregressive, CircleShift, Coupling, ElementwiseAffine, Full, Invert, Inverted,
    InvertibleLinear, InvertibleResidual, Logit, MaskedMlp, NeuralAutoregressive, Nonlinearity,
    Permutation, Planar, Plu, Radial, SoftClip, layer_enum,
};

pub use config::LayerConfig;
pub(super) use config::passes;

use super::{ComposedNetwork, ComposedTransformer};

layer_enum! {
    /// A layer of a [`ComposedFlow`](super::ComposedFlow); see [`LayerConfig`].
    ///
    /// See [`VectorFlow::from_layers`](crate::VectorFlow::from_layers) for an example.
    pub enum ComposedLayer {
        /// Another order of the features.
        Permutation(Permutation),
        /// Centred and scaled features.
        ActNorm(ActNorm),
        /// Scaled and shifted features.
        Affine(ElementwiseAffine),
        /// A matrix by its factors.
        Linear(InvertibleLinear<Plu>),
        /// A matrix.
        Matrix(InvertibleLinear<Full>),
        /// The planar flow.
        Planar(Planar),
        /// The radial flow.
        Radial(Radial),
        /// From the unit cube to the whole space.
        Logit(Logit),
        /// From the whole space into a cube.
        SoftClip(SoftClip),
        /// A fixed function of each feature.
        Nonlinearity(Nonlinearity),
        /// An invertible residual network.
        Residual(InvertibleResidual),
        /// Turned circles.
        CircleShift(CircleShift),
        /// A coupling.
        Coupling(Coupling<ComposedTransformer, ComposedNetwork>),
        /// An autoregressive layer.
        Autoregressive(Autoregressive<ComposedTransformer, MaskedMlp>),
        /// An autoregressive layer of increasing networks.
        NeuralAutoregressive(NeuralAutoregressive<MaskedMlp>),
        /// The inverse of the planar flow.
        InvertedPlanar(Inverted<Planar>),
        /// The inverse of the radial flow.
        InvertedRadial(Inverted<Radial>),
        /// The inverse of an invertible residual network.
        InvertedResidual(Inverted<InvertibleResidual>),
        /// The inverse of a coupling.
        InvertedCoupling(Inverted<Coupling<ComposedTransformer, ComposedNetwork>>),
        /// The inverse of an autoregressive layer.
        InvertedAutoregressive(Inverted<Autoregressive<ComposedTransformer, MaskedMlp>>),
        /// The inverse of an autoregressive layer of increasing networks.
        InvertedNeuralAutoregressive(Inverted<NeuralAutoregressive<MaskedMlp>>),
        /// The inverse of a normalization.
        InvertedActNorm(Inverted<ActNorm>),
        /// The inverse of scales and shifts.
        InvertedAffine(Inverted<ElementwiseAffine>),
        /// The inverse of a matrix by its factors.
        InvertedLinear(Inverted<InvertibleLinear<Plu>>),
        /// The inverse of a matrix.
        InvertedMatrix(Inverted<InvertibleLinear<Full>>),
        /// From the whole space into the unit cube.
        InvertedLogit(Inverted<Logit>),
        /// From a cube to the whole space.
        InvertedSoftClip(Inverted<SoftClip>),
        /// The inverse of a fixed function.
        InvertedNonlinearity(Inverted<Nonlinearity>),
    }
    impl<C> Bijection<C>: Tensor<2> => Tensor<2>;
    impl<C> Lower<C>;
}

impl ComposedLayer {
    /// The inverse of a layer, which of an inverse is the layer itself; a permutation as it is.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Bijection, Noise, Planar};
    /// use thalweg_models::composed::ComposedLayer;
    ///
    /// let device = Device::default();
    /// let layer = ComposedLayer::Planar(Planar::new(2, &mut Noise::seeded(0), &device));
    /// let x = Tensor::<2>::ones([1, 2], &device);
    /// let (z, _) = layer.forward(x.clone(), &());
    /// let (back, _) = layer.inverted_layer().forward(z, &());
    /// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-5);
    /// ```
    pub fn inverted_layer(self) -> Self {
        match self {
            Self::Planar(layer) => Self::InvertedPlanar(layer.inverted()),
            Self::Radial(layer) => Self::InvertedRadial(layer.inverted()),
            Self::Residual(layer) => Self::InvertedResidual(layer.inverted()),
            Self::Coupling(layer) => Self::InvertedCoupling(layer.inverted()),
            Self::Autoregressive(layer) => Self::InvertedAutoregressive(layer.inverted()),
            Self::NeuralAutoregressive(layer) => {
                Self::InvertedNeuralAutoregressive(layer.inverted())
            }
            Self::ActNorm(layer) => Self::InvertedActNorm(layer.inverted()),
            Self::Affine(layer) => Self::InvertedAffine(layer.inverted()),
            Self::Linear(layer) => Self::InvertedLinear(layer.inverted()),
            Self::Matrix(layer) => Self::InvertedMatrix(layer.inverted()),
            Self::Logit(layer) => Self::InvertedLogit(layer.inverted()),
            Self::Nonlinearity(layer) => Self::InvertedNonlinearity(layer.inverted()),
            Self::SoftClip(layer) => Self::InvertedSoftClip(layer.inverted()),
            Self::InvertedPlanar(layer) => Self::Planar(layer.into_inner()),
            Self::InvertedRadial(layer) => Self::Radial(layer.into_inner()),
            Self::InvertedResidual(layer) => Self::Residual(layer.into_inner()),
            Self::InvertedCoupling(layer) => Self::Coupling(layer.into_inner()),
            Self::InvertedAutoregressive(layer) => Self::Autoregressive(layer.into_inner()),
            Self::InvertedNeuralAutoregressive(layer) => {
                Self::NeuralAutoregressive(layer.into_inner())
            }
            Self::InvertedActNorm(layer) => Self::ActNorm(layer.into_inner()),
            Self::InvertedAffine(layer) => Self::Affine(layer.into_inner()),
            Self::InvertedLinear(layer) => Self::Linear(layer.into_inner()),
            Self::InvertedMatrix(layer) => Self::Matrix(layer.into_inner()),
            Self::InvertedLogit(layer) => Self::Logit(layer.into_inner()),
            Self::InvertedNonlinearity(layer) => Self::Nonlinearity(layer.into_inner()),
            Self::InvertedSoftClip(layer) => Self::SoftClip(layer.into_inner()),
            Self::CircleShift(layer) => Self::CircleShift(layer.back()),
            Self::Permutation(_) => self,
        }
    }
}
