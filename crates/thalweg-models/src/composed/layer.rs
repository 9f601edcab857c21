//! The layers of a composed flow, by configuration.

use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::{
    ActNorm, Autoregressive, Coupling, ElementwiseAffine, Full, Invert, Inverted, InvertibleLinear,
    MaskedMlp, Noise, Permutation, Planar, Plu, Radial, Split, layer_enum,
};

use super::network::check_order;
use super::{ComposedNetwork, ComposedTransformer, MaskedConfig, NetworkConfig, TransformerConfig};
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
    /// A transformer of all features, whose parameters are a network of the context: in a flow given vectors.
    Context {
        /// Of each feature.
        transformer: TransformerConfig,
        /// From the context to the parameters of all features.
        network: NetworkConfig,
    },
    /// The inverse of a planar, radial, coupling, autoregressive or context layer.
    Inverted(Box<LayerConfig>),
}

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
            | Self::Radial => Ok(()),
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
            Self::Context { .. } if context == 0 => Err(ConfigError::Setting {
                model,
                field: "layers",
                problem: "a layer of the context needs one: give the flow one by `with_context`"
                    .into(),
            }),
            Self::Context {
                transformer,
                network,
            } => {
                transformer.check(model)?;
                network.check(model, context)
            }
            Self::Inverted(layer) if layer.is_one_way() => layer.check(model, sizes),
            Self::Inverted(layer) => Err(ConfigError::Setting {
                model,
                field: "layers",
                problem: format!(
                    "only planar, radial, coupling, autoregressive and context layers come inverted, got {layer:?}"
                ),
            }),
        }
    }

    /// Whether its inverse is a layer of another kind.
    fn is_one_way(&self) -> bool {
        use LayerConfig::{Autoregressive, Context, Coupling, Planar, Radial};
        matches!(
            self,
            Planar | Radial | Coupling { .. } | Autoregressive { .. } | Context { .. }
        )
    }

    /// A lower bound on the number of parameters of a layer whose networks see `context` more numbers.
    pub(super) fn count(&self, features: usize, context: usize) -> u128 {
        let wide = features as u128;
        match self {
            Self::Permutation { .. } | Self::ActNorm | Self::Affine | Self::Planar => 2 * wide,
            Self::Radial => wide,
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
            Self::Inverted(layer) => layer.count(features, context),
        }
    }

    /// The passes of `[density, sample]`.
    pub(super) fn passes(&self, features: usize) -> [Passes; 2] {
        match self {
            Self::Autoregressive { .. } if features > 1 => {
                [Passes::One, Passes::Incremental { features }]
            }
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
            Self::Context { .. } => unreachable!("a flow without a context has no such layer"),
            Self::Inverted(layer) => layer.build(features, noise, device).inverted_layer(),
        }
    }
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
        /// A coupling.
        Coupling(Coupling<ComposedTransformer, ComposedNetwork>),
        /// An autoregressive layer.
        Autoregressive(Autoregressive<ComposedTransformer, MaskedMlp>),
        /// The inverse of the planar flow.
        InvertedPlanar(Inverted<Planar>),
        /// The inverse of the radial flow.
        InvertedRadial(Inverted<Radial>),
        /// The inverse of a coupling.
        InvertedCoupling(Inverted<Coupling<ComposedTransformer, ComposedNetwork>>),
        /// The inverse of an autoregressive layer.
        InvertedAutoregressive(Inverted<Autoregressive<ComposedTransformer, MaskedMlp>>),
    }
    impl<C> Bijection<C>: Tensor<2> => Tensor<2>;
    impl<C> Lower<C>;
}

impl ComposedLayer {
    /// The inverse of a planar, radial, coupling or autoregressive layer; another layer as it is.
    pub fn inverted_layer(self) -> Self {
        match self {
            Self::Planar(layer) => Self::InvertedPlanar(layer.inverted()),
            Self::Radial(layer) => Self::InvertedRadial(layer.inverted()),
            Self::Coupling(layer) => Self::InvertedCoupling(layer.inverted()),
            Self::Autoregressive(layer) => Self::InvertedAutoregressive(layer.inverted()),
            other => other,
        }
    }
}
