use super::plateau::{Plateau, least_change};
use crate::{Callback, Progress, Signal};

/// Multiplies the step size by a factor when the loss has not improved for some epochs.
///
/// The loss is [`Progress::monitor`]; epochs without it do not count. After a reduction the count
/// starts again, so a plateau that stays is answered every `patience` epochs.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_optim::SingleGradient;
/// # use thalweg_train::Data;
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// # let sgd = SingleGradient::new(SgdConfig::new().init());
/// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
/// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
/// use thalweg_train::{ReduceOnPlateau, Trainer};
///
/// let mut reduce = ReduceOnPlateau::new(5, 0.3).at_most(3).least_step(1e-6);
/// let trained = Trainer::new(100, 0.5).fit(model, sgd, &data, loss, &mut reduce);
/// let last = trained.history.epochs().last().unwrap().step_size;
/// assert!((last - 0.5 * 0.3_f64.powi(3)).abs() < 1e-9);
/// ```
#[derive(Debug, Clone)]
pub struct ReduceOnPlateau {
    plateau: Plateau,
    factor: f64,
    at_most: usize,
    least_step: f64,
    cooldown: usize,
    /// How often it has reduced.
    reduced: usize,
    /// Epochs of the cooldown that are left.
    cooling: usize,
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
            plateau: Plateau::new(patience),
            factor,
            at_most: usize::MAX,
            least_step: 0.0,
            cooldown: 0,
            reduced: 0,
            cooling: 0,
        }
    }

    /// The largest number of reductions.
    pub fn at_most(mut self, times: usize) -> Self {
        self.at_most = times;
        self
    }

    /// Does not reduce the step below this size: the last reduction ends there. A schedule may still
    /// go lower.
    ///
    /// # Panics
    /// Unless it is finite and not negative.
    pub fn least_step(mut self, step: f64) -> Self {
        assert!(
            step.is_finite() && step >= 0.0,
            "the least step is a finite number, 0 or more, got {step}"
        );
        self.least_step = step;
        self
    }

    /// Does not count the next `epochs` epochs after each reduction.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::optim::SgdConfig;
    /// # use burn::tensor::{Device, Tensor};
    /// # use thalweg_optim::SingleGradient;
    /// # use thalweg_train::Data;
    /// # #[derive(Module, Debug)]
    /// # struct Mean { mean: Param<Tensor<1>> }
    /// # let device = Device::default();
    /// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
    /// # let sgd = SingleGradient::new(SgdConfig::new().init());
    /// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
    /// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
    /// use thalweg_train::{ReduceOnPlateau, Trainer};
    ///
    /// // No loss is lower by more than the lowest one's size: the step is reduced after two epochs,
    /// // and again after three that do not count and two that do.
    /// let mut reduce = ReduceOnPlateau::new(2, 0.5).cooldown(3).min_relative_change(1.0);
    /// let trained = Trainer::new(9, 0.5).fit(model, sgd, &data, loss, &mut reduce);
    /// let sizes: Vec<f64> = trained.history.epochs().iter().map(|epoch| epoch.step_size).collect();
    /// assert_eq!(sizes, [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.25, 0.125]);
    /// ```
    pub fn cooldown(mut self, epochs: usize) -> Self {
        self.cooldown = epochs;
        self
    }

    least_change!();

    /// The factor on a step of this size, `None` where it stays.
    fn reduction(&self, step_size: f64) -> Option<f64> {
        // A step of size 0 has nothing to reduce.
        let least = (self.least_step / step_size).max(self.factor);
        (self.reduced < self.at_most && least < 1.0).then_some(least)
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
    fn on_train_begin(&mut self, _progress: &Progress, _model: &M) -> Signal {
        self.plateau.begin();
        (self.reduced, self.cooling) = (0, 0);
        Signal::CONTINUE
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let Some(loss) = progress.monitor else {
            return Signal::CONTINUE;
        };
        let cooling = self.cooling > 0;
        self.cooling = self.cooling.saturating_sub(1);
        let improved = self.plateau.improves(loss);
        if cooling {
            self.plateau.waited = 0;
        }
        if improved || !self.plateau.is_over() {
            return Signal::CONTINUE;
        }
        let Some(factor) = self.reduction(progress.step_size) else {
            return Signal::CONTINUE;
        };
        self.plateau.waited = 0;
        self.reduced += 1;
        self.cooling = self.cooldown;
        Signal::scale(factor)
    }

    remembers!(
        "lowest": plateau.lowest, "waited": plateau.waited, "reduced": reduced, "cooling": cooling
    );
}
