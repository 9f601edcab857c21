//! The kinds of layers, as a configuration says them.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_flow::{
    ActNorm, Activation, Autoregressive, CircleShift, Coupling, Curve, ElementwiseAffine, Full,
    InvertibleLinear, InvertibleResidual, Logit, MlpConfig, NeuralAutoregressive, Noise,
    Nonlinearity, Permutation, Planar, Plu, Radial, SoftClip, Split,
};

use super::super::{MaskedConfig, MonotoneConfig, NetworkConfig, TransformerConfig};
use super::ComposedLayer;
use crate::Passes;
use crate::config::perceptron;

/// A layer, from data to latents.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::ComposedConfig;
/// use thalweg_models::composed::LayerConfig;
///
/// let device = Device::default();
/// let encode = |layers, x| ComposedConfig::new(1, layers).init(&device).encode(x);
/// let x = Tensor::<2>::from_floats([[0.75]], &device);
/// // ln ¾ − ln ¼
/// let z = encode(vec![LayerConfig::Logit], x.clone());
/// assert!((z.into_scalar::<f32>() - 3.0_f32.ln()).abs() < 1e-6);
/// let inverse = LayerConfig::Inverted(Box::new(LayerConfig::Logit));
/// let back = encode(vec![LayerConfig::Logit, inverse], x.clone());
/// assert!((back - x).abs().into_scalar::<f32>() < 1e-6);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum LayerConfig {
    /// `zᵢ = x_{order[i]}`.
    Permutation {
        /// Each feature once.
        order: Vec<usize>,
    },
    /// `z = (x − μ) ⊙ eˢ`.
    ActNorm,
    /// `z = eˢ ⊙ x + t`.
    Affine,
    /// `z = W x`, by triangular factors.
    Linear,
    /// `z = W x`, by the matrix itself.
    Matrix,
    /// The planar flow.
    Planar,
    /// The radial flow.
    Radial,
    /// `z = ln x − ln(1 − x)`, of numbers between 0 and 1.
    Logit,
    /// `z = x / (1 + |x|/bound)`, between `−bound` and `bound`.
    SoftClip {
        /// Of the latents.
        bound: f64,
    },
    /// A fixed function of each feature.
    Nonlinearity(Curve),
    /// `z = x + g(x)` with a perceptron `g`; see [`InvertibleResidual`].
    Residual {
        /// Widths of the hidden layers.
        hidden: Vec<usize>,
        /// After each hidden layer.
        activation: Activation,
        /// The most that `g` stretches distances.
        lipschitz: f64,
    },
    /// `zᵢ = xᵢ + tᵢ` on circles; see [`CircleShift`].
    CircleShift {
        /// From `−bound` to `bound`, one a feature; 0 of those on no circle.
        bounds: Vec<f64>,
    },
    /// A coupling that keeps the first features. Any other mask is a permutation in front and its inverse
    /// behind.
    Coupling {
        /// The number of features that are kept.
        kept: usize,
        /// Of the others.
        transformer: TransformerConfig,
        /// From the kept features to the parameters of the others.
        network: NetworkConfig,
    },
    /// An autoregressive layer.
    Autoregressive {
        /// Of each feature.
        transformer: TransformerConfig,
        /// From the features before it to its parameters.
        network: MaskedConfig,
    },
    /// An autoregressive layer with an increasing network of each feature: its conditioner is a perceptron.
    NeuralAutoregressive {
        /// Of each feature.
        univariate: MonotoneConfig,
        /// From the features before it to its parameters.
        network: MaskedConfig,
    },
    /// A transformer of all features, whose parameters are a network of the context: in a flow given vectors.
    Context {
        /// Of each feature.
        transformer: TransformerConfig,
        /// From the context to the parameters of all features.
        network: NetworkConfig,
    },
    /// Layers under an embedding of the context, which all of them see in its place: in a flow given vectors.
    Embedded {
        /// Numbers of the embedded context.
        width: usize,
        /// From the context to those: a perceptron.
        network: NetworkConfig,
        /// From data to latents.
        layers: Vec<LayerConfig>,
    },
    /// The inverse of any layer but a permutation, a shift of circles and an embedding.
    Inverted(Box<LayerConfig>),
}

