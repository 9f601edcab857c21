//! Which configurations are layers.

use thalweg_flow::Curve;

use super::super::network::{check_activation, check_order};
use super::LayerConfig;
use crate::ConfigError;

/// Of the cut of a [`Curve::LogTanh`]: beyond, f64 has no digits of `α`.
const CUTS: [f64; 2] = [1e-3, 10.0];

impl LayerConfig {
    /// `Ok` for `[features, context]`, the context of a flow without one being 0.
    pub(in crate::composed) fn check(
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
            Self::Residual {
                hidden,
                activation,
                lipschitz,
            } => {
                let widths = hidden.iter().map(|width| ("hidden", *width, 1));
                ConfigError::at_least(model, widths)?;
                check_activation(model, *activation)?;
                ConfigError::check_range(model, "lipschitz", *lipschitz, [1e-3, 0.999])
            }
            Self::CircleShift { bounds } if bounds.len() == features => {
                let mut bounds = bounds.iter();
                bounds.try_for_each(|of| ConfigError::check_range(model, "bounds", *of, [0.0, 1e6]))
            }
            Self::CircleShift { bounds } => Err(ConfigError::Setting {
                model,
                field: "bounds",
                problem: format!("one of each of {features} features, got {}", bounds.len()),
            }),
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
                if network.residual || network.modulation.is_some() || !network.angles.is_empty() {
                    return Err(ConfigError::Setting {
                        model,
                        field: "network",
                        problem: "the conditioner of increasing networks is a perceptron without residual blocks and angles"
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
                    Self::Inverted(_)
                        | Self::Permutation { .. }
                        | Self::CircleShift { .. }
                        | Self::Embedded { .. }
                ) =>
            {
                layer.check(model, sizes)
            }
            Self::Inverted(layer) => Err(ConfigError::Setting {
                model,
                field: "layers",
                problem: format!(
                    "the inverse of a permutation or a shift of circles is one, that of an inverse the layer itself, and embeddings have none, got {layer:?}"
                ),
            }),
        }
    }
}
