use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The position of a run, as callbacks see it.
///
/// Epochs, batches and steps count from 0.
///
/// ```
/// use std::time::Duration;
/// use thalweg_train::Progress;
///
/// // 250 of 1000 steps, in five seconds.
/// let mut progress = Progress::default();
/// (progress.epochs, progress.steps_in_epoch, progress.step) = (10, 100, 250);
/// progress.elapsed = Duration::from_secs(5);
/// assert_eq!(progress.time_per_step(), Some(Duration::from_millis(20)));
/// assert_eq!(progress.time_left(), Some(Duration::from_secs(15)));
/// ```
///
/// See [`Callback`](crate::Callback) for an example of its use.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Progress {
    /// The current epoch.
    pub epoch: usize,
    /// How many epochs the run may have.
    pub epochs: usize,
    /// The current batch within the epoch.
    pub batch: usize,
    /// After how many steps the run ends, if that is bounded.
    pub max_steps: Option<usize>,
    /// After how much time the run ends, if that is bounded.
    pub at_most: Option<Duration>,
    /// How many batches this epoch has.
    pub steps_in_epoch: usize,
    /// How many steps have been made since the start of the run.
    pub step: usize,
    /// The last training loss that was read; at the end of an epoch its mean over the epoch,
    /// each batch weighted by its size. `None` before the first reading.
    pub loss: Option<f64>,
    /// The validation loss, at the end of an epoch that was validated.
    pub validation: Option<f64>,
    /// The loss that defines the best model, at the end of an epoch: the validation loss where the run
    /// has validation data, else the mean training loss.
    pub monitor: Option<f64>,
    /// Whether this epoch's `monitor` is lower than every earlier one.
    pub improved: bool,
    /// The lowest `monitor` so far, at the end of an epoch.
    pub lowest: Option<f64>,
    /// The size of the current step: learning rate × schedule × scale.
    pub step_size: f64,
    /// Time since the start of the run.
    pub elapsed: Duration,
    /// The metrics of callbacks in this epoch.
    pub metrics: BTreeMap<String, f64>,
    /// The files that callbacks have drawn in this epoch.
    pub pictures: BTreeMap<String, PathBuf>,
    /// The warnings of callbacks in this run.
    pub warnings: Vec<String>,
    /// How the run ended, at [`on_train_end`](crate::Callback::on_train_end) of one that ended before
    /// its last epoch.
    pub ending: Option<String>,
    /// Whether that was no [success](crate::Outcome::is_success).
    pub failed: bool,
}

impl Progress {
    /// Mean time for a step so far, validation and callbacks included.
    pub fn time_per_step(&self) -> Option<Duration> {
        let steps = u32::try_from(self.step).ok().filter(|steps| *steps > 0)?;
        Some(self.elapsed / steps)
    }

    /// Expected time until the run ends by its epochs, steps or time, if it is like the time so far.
    pub fn time_left(&self) -> Option<Duration> {
        let all = self.epochs.saturating_mul(self.steps_in_epoch);
        let total = self.max_steps.map_or(all, |steps| steps.min(all));
        let left = u32::try_from(total.saturating_sub(self.step)).ok();
        let by_steps = left.and_then(|left| self.time_per_step()?.checked_mul(left));
        let by_time = self.at_most.map(|limit| limit.saturating_sub(self.elapsed));
        by_steps.into_iter().chain(by_time).min()
    }
}
