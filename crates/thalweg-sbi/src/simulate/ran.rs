//! A simulation that ran.

use super::{Cause, Failure};

/// A simulation that ran: its number, its parameters, and its data or why there are none.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ran {
    pub(super) index: usize,
    pub(super) theta: Vec<f64>,
    pub(super) x: Result<Vec<f64>, Cause>,
}

impl Ran {
    /// What is said of it where it has no data.
    pub(super) fn failure(&self) -> Option<Failure> {
        let cause = self.x.as_ref().err()?.clone();
        Some(Failure {
            index: self.index,
            theta: self.theta.clone(),
            cause,
        })
    }
}
