//! The layers of a composed flow under a condition.

use burn::tensor::{Device, Tensor};
use thalweg_flow::compiled::Lowering;
use thalweg_flow::{
    Autoregressive, ContextTransform, Coupling, Embedded, Invert, Inverted, Lower, MaskedMlp, Mlp,
    MlpConfig, NeuralAutoregressive, Noise, Split, WithContext, layer_enum,
};

use super::{ComposedLayer, ComposedNetwork, ComposedTransformer, LayerConfig};

/// A coupling whose network sees the kept features and the condition.
///
/// See [`ConditionalComposedFlow`](super::ConditionalComposedFlow) for an example.
pub type GivenCoupling = Coupling<ComposedTransformer, WithContext<ComposedNetwork>>;

/// An autoregressive layer whose network sees the features before and the condition.
///
/// See [`ConditionalComposedFlow`](super::ConditionalComposedFlow) for an example of such a model.
pub type GivenAutoregressive = Autoregressive<ComposedTransformer, WithContext<MaskedMlp>>;

/// An autoregressive layer of increasing networks, whose conditioner sees the condition too.
///
/// See [`ConditionalComposedFlow`](super::ConditionalComposedFlow) for an example of such a model.
pub type GivenNeural = NeuralAutoregressive<WithContext<MaskedMlp>>;

/// A transformer of all features, whose parameters are a network of the condition.
///
/// See [`ConditionalComposedFlow`](super::ConditionalComposedFlow) for an example of such a model.
pub type OfContext = ContextTransform<ComposedTransformer, ComposedNetwork>;

/// Layers whose condition is a perceptron of the given one.
///
/// See [`Embedded`] for an example of the layer.
pub type UnderEmbedding = Embedded<Mlp, Vec<GivenLayer>>;

layer_enum! {
    /// A layer of a [`ConditionalComposedFlow`](super::ConditionalComposedFlow); see [`LayerConfig`].
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Bijection, MlpConfig, Noise};
    /// use thalweg_models::composed::{ComposedNetwork, GivenLayer, OfContext, TransformerConfig};
    ///
    /// let device = Device::default();
    /// // Two numbers of context shift three features.
    /// let network = MlpConfig::new(2, vec![8], 3).init(&mut Noise::seeded(0), &device);
    /// let shifts = TransformerConfig::Additive.try_transformer()?;
    /// let layer = GivenLayer::Context(OfContext::new(shifts, ComposedNetwork::Plain(network)));
    /// let (x, context) = (Tensor::<2>::ones([1, 3], &device), Tensor::<2>::ones([1, 2], &device));
    /// let (z, log_det) = layer.forward(x.clone(), &context);
    /// assert_eq!(log_det.into_scalar::<f32>(), 0.0);
    /// let (back, _) = layer.inverted_layer().forward(z, &context);
    /// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-6);
    /// # Ok::<(), thalweg_models::ConfigError>(())
    /// ```
    pub enum GivenLayer {
        /// A layer that has no network.
        Fixed(ComposedLayer),
        /// A coupling.
        Coupling(GivenCoupling),
        /// An autoregressive layer.
        Autoregressive(GivenAutoregressive),
        /// An autoregressive layer of increasing networks.
        NeuralAutoregressive(GivenNeural),
        /// A transformer whose parameters are a network of the condition.
        Context(OfContext),
        /// The inverse of a coupling.
        InvertedCoupling(Inverted<GivenCoupling>),
        /// The inverse of an autoregressive layer.
        InvertedAutoregressive(Inverted<GivenAutoregressive>),
        /// The inverse of an autoregressive layer of increasing networks.
        InvertedNeuralAutoregressive(Inverted<GivenNeural>),
        /// The inverse of a transformer by the condition.
        InvertedContext(Inverted<OfContext>),
        /// Layers under an embedding of the condition.
        Embedded(UnderEmbedding),
    }
    impl Bijection<Tensor<2>>: Tensor<2> => Tensor<2>;
    impl Lower<Tensor<2>> {
        fn lower(&self, plan: &mut Lowering);
        fn data_shape(&self, latent: [usize; 3]) -> [usize; 3];
    }
}

impl GivenLayer {
    /// The inverse of a layer, which of an inverse is the layer itself; a permutation and an embedding as they are.
    ///
    /// See [`GivenLayer`] for an example.
    pub fn inverted_layer(self) -> Self {
        match self {
            Self::Fixed(layer) => Self::Fixed(layer.inverted_layer()),
            Self::Coupling(layer) => Self::InvertedCoupling(layer.inverted()),
            Self::Autoregressive(layer) => Self::InvertedAutoregressive(layer.inverted()),
            Self::NeuralAutoregressive(layer) => {
                Self::InvertedNeuralAutoregressive(layer.inverted())
            }
            Self::Context(layer) => Self::InvertedContext(layer.inverted()),
            Self::InvertedCoupling(layer) => Self::Coupling(layer.into_inner()),
            Self::InvertedAutoregressive(layer) => Self::Autoregressive(layer.into_inner()),
            Self::InvertedNeuralAutoregressive(layer) => {
                Self::NeuralAutoregressive(layer.into_inner())
            }
            Self::InvertedContext(layer) => Self::Context(layer.into_inner()),
            Self::Embedded(_) => self,
        }
    }

    /// The untrained layer of a configuration that passes its checks, for `[features, context]`.
    pub(super) fn build(
        config: &LayerConfig,
        [features, context]: [usize; 2],
        noise: &mut Noise,
        device: &Device,
    ) -> Self {
        match config {
            LayerConfig::Coupling {
                kept,
                transformer,
                network,
            } => {
                let outputs = (features - kept) * transformer.parameters();
                let network = network.build([kept + context, context, outputs], noise, device);
                let (split, transformer) = (Split::at(*kept), transformer.transformer());
                Self::Coupling(Coupling::new(split, transformer, WithContext::new(network)))
            }
            LayerConfig::Autoregressive {
                transformer,
                network,
            } => {
                let network = network.build([context, transformer.parameters()], noise, device);
                let network = WithContext::new(network);
                Self::Autoregressive(Autoregressive::new(transformer.transformer(), network))
            }
            LayerConfig::NeuralAutoregressive {
                univariate,
                network,
            } => {
                let sizes = [context, univariate.parameters()];
                let conditioner = WithContext::new(network.build(sizes, noise, device));
                let networks = univariate.build(features, noise, device);
                Self::NeuralAutoregressive(NeuralAutoregressive::new(networks, conditioner))
            }
            LayerConfig::Context {
                transformer,
                network,
            } => {
                let outputs = features * transformer.parameters();
                let network = network.build([context, context, outputs], noise, device);
                Self::Context(ContextTransform::new(transformer.transformer(), network))
            }
            LayerConfig::Embedded {
                width,
                network,
                layers,
            } => {
                let embedding = MlpConfig::new(context, network.hidden.clone(), *width)
                    .with_activation(network.activation)
                    .init(noise, device);
                let layers = layers.iter();
                let layers = layers.map(|of| Self::build(of, [features, *width], noise, device));
                Self::Embedded(Embedded::new(embedding, layers.collect()))
            }
            LayerConfig::Inverted(layer) => {
                Self::build(layer, [features, context], noise, device).inverted_layer()
            }
            other => Self::Fixed(other.build(features, noise, device)),
        }
    }
}
