//! The transformers of couplings and autoregressive layers, by configuration.

use serde::{Deserialize, Serialize};
use thalweg_flow::compiled::{LowerTransformer, Transform};
use thalweg_flow::{Additive, Affine, KnownScale, Least, LogScale, RationalQuadratic, layer_enum};

use super::{ComposedConfig, LeastConfig};
use crate::ConfigError;
use crate::model::ModelConfig;

/// How a raw number becomes the scale `eˢ` of an affine transformer.
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
    fn log_scale(self) -> LogScale {
        match self {
            Self::Exp => LogScale::Plain,
            Self::SoftBounded(bound) => LogScale::SoftBounded(bound),
            Self::Sigmoid { shift } => LogScale::Sigmoid(shift),
            Self::FlooredSigmoid { shift, floor } => LogScale::FlooredSigmoid { shift, floor },
            Self::FlooredSoftplus { floor } => LogScale::FlooredSoftplus(floor),
            Self::InverseSigmoid { shift } => LogScale::InverseSigmoid(shift),
        }
    }

    fn check(self, model: &'static str) -> Result<(), ConfigError> {
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

/// The transformer of a coupling or an autoregressive layer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum TransformerConfig {
    /// Shifts.
    Additive,
    /// Scales and shifts.
    Affine {
        /// Of the raw number of a scale.
        scale: ScaleConfig,
    },
    /// Rational-quadratic splines on `[−bound, bound]`, the identity outside.
    Spline {
        /// Bins of a spline.
        bins: usize,
        /// The identity begins here.
        bound: f64,
        /// With softly bounded slopes above this one, see [`RationalQuadratic::soft_bounded`]; `None` for the
        /// parametrization of the paper.
        #[serde(default)]
        least_slope: Option<f64>,
        /// Of the parametrization of the paper; `None` for a thousandth each.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        least: Option<LeastConfig>,
        /// What joins the ends of the range.
        #[serde(default, skip_serializing_if = "EndsConfig::is_straight")]
        ends: EndsConfig,
    },
}

/// What joins the ends of the range of a spline.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndsConfig {
    /// The identity outside.
    #[default]
    Straight,
    /// One learned slope: the range is a circle. See [`RationalQuadratic::circular`].
    Circular,
    /// The range is a circle, which the spline takes from its other side. See [`RationalQuadratic::turned`].
    Turned,
}

impl EndsConfig {
    fn is_straight(&self) -> bool {
        *self == Self::Straight
    }
}

impl TransformerConfig {
    pub(crate) fn check(self, model: &'static str) -> Result<(), ConfigError> {
        match self {
            Self::Additive => Ok(()),
            Self::Affine { scale } => scale.check(model),
            Self::Spline {
                bins,
                bound,
                least_slope,
                least,
                ..
            } => {
                ConfigError::check(model, "bins", bins as u64, [2, 500])?;
                ConfigError::check_positive(model, "bound", bound)?;
                match (least_slope, least) {
                    (Some(_), Some(_)) => Err(ConfigError::Setting {
                        model,
                        field: "least",
                        problem: "a spline with softly bounded slopes has no other least sizes"
                            .into(),
                    }),
                    (Some(slope), None) => {
                        ConfigError::check_range(model, "least_slope", slope, SLOPES)
                    }
                    (None, Some(least)) => least.check(model, bins),
                    (None, None) => Ok(()),
                }
            }
        }
    }

    /// The transformer.
    ///
    /// # Errors
    ///
    /// A bound, a floor or a slope that is out of its range, and bins outside 2 ..= 500.
    pub fn try_transformer(self) -> Result<ComposedTransformer, ConfigError> {
        self.check(ComposedConfig::KIND)?;
        Ok(self.transformer())
    }

    /// The transformer of a configuration that passes its checks.
    pub(crate) fn transformer(self) -> ComposedTransformer {
        match self {
            Self::Additive => ComposedTransformer::Additive(Additive::new()),
            Self::Affine { scale } => {
                let scale = KnownScale::new(scale.log_scale());
                ComposedTransformer::Affine(Affine::with_scale_map(scale))
            }
            Self::Spline {
                bins,
                bound,
                least_slope,
                ends,
                ..
            } => {
                let spline = match ends {
                    EndsConfig::Circular => RationalQuadratic::circular(bins, bound),
                    EndsConfig::Straight => RationalQuadratic::new(bins, bound),
                    EndsConfig::Turned => RationalQuadratic::new(bins, bound).turned(),
                };
                ComposedTransformer::Spline(match least_slope {
                    Some(least) => spline.with_soft_bounds(least),
                    None => spline.with_least(self.least()),
                })
            }
        }
    }

    /// The least sizes and slope of a spline, those of [`Least::default`] where none are given.
    pub fn least(self) -> Least {
        match self {
            Self::Spline {
                least: Some(least), ..
            } => least.least(),
            _ => Least::default(),
        }
    }

    /// Parameters of one feature.
    pub fn parameters(self) -> usize {
        match self {
            Self::Additive => 1,
            Self::Affine { .. } => 2,
            Self::Spline {
                bins,
                ends: EndsConfig::Circular,
                ..
            } => 3 * bins,
            Self::Spline { bins, .. } => 3 * bins - 1,
        }
    }
}

/// Of a least slope, which is above 0 and below 1.
pub(super) const SLOPES: [f64; 2] = [1e-9, 0.999];

layer_enum! {
    /// One of the transformers of [`TransformerConfig`].
    pub enum ComposedTransformer {
        /// Shifts.
        Additive(Additive),
        /// Scales and shifts.
        Affine(Affine<KnownScale>),
        /// Splines.
        Spline(RationalQuadratic),
    }
    impl Transformer;
    impl LowerTransformer {
        fn lower_transformer(&self) -> Transform;
    }
}
