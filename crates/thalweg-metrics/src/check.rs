//! Checks of arguments: different lengths panic, and bad values are typed errors.

use crate::MetricError;

/// "value 3" in the middle of a message, counted from 1 as rows of a file are.
pub(crate) fn ordinal(place: usize) -> String {
    format!("value {} (place {place} from 0)", place + 1)
}

/// # Panics
/// If the lengths differ.
#[track_caller]
pub(crate) fn same_length(a: (&str, usize), b: (&str, usize)) {
    assert!(
        a.1 == b.1,
        "{} and {} must have one length, got [{}] and [{}]",
        a.0,
        b.0,
        a.1,
        b.1
    );
}

/// The number of rows of a matrix `[rows, dims]` in row order.
///
/// # Panics
/// If `dims` is 0 or the length is no multiple of it.
#[track_caller]
pub(crate) fn row_count(what: &str, values: &[f64], dims: usize) -> usize {
    assert!(
        dims > 0 && values.len().is_multiple_of(dims),
        "{what} must have the shape [rows, {dims}] with at least one column, got [{}] values",
        values.len()
    );
    values.len() / dims
}

pub(crate) fn at_least(what: &'static str, got: usize, needed: usize) -> Result<(), MetricError> {
    match got >= needed {
        true => Ok(()),
        false => Err(MetricError::TooFew { what, got, needed }),
    }
}

/// Infinite values pass.
pub(crate) fn numbers(what: &'static str, values: &[f64]) -> Result<(), MetricError> {
    match values.iter().position(|value| value.is_nan()) {
        None => Ok(()),
        Some(place) => Err(MetricError::NotANumber { what, place }),
    }
}

pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<(), MetricError> {
    numbers(what, values)?;
    bounded(what, values, "finite", f64::is_finite)
}

pub(crate) fn bounded(
    what: &'static str,
    values: &[f64],
    bound: &'static str,
    holds: impl Fn(f64) -> bool,
) -> Result<(), MetricError> {
    match values.iter().position(|value| !holds(*value)) {
        None => Ok(()),
        Some(place) => Err(MetricError::Bound {
            what,
            place,
            value: values[place],
            bound,
        }),
    }
}

/// The sum of weights that are finite, not negative, and not all zero.
pub(crate) fn weight_sum(what: &'static str, weights: &[f64]) -> Result<f64, MetricError> {
    numbers(what, weights)?;
    bounded(what, weights, "finite and at least 0", |w| {
        w.is_finite() && w >= 0.0
    })?;
    match weights.iter().sum() {
        0.0 => Err(MetricError::NoWeight { what }),
        sum => Ok(sum),
    }
}
