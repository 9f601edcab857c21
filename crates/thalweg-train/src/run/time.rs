//! The time that a run takes and has.

use std::time::Duration;

use super::Run;
use crate::{Outcome, TrainError};

impl<M, Z, L> Run<'_, M, Z, L> {
    /// Time since the run began, earlier parts of it included.
    pub(super) fn elapsed(&self) -> Duration {
        let now = self.stepper.trainer.clock.now();
        self.before.saturating_add(now.saturating_sub(self.start))
    }

    /// The share of the time limit that has passed; 0 without a limit.
    pub(super) fn time_used(&self) -> f64 {
        match self.stepper.trainer.at_most {
            None => 0.0,
            Some(limit) if limit.is_zero() => 1.0,
            Some(limit) => self.elapsed().as_secs_f64() / limit.as_secs_f64(),
        }
    }

    /// That a schedule by time has a time to go by.
    pub(super) fn check_time_limit(&mut self) {
        let trainer = self.stepper.trainer;
        if trainer.by_time.is_some() && trainer.at_most.is_none() {
            self.outcome = Some(Outcome::Failed(TrainError::NoTimeLimit));
        }
    }
}
