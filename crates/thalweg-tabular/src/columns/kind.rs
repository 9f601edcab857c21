//! What a column is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Support;

/// How the values of a column are modelled.
///
/// ```
/// use thalweg_tabular::Kind;
///
/// assert_eq!(Kind::continuous().to_string(), "continuous");
/// let count = Kind::above(0.0).rounded(1.0);
/// assert_eq!(count.to_string(), "numbers above 0, rounded to 1");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Kind {
    /// Numbers with a density, or, where they are rounded, with the probability of each rounded value.
    Number {
        /// The numbers that are possible; others have the density 0.
        support: Support,
        /// The step of rounding; `None` of numbers that are not rounded.
        step: Option<f64>,
    },
    /// One of a set of words, or of a few numbers, with a probability each.
    Category,
    /// A number on a circle of this length.
    Angle {
        /// The length of the circle, such as 360 of degrees.
        period: f64,
    },
    /// Seconds on the line and, as a condition, angles of these cycles.
    Time {
        /// The cycles.
        cycles: Vec<Cycle>,
    },
    /// The same value in every row. It has the probability 1, and every other value the probability 0.
    Constant,
}

/// A cycle of the calendar, by UTC.
///
/// ```
/// use thalweg_tabular::{Cycle, Kind};
///
/// let Kind::Time { cycles } = "time:week".parse()? else { panic!() };
/// assert_eq!(cycles, [Cycle::Week]);
/// # Ok::<(), thalweg_tabular::KindError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cycle {
    /// The hour of the day.
    Day,
    /// The day of the week.
    Week,
    /// The season: a mean Gregorian year of 365.2425 days.
    Year,
}

impl Cycle {
    /// The length in seconds.
    pub(crate) fn seconds(self) -> f64 {
        match self {
            Self::Day => 86_400.0,
            Self::Week => 7.0 * 86_400.0,
            Self::Year => 365.2425 * 86_400.0,
        }
    }
}

impl Kind {
    /// Numbers that are neither rounded nor bounded.
    pub fn continuous() -> Self {
        Self::number(Support::Line)
    }

    /// Numbers above a bound. They are modelled by the logarithm of their distance from it.
    pub fn above(low: f64) -> Self {
        Self::number(Support::Above(low))
    }

    /// Numbers between two bounds. They are modelled by the logit of their place between them.
    ///
    /// ```
    /// use thalweg_tabular::Kind;
    ///
    /// assert_eq!("between:0:100".parse::<Kind>()?, Kind::between(0.0, 100.0));
    /// # Ok::<(), thalweg_tabular::KindError>(())
    /// ```
    pub fn between(low: f64, high: f64) -> Self {
        Self::number(Support::Between(low, high))
    }

    /// Numbers on a circle of this length, such as 360 of degrees.
    ///
    /// ```
    /// use thalweg_tabular::Kind;
    ///
    /// assert_eq!("angle:360".parse::<Kind>()?, Kind::angle(360.0));
    /// # Ok::<(), thalweg_tabular::KindError>(())
    /// ```
    pub fn angle(period: f64) -> Self {
        Self::Angle { period }
    }

    fn number(support: Support) -> Self {
        Self::Number {
            support,
            step: None,
        }
    }

    /// Whether it is a kind of numbers on a line.
    pub(crate) fn is_numeric(&self) -> bool {
        matches!(
            self,
            Self::Number { .. } | Self::Time { .. } | Self::Constant
        )
    }

    /// The same numbers, rounded to multiples of a step. Of other kinds: the same kind.
    pub fn rounded(self, step: f64) -> Self {
        match self {
            Self::Number { support, .. } => Self::Number {
                support,
                step: Some(step),
            },
            other => other,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { support, step } => {
                match support {
                    Support::Line if step.is_none() => write!(f, "continuous")?,
                    Support::Line => write!(f, "numbers")?,
                    bounded => write!(f, "{bounded}")?,
                }
                match step {
                    Some(step) => write!(f, ", rounded to {step}"),
                    None => Ok(()),
                }
            }
            Self::Category => write!(f, "category"),
            Self::Angle { period } => write!(f, "angle, a circle of length {period}"),
            Self::Time { cycles } => {
                write!(f, "time")?;
                cycles.iter().try_for_each(|cycle| match cycle {
                    Cycle::Day => write!(f, ", by hour of the day"),
                    Cycle::Week => write!(f, ", by day of the week"),
                    Cycle::Year => write!(f, ", by season"),
                })
            }
            Self::Constant => write!(f, "constant"),
        }
    }
}
