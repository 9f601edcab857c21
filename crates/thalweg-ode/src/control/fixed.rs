//! Steps of one size.

use super::{Controller, Decision};
use crate::OdeError;
use crate::tolerance::Tolerance;

/// Every step has the size of the first; a state that is not finite ends the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fixed;

impl Controller for Fixed {
    fn tolerance(&self) -> Option<Tolerance> {
        None
    }

    fn decide(&mut self, h: f64, error: Option<f64>, _: u32) -> Result<Decision, OdeError> {
        Ok(match error {
            Some(error) if !error.is_finite() => Decision::Stuck,
            _ => Decision::Accept { next: h },
        })
    }
}
