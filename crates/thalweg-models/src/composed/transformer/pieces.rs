//! The pieces of a polynomial spline, by configuration.

use serde::{Deserialize, Serialize};
use thalweg_flow::Pieces;

/// What a piecewise polynomial is in a bin.
///
/// ```
/// use thalweg_models::composed::{PiecesConfig, TransformerConfig};
///
/// let parameters = |pieces| {
///     let (bins, bound, least) = (8, 3.0, [1e-3; 2]);
///     TransformerConfig::PolynomialSpline { pieces, bins, bound, least }.parameters()
/// };
/// // Heights of bins of one width.
/// assert_eq!(parameters(PiecesConfig::Linear), 8);
/// // Widths, and the slopes at the knots.
/// assert_eq!(parameters(PiecesConfig::Quadratic), 8 + 7);
/// assert_eq!(parameters(PiecesConfig::QuadraticWithEnds), 8 + 9);
/// // Widths, heights, and the slopes at both ends.
/// assert_eq!(parameters(PiecesConfig::Cubic), 8 + 8 + 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PiecesConfig {
    /// A line.
    Linear,
    /// A parabola, of slope 1 at both ends of the range.
    Quadratic,
    /// A parabola, with slopes at the ends among the parameters.
    QuadraticWithEnds,
    /// A cubic.
    Cubic,
}

impl PiecesConfig {
    pub(super) fn pieces(self) -> Pieces {
        match self {
            Self::Linear => Pieces::Linear,
            Self::Quadratic => Pieces::Quadratic,
            Self::QuadraticWithEnds => Pieces::QuadraticWithEnds,
            Self::Cubic => Pieces::Cubic,
        }
    }

    pub(super) fn parameters(self, bins: usize) -> usize {
        match self {
            Self::Linear => bins,
            Self::Quadratic => 2 * bins - 1,
            Self::QuadraticWithEnds => 2 * bins + 1,
            Self::Cubic => 2 * bins + 2,
        }
    }
}
