//! The ends of the range of a spline, by configuration.

use serde::{Deserialize, Serialize};

/// What joins the ends of the range of a spline.
///
/// ```
/// use thalweg_models::composed::{EndsConfig, TransformerConfig};
///
/// let parameters = |ends| {
///     let (bins, bound, least_slope, least) = (8, 3.0, None, None);
///     TransformerConfig::Spline { bins, bound, least_slope, least, ends }.parameters()
/// };
/// // Widths, heights, and the slopes of the knots inside.
/// assert_eq!(parameters(EndsConfig::Straight), 8 + 8 + 7);
/// assert_eq!(parameters(EndsConfig::Circular), 8 + 8 + 8);
/// assert_eq!(parameters(EndsConfig::Free), 8 + 8 + 9);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndsConfig {
    /// The identity outside.
    #[default]
    Straight,
    /// One learned slope: the range is a circle. See
    /// [`RationalQuadratic::circular`](thalweg_flow::RationalQuadratic::circular).
    Circular,
    /// One learned slope each, of numbers that all lie on the range. See
    /// [`RationalQuadratic::with_free_ends`](thalweg_flow::RationalQuadratic::with_free_ends).
    Free,
    /// The range is a circle, which the spline takes from its other side. See
    /// [`RationalQuadratic::turned`](thalweg_flow::RationalQuadratic::turned).
    Turned,
}

impl EndsConfig {
    pub(super) fn is_straight(&self) -> bool {
        *self == Self::Straight
    }
}
