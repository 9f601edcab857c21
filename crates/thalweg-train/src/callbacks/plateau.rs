//! Losses that no longer improve.

/// Counts the epochs in a row whose loss has not improved on the lowest.
#[derive(Debug, Clone)]
pub(super) struct Plateau {
    pub(super) patience: usize,
    /// By how much a lower loss has to be lower.
    pub(super) min_change: f64,
    /// The same as a share of the lowest loss's size.
    pub(super) min_share: f64,
    /// The loss that the first epochs have to improve on.
    pub(super) baseline: f64,
    pub(super) lowest: f64,
    pub(super) waited: usize,
}

impl Plateau {
    /// A patience in epochs; 0 counts as 1.
    pub(super) fn new(patience: usize) -> Self {
        Self {
            patience: patience.max(1),
            min_change: 0.0,
            min_share: 0.0,
            baseline: f64::INFINITY,
            lowest: f64::INFINITY,
            waited: 0,
        }
    }

    pub(super) fn begin(&mut self) {
        (self.lowest, self.waited) = (self.baseline, 0);
    }

    /// Notes the loss of an epoch, and says whether it improved.
    pub(super) fn improves(&mut self, loss: f64) -> bool {
        // Every finite loss improves on an infinite one, for any share.
        let share = match self.lowest.is_finite() {
            true => self.min_share * self.lowest.abs(),
            false => 0.0,
        };
        if loss < self.lowest - self.min_change.max(share) {
            (self.lowest, self.waited) = (loss, 0);
            return true;
        }
        self.waited += 1;
        false
    }

    /// Whether the loss has stayed for as long as the patience goes.
    pub(super) fn is_over(&self) -> bool {
        self.waited >= self.patience
    }
}

/// # Panics
/// Unless the change is finite and not negative.
pub(super) fn check_change(change: f64) {
    assert!(
        change.is_finite() && change >= 0.0,
        "the least change of a loss is a finite number, 0 or more, got {change}"
    );
}

/// The setters of the least change, for a callback with a `plateau`.
macro_rules! least_change {
    () => {
        /// Counts a loss as lower only if it is lower by more than this.
        ///
        /// See [`EarlyStopping`](crate::EarlyStopping) for an example.
        ///
        /// # Panics
        /// Unless it is finite and not negative.
        pub fn min_change(mut self, min_change: f64) -> Self {
            $crate::callbacks::plateau::check_change(min_change);
            self.plateau.min_change = min_change;
            self
        }

        /// Counts a loss as lower only if it is lower by more than this share of the lowest one's
        /// size.
        ///
        /// See [`ReduceOnPlateau::cooldown`](crate::ReduceOnPlateau::cooldown) for an example.
        ///
        /// # Panics
        /// Unless it is finite and not negative.
        pub fn min_relative_change(mut self, share: f64) -> Self {
            $crate::callbacks::plateau::check_change(share);
            self.plateau.min_share = share;
            self
        }
    };
}
pub(super) use least_change;
