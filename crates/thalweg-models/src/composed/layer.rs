//! The layers of a composed flow, by configuration.

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::{
    ActNorm, Autoregressive, Coupling, Curve, ElementwiseAffine, Full, Invert, Inverted,
    InvertibleLinear, Logit, MaskedMlp, NeuralAutoregressive, Noise, Nonlinearity, Permutation,
    Planar, Plu, Radial, SoftClip, Split, layer_enum,
};

use super::network::check_order;
use super::{
    ComposedNetwork, ComposedTransformer, MaskedConfig, MonotoneConfig, NetworkConfig,
    TransformerConfig,
};
use crate::{ConfigError, Passes};

/// A layer, from data to latents.
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
    /// The inverse of any layer but a permutation and an embedding.
    Inverted(Box<LayerConfig>),
}

/// Of the cut of a [`Curve::LogTanh`]: beyond, f64 has no digits of `α`.
const CUTS: [f64; 2] = [1e-3, 10.0];

impl LayerConfig {
    /// `Ok` for `[features, context]`, the context of a flow without one being 0.
    pub(super) fn check(
        &self,
        model: &'static str,
        sizes @ [features, context]: [usize; 2],
    ) -> Result<(), ConfigError> {
        match self {
            Self::Permutation { order } => check_order(model, order, features),
            Self::ActNorm
            | Self::Affine
            | Self::Linear
            | Self::Matrix
            | Self::Planar
            | Self::Radial
            | Self::Logit => Ok(()),
            Self::Nonlinearity(curve) => match *curve {
                Curve::Tanh | Curve::Cauchy => Ok(()),
                Curve::LogTanh(cut) => ConfigError::check_range(model, "cut", cut, CUTS),
                Curve::LeakySlope(slope) => ConfigError::check_positive(model, "slope", slope),
            },
            Self::SoftClip { bound } => ConfigError::check_positive(model, "bound", *bound),
            Self::Coupling {
                kept,
                transformer,
                network,
            } => {
                let most = (features - 1) as u64;
                ConfigError::check(model, "kept", *kept as u64, [1, most])?;
                transformer.check(model)?;
                network.check(model, context)
            }
            Self::Autoregressive {
                transformer,
                network,
            } => {
                transformer.check(model)?;
                network.check(model, sizes)
            }
            Self::NeuralAutoregressive {
                univariate,
                network,
            } => {
                univariate.check(model)?;
                network.check(model, sizes)?;
                if network.residual || network.modulation.is_some() {
                    return Err(ConfigError::Setting {
                        model,
                        field: "network",
                        problem: "the conditioner of increasing networks is a perceptron without residual blocks"
                            .into(),
                    });
                }
                Ok(())
            }
            Self::Context { .. } | Self::Embedded { .. } if context == 0 => {
                Err(ConfigError::Setting {
                    model,
                    field: "layers",
                    problem:
                        "a layer of the context needs one: give the flow one by `with_context`"
                            .into(),
                })
            }
            Self::Context {
                transformer,
                network,
            } => {
                transformer.check(model)?;
                network.check(model, context)
            }
            Self::Embedded {
                width,
                network,
                layers,
            } => {
                ConfigError::at_least(model, [("width", *width, 1), ("layers", layers.len(), 1)])?;
                network.check(model, context)?;
                if network.residual || network.standardized || network.modulation.is_some() {
                    return Err(ConfigError::Setting {
                        model,
                        field: "network",
                        problem: "an embedding is a perceptron without residual blocks and norms"
                            .into(),
                    });
                }
                let mut layers = layers.iter();
                layers.try_for_each(|layer| layer.check(model, [features, *width]))
            }
            Self::Inverted(layer)
                if !matches!(
                    **layer,
                    Self::Inverted(_) | Self::Permutation { .. } | Self::Embedded { .. }
                ) =>
            {
                layer.check(model, sizes)
            }
            Self::Inverted(layer) => Err(ConfigError::Setting {
                model,
                field: "layers",
                problem: format!(
                    "the inverse of a permutation is one, that of an inverse the layer itself, and embeddings have none, got {layer:?}"
                ),
            }),
        }
    }

    /// A lower bound on the number of parameters of a layer whose networks see `context` more numbers.
    pub(super) fn count(&self, features: usize, context: usize) -> u128 {
        let wide = features as u128;
        match self {
            Self::Permutation { .. } | Self::ActNorm | Self::Affine | Self::Planar => 2 * wide,
            Self::Radial => wide,
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
    pub(super) fn passes(&self, features: usize) -> [Passes; 2] {
        match self {
            Self::Autoregressive { .. } | Self::NeuralAutoregressive { .. } if features > 1 => {
                [Passes::One, Passes::Incremental { features }]
            }
            Self::Embedded { layers, .. } => passes(layers, features),
            Self::Inverted(layer) => {
                let [density, sample] = layer.passes(features);
                [sample, density]
            }
            _ => [Passes::One; 2],
        }
    }

    /// The untrained layer of a configuration that passes its checks.
    pub(super) fn build(
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
pub(super) fn passes(layers: &[LayerConfig], features: usize) -> [Passes; 2] {
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

layer_enum! {
    /// A layer of a [`ComposedFlow`](super::ComposedFlow); see [`LayerConfig`].
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
    pub fn inverted_layer(self) -> Self {
        match self {
            Self::Planar(layer) => Self::InvertedPlanar(layer.inverted()),
            Self::Radial(layer) => Self::InvertedRadial(layer.inverted()),
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
            Self::Permutation(_) => self,
        }
    }
}
