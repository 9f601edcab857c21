//! The least sizes of the bins of splines, by configuration.

use serde::{Deserialize, Serialize};
use thalweg_flow::Least;

use super::transformer::SLOPES;
use crate::ConfigError;

/// The least width, height and slope of a spline; see [`RationalQuadratic::with_least`]. What is not given is a
/// thousandth.
///
/// [`RationalQuadratic::with_least`]: thalweg_flow::RationalQuadratic::with_least
///
/// ```
/// use thalweg_models::composed::LeastConfig;
///
/// let least = LeastConfig { slope: 1e-2, ..LeastConfig::default() };
/// assert_eq!((least.width, least.height, least.slope), (1e-3, 1e-3, 1e-2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LeastConfig {
    /// Of the bins' widths, as a share of the range.
    pub width: f64,
    /// Of the bins' heights, as a share of the range.
    pub height: f64,
    /// Of the slopes at the knots.
    pub slope: f64,
}

impl Default for LeastConfig {
    fn default() -> Self {
        let least = Least::default();
        let [width, height] = least.sizes();
        Self {
            width,
            height,
            slope: least.slope(),
        }
    }
}

impl LeastConfig {
    /// The numbers of a configuration that passes its checks.
    pub(super) fn least(self) -> Least {
        Least::new([self.width, self.height], self.slope)
    }

    pub(super) fn check(self, model: &'static str, bins: usize) -> Result<(), ConfigError> {
        // A quarter of the range at least is left to the weights.
        let most = 0.75 / bins as f64;
        ConfigError::check_range(model, "width", self.width, [SLOPES[0], most])?;
        ConfigError::check_range(model, "height", self.height, [SLOPES[0], most])?;
        ConfigError::check_range(model, "slope", self.slope, SLOPES)
    }
}
