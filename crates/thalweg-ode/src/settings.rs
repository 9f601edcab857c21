//! Checks of settings.

use crate::OdeError;

/// The value, if it is finite and above zero.
pub(crate) fn positive(name: &'static str, value: f64) -> Result<f64, OdeError> {
    within(name, value, value > 0.0, "finite and above 0")
}

/// The value, if it is finite and not below zero.
pub(crate) fn at_least_zero(name: &'static str, value: f64) -> Result<f64, OdeError> {
    within(name, value, value >= 0.0, "finite and at least 0")
}

/// The value, if it is finite.
pub(crate) fn finite(name: &'static str, value: f64) -> Result<f64, OdeError> {
    within(name, value, true, "finite")
}

/// The number, if it is not below the least.
pub(crate) fn count(
    name: &'static str,
    value: usize,
    least: usize,
    bound: &'static str,
) -> Result<usize, OdeError> {
    within(name, value as f64, value >= least, bound)?;
    Ok(value)
}

/// The value, if it is finite and `good`.
pub(crate) fn within(
    name: &'static str,
    value: f64,
    good: bool,
    bound: &'static str,
) -> Result<f64, OdeError> {
    match good && value.is_finite() {
        true => Ok(value),
        false => Err(OdeError::Setting { name, value, bound }),
    }
}
