//! The transformers of couplings and autoregressive layers, by configuration.

mod ends;
mod pieces;
mod scale;

use serde::{Deserialize, Serialize};
use thalweg_flow::compiled::{LowerTransformer, Transform};
use thalweg_flow::{
    Additive, Affine, BernsteinPolynomial, Gaussianization, KnownScale, Least, PolynomialSpline,
    RationalQuadratic, SumOfSquaresPolynomial, layer_enum,
};

pub use self::ends::EndsConfig;
pub use self::pieces::PiecesConfig;
pub use self::scale::ScaleConfig;
use super::{ComposedConfig, LeastConfig};
use crate::ConfigError;
use crate::model::ModelConfig;

/// The transformer of a coupling or an autoregressive layer.
///
/// See [`ComposedFlow`](super::ComposedFlow) for an example.
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
    /// Monotone piecewise polynomials on `[−bound, bound]`, the identity outside; see [`PolynomialSpline`].
    PolynomialSpline {
        /// What they are in a bin.
        pieces: PiecesConfig,
        /// Bins of a spline.
        bins: usize,
        /// The identity begins here.
        bound: f64,
        /// The least width of a bin, and the least height, or slope of a parabola.
        least: [f64; 2],
    },
    /// Integrals of sums of squared polynomials; see [`SumOfSquaresPolynomial`].
    SumOfSquares {
        /// How many.
        polynomials: usize,
        /// Of each.
        degree: usize,
        /// The unit of the numbers in the polynomials.
        bound: f64,
        /// The least slope.
        least_slope: f64,
    },
    /// Monotone Bernstein polynomials from `[−bound, bound]` onto itself, the identity outside; see
    /// [`BernsteinPolynomial`].
    Bernstein {
        /// Of each feature; the degree is 4 more.
        parameters: usize,
        /// The identity begins here.
        bound: f64,
    },
    /// From mixtures of normal distributions to one; see [`Gaussianization`].
    Gaussianization {
        /// Of a mixture.
        components: usize,
        /// The least deviation of a component, where components have means, deviations and weights; see
        /// [`Gaussianization::weighted`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        weighted: Option<f64>,
    },
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
                check_bins(model, bins, bound)?;
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
            Self::PolynomialSpline {
                bins, bound, least, ..
            } => {
                check_bins(model, bins, bound)?;
                // A quarter of the range at least is left to the weights.
                let most = 0.75 / bins as f64;
                ConfigError::check_range(model, "least", least[0], [0.0, most])?;
                ConfigError::check_range(model, "least", least[1], [0.0, most])
            }
            Self::SumOfSquares {
                polynomials,
                degree,
                bound,
                least_slope,
            } => {
                ConfigError::check(model, "polynomials", polynomials as u64, [1, 1000])?;
                ConfigError::check(model, "degree", degree as u64, [1, 20])?;
                ConfigError::check_positive(model, "bound", bound)?;
                ConfigError::check_range(model, "least_slope", least_slope, SLOPES)
            }
            Self::Gaussianization {
                components,
                weighted,
            } => {
                ConfigError::check(model, "components", components as u64, [1, 1000])?;
                match weighted {
                    None => Ok(()),
                    Some(least) => ConfigError::check_positive(model, "weighted", least),
                }
            }
            Self::Bernstein { parameters, bound } => {
                ConfigError::check(model, "parameters", parameters as u64, [1, 40])?;
                ConfigError::check_positive(model, "bound", bound)
            }
        }
    }

    /// The transformer.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Transformer;
    /// use thalweg_models::composed::{ComposedTransformer, ScaleConfig, TransformerConfig};
    ///
    /// let affine = TransformerConfig::Affine { scale: ScaleConfig::Sigmoid { shift: 0.0 } };
    /// let transformer: ComposedTransformer = affine.try_transformer()?;
    /// // Of raw zeros the scale is σ(0) = ½.
    /// let parameters = Tensor::<2>::zeros([1, affine.parameters()], &Device::default());
    /// let x = Tensor::<2>::full([1, 1], 6.0, &Device::default());
    /// let (y, _) = transformer.forward(x, parameters);
    /// assert!((y.into_scalar::<f32>() - 3.0).abs() < 1e-5);
    /// # Ok::<(), thalweg_models::ConfigError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A bound, a floor or a slope that is out of its range, and bins outside 2 ..= 500, and polynomials of other degrees.
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
                    EndsConfig::Free => RationalQuadratic::new(bins, bound).with_free_ends(),
                    EndsConfig::Straight => RationalQuadratic::new(bins, bound),
                    EndsConfig::Turned => RationalQuadratic::new(bins, bound).turned(),
                };
                ComposedTransformer::Spline(match least_slope {
                    Some(least) => spline.with_soft_bounds(least),
                    None => spline.with_least(self.least()),
                })
            }
            Self::PolynomialSpline {
                pieces,
                bins,
                bound,
                least,
            } => {
                let spline = PolynomialSpline::new(pieces.pieces(), bins, bound, least);
                ComposedTransformer::PolynomialSpline(spline)
            }
            Self::SumOfSquares {
                polynomials,
                degree,
                bound,
                least_slope,
            } => {
                let squares = SumOfSquaresPolynomial::new(polynomials, degree, bound, least_slope);
                ComposedTransformer::SumOfSquares(squares)
            }
            Self::Gaussianization {
                components,
                weighted,
            } => ComposedTransformer::Gaussianization(match weighted {
                None => Gaussianization::new(components),
                Some(least) => Gaussianization::weighted(components, least),
            }),
            Self::Bernstein { parameters, bound } => {
                ComposedTransformer::Bernstein(BernsteinPolynomial::new(parameters, bound))
            }
        }
    }

    /// The least sizes and slope of a rational-quadratic spline, those of [`Least::default`] where none are given.
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
            Self::Spline {
                bins,
                ends: EndsConfig::Free,
                ..
            } => 3 * bins + 1,
            Self::Spline { bins, .. } => 3 * bins - 1,
            Self::PolynomialSpline { pieces, bins, .. } => pieces.parameters(bins),
            Self::SumOfSquares {
                polynomials,
                degree,
                ..
            } => polynomials * (degree + 1) + 1,
            Self::Bernstein { parameters, .. } => parameters,
            Self::Gaussianization {
                components,
                weighted,
            } => components * if weighted.is_some() { 3 } else { 2 },
        }
    }
}

/// `Ok` for the bins of a spline and the bound of its range.
fn check_bins(model: &'static str, bins: usize, bound: f64) -> Result<(), ConfigError> {
    ConfigError::check(model, "bins", bins as u64, [2, 500])?;
    ConfigError::check_positive(model, "bound", bound)
}

/// Of a least slope, which is above 0 and below 1.
pub(super) const SLOPES: [f64; 2] = [1e-9, 0.999];

layer_enum! {
    /// One of the transformers of [`TransformerConfig`].
    ///
    /// See [`TransformerConfig::try_transformer`] for an example.
    pub enum ComposedTransformer {
        /// Shifts.
        Additive(Additive),
        /// Scales and shifts.
        Affine(Affine<KnownScale>),
        /// Splines.
        Spline(RationalQuadratic),
        /// Piecewise polynomials.
        PolynomialSpline(PolynomialSpline),
        /// Integrals of sums of squares.
        SumOfSquares(SumOfSquaresPolynomial),
        /// Bernstein polynomials.
        Bernstein(BernsteinPolynomial),
        /// From mixtures of normal distributions to one.
        Gaussianization(Gaussianization),
    }
    impl Transformer;
    impl LowerTransformer {
        fn lower_transformer(&self) -> Transform;
    }
}
