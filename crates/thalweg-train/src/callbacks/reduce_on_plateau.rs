use burn::tensor::Device;

use crate::{Callback, Progress, Remember, Signal, State, StateError};

/// Multiplies the step size by a factor when the loss has not improved for some epochs.
///
/// The loss is [`Progress::monitor`]; epochs without it do not count. After a reduction the count
/// starts again, so a plateau that stays is answered every `patience` epochs.
///
/// ```
/// let reduce = thalweg_train::ReduceOnPlateau::new(5, 0.3).at_most(3);
/// # let _ = reduce;
/// ```
#[derive(Debug, Clone)]
pub struct ReduceOnPlateau {
    patience: usize,
    factor: f64,
    left: usize,
    min_change: f64,
    lowest: f64,
    waited: usize,
}

impl ReduceOnPlateau {
    /// After `patience` epochs in a row without a lower loss (0 counts as 1), steps are multiplied
    /// by `factor`.
    ///
    /// # Panics
    /// Unless the factor is between 0 and 1.
    pub fn new(patience: usize, factor: f64) -> Self {
        check_factor(factor);
        Self {
            patience: patience.max(1),
            factor,
            left: usize::MAX,
            min_change: 0.0,
            lowest: f64::INFINITY,
            waited: 0,
        }
    }

    /// Reduces so many times, and not again.
    pub fn at_most(mut self, times: usize) -> Self {
        self.left = times;
        self
    }

    /// Counts a loss as lower only if it is lower by more than this.
    pub fn min_change(mut self, min_change: f64) -> Self {
        self.min_change = min_change;
        self
    }
}

/// # Panics
/// Unless the factor is between 0 and 1.
pub(super) fn check_factor(factor: f64) {
    assert!(
        factor > 0.0 && factor < 1.0,
        "a factor that reduces is between 0 and 1, got {factor}"
    );
}

impl<M> Callback<M> for ReduceOnPlateau {
    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let Some(loss) = progress.monitor else {
            return Signal::CONTINUE;
        };
        if loss < self.lowest - self.min_change {
            (self.lowest, self.waited) = (loss, 0);
            return Signal::CONTINUE;
        }
        self.waited += 1;
        if self.waited < self.patience || self.left == 0 {
            return Signal::CONTINUE;
        }
        self.waited = 0;
        self.left -= 1;
        Signal::scale(self.factor)
    }

    fn state(&self) -> State {
        let mut state = State::default();
        self.lowest.save("lowest", &mut state);
        self.waited.save("waited", &mut state);
        self.left.save("left", &mut state);
        state
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        let lowest = Remember::restore("lowest", state, device)?;
        let waited = Remember::restore("waited", state, device)?;
        let left = Remember::restore("left", state, device)?;
        (self.lowest, self.waited, self.left) = (lowest, waited, left);
        Ok(())
    }
}
