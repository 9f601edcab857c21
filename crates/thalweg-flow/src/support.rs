//! The interval that holds a number, and its map to the line.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The open interval that holds a number, with a smooth map to the line.
///
/// A density on the line, times the slope of the map, has no mass outside of the interval.
///
/// ```
/// use thalweg_flow::Support;
///
/// let share = Support::Between(0.0, 1.0);
/// let [y, log_slope] = share.to_line(0.25);
/// assert!((y - (0.25_f64 / 0.75).ln()).abs() < 1e-12);
/// assert!((log_slope + (0.25_f64 * 0.75).ln()).abs() < 1e-12);
/// assert!((share.of_line(y) - 0.25).abs() < 1e-12);
/// assert!(share.is_sound() && !Support::Between(1.0, 0.0).is_sound());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Support {
    /// All numbers.
    Line,
    /// The numbers above a bound.
    Above(f64),
    /// The numbers between two bounds.
    Between(f64, f64),
}

impl Support {
    /// Whether a number lies inside.
    pub fn contains(self, x: f64) -> bool {
        match self {
            Self::Line => x.is_finite(),
            Self::Above(low) => x > low && x.is_finite(),
            Self::Between(low, high) => x > low && x < high,
        }
    }

    /// Whether the bounds are numbers, the lower one first.
    pub fn is_sound(self) -> bool {
        match self {
            Self::Line => true,
            Self::Above(low) => low.is_finite(),
            Self::Between(low, high) => low.is_finite() && high.is_finite() && low < high,
        }
    }

    /// The value on the line, and `ln |dy/dx|`: `y = x`, `y = ln (x − low)`, or
    /// `y = ln (x − low) − ln (high − x)`.
    pub fn to_line(self, x: f64) -> [f64; 2] {
        match self {
            Self::Line => [x, 0.0],
            Self::Above(low) => {
                let y = (x - low).ln();
                [y, -y]
            }
            Self::Between(low, high) => {
                let (below, above) = ((x - low).ln(), (high - x).ln());
                [below - above, (high - low).ln() - below - above]
            }
        }
    }

    /// The number of a value on the line: the inverse of [`to_line`](Self::to_line). Far out on the line it rounds to a
    /// bound.
    pub fn of_line(self, y: f64) -> f64 {
        match self {
            Self::Line => y,
            Self::Above(low) => low + y.exp(),
            // Each half from its own bound, which keeps the digits near it.
            Self::Between(low, high) if y < 0.0 => low + (high - low) * y.exp() / (1.0 + y.exp()),
            Self::Between(low, high) => high - (high - low) * (-y).exp() / (1.0 + (-y).exp()),
        }
    }

    /// `ln |dx/dy|` at a value on the line, and its derivative by `y`. Far out it keeps its digits, where
    /// [`to_line`](Self::to_line) sees a number that is rounded to a bound.
    ///
    /// ```
    /// use thalweg_flow::Support;
    ///
    /// let share = Support::Between(0.0, 1.0);
    /// let [y, log_slope] = share.to_line(0.25);
    /// assert!((share.slope_of_line(y)[0] + log_slope).abs() < 1e-12);
    /// assert!((share.slope_of_line(1000.0)[0] + 1000.0).abs() < 1e-9);
    /// ```
    pub fn slope_of_line(self, y: f64) -> [f64; 2] {
        match self {
            Self::Line => [0.0, 0.0],
            Self::Above(_) => [y, 1.0],
            Self::Between(low, high) => {
                let far = y.abs();
                let log = (high - low).ln() - far - 2.0 * (-far).exp().ln_1p();
                [log, -(0.5 * y).tanh()]
            }
        }
    }

    /// The support of values that are rounded: the cell of a value on the bound lies inside.
    ///
    /// ```
    /// use thalweg_flow::Support;
    ///
    /// let age = Support::Above(0.0);
    /// assert!(!age.contains(0.0));
    /// // Rounded to whole years, a zero is any number above −½.
    /// assert!(age.widened(0.5).contains(0.0));
    /// ```
    pub fn widened(self, by: f64) -> Self {
        match self {
            Self::Line => Self::Line,
            Self::Above(low) => Self::Above(low - by),
            Self::Between(low, high) => Self::Between(low - by, high + by),
        }
    }
}

impl fmt::Display for Support {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line => write!(f, "all numbers"),
            Self::Above(low) => write!(f, "numbers above {low}"),
            Self::Between(low, high) => write!(f, "numbers between {low} and {high}"),
        }
    }
}