impl LayerConfig {
    /// A lower bound on the number of parameters of a layer whose networks see `context` more numbers.
    pub(in crate::composed) fn count(&self, features: usize, context: usize) -> u128 {
        let wide = features as u128;
        match self {
            Self::Permutation { .. } | Self::ActNorm | Self::Affine | Self::Planar => 2 * wide,
            Self::Radial | Self::CircleShift { .. } => wide,
            Self::Logit | Self::SoftClip { .. } | Self::Nonlinearity(_) => 0,
            Self::Linear | Self::Matrix => wide.saturating_mul(wide),
            Self::Coupling {
                kept,
                transformer,
                network,
            } => {
                let outputs = (features - kept).saturating_mul(transformer.parameters());
                network.count([kept.saturating_add(context), context, outputs])
            }
            Self::Residual { hidden, .. } => {
                let widths = hidden.iter().copied();
                perceptron([features].into_iter().chain(widths).chain([features]))
            }
            Self::Context {
                transformer,
                network,
            } => {
                let outputs = features.saturating_mul(transformer.parameters());
                network.count([context, context, outputs])
            }
            Self::Autoregressive {
                transformer,
                network,
            } => network.count([context, transformer.parameters()]),
            Self::NeuralAutoregressive {
                univariate,
                network,
            } => {
                let conditioner = network.count([context, univariate.parameters()]);
                conditioner.saturating_add(univariate.count(features))
            }
            Self::Embedded {
                width,
                network,
                layers,
            } => {
                let counts = layers.iter().map(|layer| layer.count(features, *width));
                let embedding = network.count([context, 0, *width]);
                counts.fold(embedding, u128::saturating_add)
            }
            Self::Inverted(layer) => layer.count(features, context),
        }
    }

    /// The passes of `[density, sample]`.
    pub(in crate::composed) fn passes(&self, features: usize) -> [Passes; 2] {
        match self {
            Self::Autoregressive { .. } | Self::NeuralAutoregressive { .. } if features > 1 => {
                [Passes::One, Passes::Incremental { features }]
            }
            Self::Residual { .. } => [
                Passes::One,
                Passes::Solver {
                    evaluations: None,
                    tangents: 0,
                },
            ],
            Self::Embedded { layers, .. } => passes(layers, features),
            Self::Inverted(layer) => {
                let [density, sample] = layer.passes(features);
                [sample, density]
            }
            _ => [Passes::One; 2],
        }
    }

    /// The untrained layer of a configuration that passes its checks.
    pub(in crate::composed) fn build(
        &self,
        features: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> ComposedLayer {
        match self {
            Self::Permutation { order } => ComposedLayer::Permutation(
                Permutation::new(order, device).unwrap_or_else(|error| panic!("{error}")),
            ),
            Self::ActNorm => ComposedLayer::ActNorm(ActNorm::new(features, device)),
            Self::Affine => ComposedLayer::Affine(ElementwiseAffine::new(features, device)),
            Self::Linear => {
                let form = Plu::rotation(features, noise, device);
                ComposedLayer::Linear(InvertibleLinear::new(form))
            }
            Self::Matrix => {
                let form = Full::rotation(features, noise, device);
                ComposedLayer::Matrix(InvertibleLinear::new(form))
            }
            Self::Planar => ComposedLayer::Planar(Planar::new(features, noise, device)),
            Self::Radial => ComposedLayer::Radial(Radial::new(features, noise, device)),
            Self::Logit => ComposedLayer::Logit(Logit::new(0.0)),
            Self::Nonlinearity(curve) => ComposedLayer::Nonlinearity(Nonlinearity::new(*curve)),
            Self::SoftClip { bound } => ComposedLayer::SoftClip(SoftClip::new(*bound)),
            Self::Residual {
                hidden,
                activation,
                lipschitz,
            } => {
                let network = MlpConfig::new(features, hidden.clone(), features)
                    .with_activation(*activation)
                    .init(noise, device);
                ComposedLayer::Residual(InvertibleResidual::new(network, *lipschitz))
            }
            Self::CircleShift { bounds } => {
                ComposedLayer::CircleShift(CircleShift::new(bounds.clone(), device))
            }
            Self::Coupling {
                kept,
                transformer,
                network,
            } => {
                let outputs = (features - kept) * transformer.parameters();
                let network = network.build([*kept, 0, outputs], noise, device);
                let split = Split::at(*kept);
                ComposedLayer::Coupling(Coupling::new(split, transformer.transformer(), network))
            }
            Self::Autoregressive {
                transformer,
                network,
            } => {
                let network = network.build([0, transformer.parameters()], noise, device);
                let transformer = transformer.transformer();
                ComposedLayer::Autoregressive(Autoregressive::new(transformer, network))
            }
            Self::NeuralAutoregressive {
                univariate,
                network,
            } => {
                let conditioner = network.build([0, univariate.parameters()], noise, device);
                let networks = univariate.build(features, noise, device);
                let layer = NeuralAutoregressive::new(networks, conditioner);
                ComposedLayer::NeuralAutoregressive(layer)
            }
            Self::Context { .. } | Self::Embedded { .. } => {
                unreachable!("a flow without a context has no such layer")
            }
            Self::Inverted(layer) => layer.build(features, noise, device).inverted_layer(),
        }
    }
}

/// The passes of `[density, sample]` of all layers: more than one where a layer needs more.
pub(in crate::composed) fn passes(layers: &[LayerConfig], features: usize) -> [Passes; 2] {
    let mut found = [Passes::One; 2];
    for layer in layers {
        for (found, layer) in found.iter_mut().zip(layer.passes(features)) {
            if layer != Passes::One {
                *found = layer;
            }
        }
    }
    found
}
