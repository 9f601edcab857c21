//! Errors, and the checks of settings.

use std::error::Error;
use std::fmt;

/// A setting outside its bound, or a step that cannot be taken.
///
/// Each message names the value, its bound and the way out.
///
/// ```
/// use thalweg_ode::{OdeError, Solve, tableau};
///
/// let error = Solve::new(tableau::RK4, 0.0, 1.0, -0.1).unwrap_err();
/// assert!(matches!(error, OdeError::Setting { value: -0.1, .. }));
/// assert_eq!(error.to_string(), "the first step is -0.1; it must be finite and above 0");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum OdeError {
    /// A setting outside its bound.
    Setting {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The bound.
        bound: &'static str,
    },
    /// A time to keep that the run does not pass, or passes before the one in front of it.
    Time {
        /// Its place among the times, counted from 0.
        index: usize,
        /// The time.
        time: f64,
        /// The time before it, or the start.
        after: f64,
        /// The end.
        until: f64,
    },
    /// A controller that adapts the step, with a method that does not estimate its error.
    NoErrorEstimate {
        /// The method's name.
        method: &'static str,
    },
    /// A tableau that does not satisfy its conditions.
    Tableau {
        /// The tableau's name.
        name: &'static str,
        /// The condition that fails.
        condition: String,
        /// The left side of the condition.
        found: f64,
        /// The right side.
        expected: f64,
    },
    /// The estimated error is above the tolerance at the smallest step.
    StepTooSmall {
        /// Time at the start of the step.
        t: f64,
        /// The step's size.
        step: f64,
        /// The error, in units of the tolerance.
        error: f64,
    },
    /// A state or an error estimate that is not finite at the smallest step.
    NotFinite {
        /// Time at the start of the step.
        t: f64,
        /// The step's size.
        step: f64,
    },
    /// A step so small that it does not change the time.
    StepVanished {
        /// Time at the start of the step.
        t: f64,
        /// The step, signed.
        step: f64,
    },
    /// An implicit equation whose solver did not reach its tolerance.
    NotConverged {
        /// The relative residual reached.
        residual: f64,
        /// The tolerance.
        tolerance: f64,
        /// Iterations done.
        iterations: usize,
    },
}

impl fmt::Display for OdeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setting { name, value, bound } => {
                write!(f, "the {name} is {value}; it must be {bound}")
            }
            Self::Time {
                index,
                time,
                after,
                until,
            } => write!(
                f,
                "time {index} to keep is {time}; it must lie between {after}, the time before it or \
                 the start, and {until}, the end: sort the times in the direction of the run, or \
                 move the start or the end"
            ),
            Self::NoErrorEstimate { method } => write!(
                f,
                "{method} does not estimate its error, which an adaptive controller needs; take \
                 the controller `Fixed`, or a method with an estimate such as Bogacki-Shampine \
                 3(2) or Dormand-Prince 5(4)"
            ),
            Self::Tableau {
                name,
                condition,
                found,
                expected,
            } => write!(
                f,
                "the tableau {name} does not satisfy {condition}: found {found}, expected \
                 {expected}; check its numbers, or claim a lower order"
            ),
            Self::StepTooSmall { t, step, error } => write!(
                f,
                "at t = {t} the error is {error:.3e} times the tolerance, which must be at most 1, \
                 with the smallest step, {step:e}; raise the tolerance, lower the smallest step, or \
                 take a method for stiff problems (Chebyshev, implicit)"
            ),
            Self::NotFinite { t, step } => write!(
                f,
                "the state or its error is not finite after the smallest step, {step:e}, from t = \
                 {t}; lower the step, or check the field there"
            ),
            Self::StepVanished { t, step } => write!(
                f,
                "the step {step:e} is too small to change the time, {t}; the solution may end \
                 there: stop before, raise the tolerance, or set a smallest step"
            ),
            Self::NotConverged {
                residual,
                tolerance,
                iterations,
            } => write!(
                f,
                "the implicit equation has residual {residual:.3e} after {iterations} iterations, \
                 not at most {tolerance:.3e}; shorten the step, allow more iterations, or take the \
                 Newton-Krylov solver"
            ),
        }
    }
}

impl Error for OdeError {}

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
