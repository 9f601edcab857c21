//! The scale of an affine transformer, by configuration.

use serde::{Deserialize, Serialize};
use thalweg_flow::LogScale;

use crate::ConfigError;

/// How a raw number becomes the scale `eˢ` of an affine transformer.
///
/// See [`TransformerConfig::try_transformer`](super::TransformerConfig::try_transformer) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum ScaleConfig {
    /// `s = r`.
    Exp,
    /// `s = r / (1 + |r|/b)`, between `−b` and `b`.
    SoftBounded(f64),
    /// `eˢ = σ(r + shift)`.
    Sigmoid {
        /// Added to `r`.
        shift: f64,
    },
    /// `eˢ = σ(r + shift) + floor`.
    FlooredSigmoid {
        /// Added to `r`.
        shift: f64,
        /// The least scale.
        floor: f64,
    },
    /// `eˢ = ln(1 + eʳ) + floor`.
    FlooredSoftplus {
        /// The least scale.
        floor: f64,
    },
    /// `eˢ = 1 / σ(r + shift)`.
    InverseSigmoid {
        /// Added to `r`.
        shift: f64,
    },
}

impl ScaleConfig {
    pub(super) fn log_scale(self) -> LogScale {
        match self {
            Self::Exp => LogScale::Plain,
            Self::SoftBounded(bound) => LogScale::SoftBounded(bound),
            Self::Sigmoid { shift } => LogScale::Sigmoid(shift),
            Self::FlooredSigmoid { shift, floor } => LogScale::FlooredSigmoid { shift, floor },
            Self::FlooredSoftplus { floor } => LogScale::FlooredSoftplus(floor),
            Self::InverseSigmoid { shift } => LogScale::InverseSigmoid(shift),
        }
    }

    pub(super) fn check(self, model: &'static str) -> Result<(), ConfigError> {
        match self {
            Self::Exp => Ok(()),
            Self::SoftBounded(bound) => ConfigError::check_positive(model, "bound", bound),
            Self::FlooredSigmoid { shift, floor } => {
                ConfigError::check_positive(model, "floor", floor)?;
                ConfigError::check_range(model, "shift", shift, LIMITS)
            }
            Self::FlooredSoftplus { floor } => ConfigError::check_positive(model, "floor", floor),
            Self::Sigmoid { shift } | Self::InverseSigmoid { shift } => {
                ConfigError::check_range(model, "shift", shift, LIMITS)
            }
        }
    }
}

/// Of a number in front of a sigmoid, which is 0 or 1 in f32 beyond.
const LIMITS: [f64; 2] = [-80.0, 80.0];
