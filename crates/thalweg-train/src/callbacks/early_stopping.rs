use burn::tensor::Device;

use crate::{Callback, Progress, Remember, Signal, State, StateError};

/// Stops the run when the loss has not improved for some epochs.
///
/// The loss is [`Progress::monitor`]: the validation loss, or the mean training loss in a run
/// without validation. Epochs without it do not count.
///
/// ```
/// let stop = thalweg_train::EarlyStopping::new(5).min_change(1e-3).restore_best();
/// # let _ = stop;
/// ```
#[derive(Debug, Clone)]
pub struct EarlyStopping {
    patience: usize,
    min_change: f64,
    restore: bool,
    lowest: f64,
    waited: usize,
}

impl EarlyStopping {
    /// Stops after `patience` epochs in a row without a lower loss (0 counts as 1).
    pub fn new(patience: usize) -> Self {
        Self {
            patience: patience.max(1),
            min_change: 0.0,
            restore: false,
            lowest: f64::INFINITY,
            waited: 0,
        }
    }

    /// Counts a loss as lower only if it is lower by more than this.
    pub fn min_change(mut self, min_change: f64) -> Self {
        self.min_change = min_change;
        self
    }

    /// Puts the best weights back when it stops.
    pub fn restore_best(mut self) -> Self {
        self.restore = true;
        self
    }
}

impl<M> Callback<M> for EarlyStopping {
    fn on_train_begin(&mut self, _progress: &Progress, _model: &M) -> Signal {
        self.lowest = f64::INFINITY;
        self.waited = 0;
        Signal::CONTINUE
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let Some(loss) = progress.monitor else {
            return Signal::CONTINUE;
        };
        if loss < self.lowest - self.min_change {
            self.lowest = loss;
            self.waited = 0;
            return Signal::CONTINUE;
        }
        self.waited += 1;
        if self.waited < self.patience {
            return Signal::CONTINUE;
        }
        let stop = Signal::stop(format!(
            "the loss has not improved on {} for {} epochs",
            self.lowest, self.waited
        ));
        match self.restore {
            true => stop.and(Signal::restore_best()),
            false => stop,
        }
    }

    fn state(&self) -> State {
        let mut state = State::default();
        self.lowest.save("lowest", &mut state);
        self.waited.save("waited", &mut state);
        state
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        let lowest = Remember::restore("lowest", state, device)?;
        let waited = Remember::restore("waited", state, device)?;
        (self.lowest, self.waited) = (lowest, waited);
        Ok(())
    }
}
