use crate::check::ordinal;

/// Why a measure has no value for the numbers given.
///
/// ```
/// use thalweg_metrics::{MetricError, mean_ess};
///
/// let error = mean_ess(&[[0.1, 0.7]]).unwrap_err();
/// assert!(matches!(error, MetricError::TooFew { got: 2, needed: 4, .. }));
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricError {
    /// A value is not a number.
    #[error("the {} of {what} is not a number (NaN); remove the row or mend its source", ordinal(*.place))]
    NotANumber {
        /// The name of the values.
        what: &'static str,
        /// The place, counted from 0.
        place: usize,
    },
    /// A value lies outside its bounds.
    #[error("the {} of {what} is {value}, and it must be {bound}", ordinal(*.place))]
    Bound {
        /// The name of the values.
        what: &'static str,
        /// The place, counted from 0.
        place: usize,
        /// The value.
        value: f64,
        /// The bound, in words.
        bound: &'static str,
    },
    /// There are not enough values.
    #[error("{what} has {got} values, and at least {needed} are needed; give more rows")]
    TooFew {
        /// The name of the values.
        what: &'static str,
        /// Their number.
        got: usize,
        /// The smallest number.
        needed: usize,
    },
    /// Only one class has weight.
    #[error(
        "all rows with weight are {present}, and a ranking needs positive and negative rows; give rows of both kinds"
    )]
    OneClass {
        /// The class that is there.
        present: &'static str,
    },
    /// All values are equal, so that the measure would be 0 / 0.
    #[error(
        "all values of {what} are equal, so that they are associated with nothing; leave them out"
    )]
    Constant {
        /// The name of the values.
        what: &'static str,
    },
    /// All weights are zero.
    #[error("all {what} are zero; give at least one row a weight above zero")]
    NoWeight {
        /// The name of the weights.
        what: &'static str,
    },
    /// The calibration rows cannot give a p-value as small as the rate.
    #[error(
        "{rows} calibration rows give no p-value below {smallest}, and a false-alarm rate of {rate} needs one; give more calibration rows or a higher rate"
    )]
    Calibration {
        /// The number of calibration rows.
        rows: usize,
        /// The smallest p-value that they give.
        smallest: f64,
        /// The rate asked for.
        rate: f64,
    },
}
