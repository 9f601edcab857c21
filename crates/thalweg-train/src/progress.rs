use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// Where a run is: what callbacks see at each moment.
///
/// Epochs, batches and steps count from 0.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Progress {
    /// The current epoch.
    pub epoch: usize,
    /// How many epochs the run may have.
    pub epochs: usize,
    /// The current batch within the epoch.
    pub batch: usize,
    /// How many batches this epoch has.
    pub steps_in_epoch: usize,
    /// How many steps have been made since the start of the run.
    pub step: usize,
    /// The last training loss that was read; at the end of an epoch its mean over the epoch,
    /// each batch weighted by its size. `None` before the first reading.
    pub loss: Option<f64>,
    /// The validation loss, at the end of an epoch that was validated.
    pub validation: Option<f64>,
    /// What "best" refers to, at the end of an epoch: the validation loss where the run has
    /// validation data, else the mean training loss.
    pub monitor: Option<f64>,
    /// Whether this epoch's `monitor` is lower than every earlier one.
    pub improved: bool,
    /// The lowest `monitor` so far, at the end of an epoch.
    pub lowest: Option<f64>,
    /// The size of the current step: learning rate × schedule × scale.
    pub step_size: f64,
    /// Time since the start of the run.
    pub elapsed: Duration,
    /// What callbacks have measured in this epoch.
    pub metrics: BTreeMap<String, f64>,
    /// The files that callbacks have drawn in this epoch.
    pub pictures: BTreeMap<String, PathBuf>,
}

impl Progress {
    /// Mean time for a step so far, validation and callbacks included.
    pub fn time_per_step(&self) -> Option<Duration> {
        let steps = u32::try_from(self.step).ok().filter(|steps| *steps > 0)?;
        Some(self.elapsed / steps)
    }

    /// Expected time until the last epoch ends, if it is like the time so far.
    pub fn time_left(&self) -> Option<Duration> {
        let total = self.epochs.saturating_mul(self.steps_in_epoch);
        let left = u32::try_from(total.saturating_sub(self.step)).ok()?;
        self.time_per_step()?.checked_mul(left)
    }
}
