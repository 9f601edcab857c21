//! A run that did not get to its end.

use std::error::Error;
use std::fmt;

use super::Solution;
use crate::OdeError;

/// Why a run failed, and all of it that is good.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure<S, E> {
    /// Why.
    pub cause: Cause<E>,
    /// The accepted points, the counts, and so the last good state.
    pub so_far: Solution<S>,
}

/// Why a run failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause<E> {
    /// The field did.
    Field(E),
    /// The numbers or the settings did.
    Ode(OdeError),
}

impl<E> From<OdeError> for Cause<E> {
    fn from(error: OdeError) -> Self {
        Self::Ode(error)
    }
}

impl<E: fmt::Display> fmt::Display for Cause<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(error) => write!(f, "the field failed: {error}"),
            Self::Ode(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Display + fmt::Debug> Error for Cause<E> {}

impl<S, E: fmt::Display> fmt::Display for Failure<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cause, so_far } = self;
        let (steps, t) = (so_far.accepted, so_far.last().t);
        write!(
            f,
            "{cause} (the state at t = {t}, after {steps} steps, is good)"
        )
    }
}

impl<S: fmt::Debug, E: fmt::Display + fmt::Debug> Error for Failure<S, E> {}
