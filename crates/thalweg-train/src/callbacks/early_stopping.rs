use super::plateau::{Plateau, least_change};
use crate::{Callback, Progress, Signal};

/// Stops the run when the loss has not improved for some epochs.
///
/// The loss is [`Progress::monitor`]: the validation loss, or the mean training loss in a run
/// without validation. Epochs without it do not count.
///
/// A run that it has stopped and that is [resumed](crate::Trainer::resume) with a larger patience goes
/// on, as if it had had that from the start; with [`restore_best`](Self::restore_best) it goes on
/// from the best weights.
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
/// use thalweg_train::{EarlyStopping, Outcome, Trainer};
///
/// let mut stop = EarlyStopping::new(5).min_change(1e-3).restore_best();
/// let trained = Trainer::new(1000, 0.5).fit(model, sgd, &data, loss, &mut stop);
/// assert!(matches!(trained.outcome, Outcome::Stopped(_)));
/// assert!(trained.history.epochs().len() < 20);
/// ```
#[derive(Debug, Clone)]
pub struct EarlyStopping {
    plateau: Plateau,
    after: usize,
    restore: bool,
    for_good: bool,
    stopped: bool,
}

impl EarlyStopping {
    /// Stops after `patience` epochs in a row without a lower loss (0 counts as 1).
    pub fn new(patience: usize) -> Self {
        Self {
            plateau: Plateau::new(patience),
            after: 0,
            restore: false,
            for_good: false,
            stopped: false,
        }
    }

    least_change!();

    /// Does not count the first `epochs` epochs.
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
    /// use thalweg_train::{EarlyStopping, Trainer};
    ///
    /// // With steps of 3 the loss only grows.
    /// let mut stop = EarlyStopping::new(2).after(5);
    /// let trained = Trainer::new(20, 3.0).fit(model, sgd, &data, loss, &mut stop);
    /// assert!((5..20).contains(&trained.history.epochs().len()));
    /// ```
    pub fn after(mut self, epochs: usize) -> Self {
        self.after = epochs;
        self
    }

    /// Waits for losses below this one, also before there has been any.
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
    /// use thalweg_train::{EarlyStopping, Trainer};
    ///
    /// // No loss is below 0.5, the variance's half.
    /// let mut stop = EarlyStopping::new(3).baseline(0.1);
    /// let trained = Trainer::new(20, 0.5).fit(model, sgd, &data, loss, &mut stop);
    /// assert_eq!(trained.history.epochs().len(), 3);
    /// ```
    pub fn baseline(mut self, loss: f64) -> Self {
        self.plateau.baseline = loss;
        self.plateau.lowest = loss;
        self
    }

    /// Puts the best weights back when it stops.
    pub fn restore_best(mut self) -> Self {
        self.restore = true;
        self
    }

    /// A run that it has stopped stays so, whatever the patience: for a patience that is not the user's to choose.
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
    /// use thalweg_train::{EarlyStopping, Trainer};
    ///
    /// # let folder = std::env::temp_dir().join(format!("thalweg-for-good-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("run.state");
    /// let epochs = |mut stop: EarlyStopping| {
    ///     let trainer = Trainer::new(20, 3.0).resume(&path);
    ///     let trained = trainer.fit(model.clone(), sgd.clone(), &data, loss, &mut stop);
    ///     trained.history.epochs().len()
    /// };
    /// // With steps of 3 the loss only grows.
    /// assert_eq!(epochs(EarlyStopping::new(2)), 3);
    /// assert_eq!(epochs(EarlyStopping::new(4).for_good()), 3);
    /// assert_eq!(epochs(EarlyStopping::new(4)), 5);
    /// # std::fs::remove_dir_all(folder).ok();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn for_good(mut self) -> Self {
        self.for_good = true;
        self
    }

    fn reason(&self) -> String {
        let Plateau { lowest, waited, .. } = self.plateau;
        let lowest = rounded(lowest);
        format!("the loss has not improved on {lowest} for {waited} epochs")
    }
}

/// A number with at most five significant digits.
fn rounded(x: f64) -> f64 {
    format!("{x:.4e}").parse().unwrap_or(x)
}

impl<M> Callback<M> for EarlyStopping {
    fn on_train_begin(&mut self, _progress: &Progress, _model: &M) -> Signal {
        self.plateau.begin();
        self.stopped = false;
        Signal::CONTINUE
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let Some(loss) = progress.monitor.filter(|_| progress.epoch >= self.after) else {
            return Signal::CONTINUE;
        };
        if self.plateau.improves(loss) || !self.plateau.is_over() {
            return Signal::CONTINUE;
        }
        self.stopped = true;
        let stop = Signal::stop(self.reason());
        match self.restore {
            true => stop.and(Signal::restore_best()),
            false => stop,
        }
    }

    remembers!("lowest": plateau.lowest, "waited": plateau.waited, "stopped": stopped);

    fn review_stop(&mut self) -> Option<Signal> {
        if !self.stopped || self.for_good {
            return None;
        }
        self.stopped = self.plateau.is_over();
        Some(match self.stopped {
            true => Signal::stop(format!(
                "{}; to go on, give `EarlyStopping` a patience above {}",
                self.reason(),
                self.plateau.waited
            )),
            false => Signal::CONTINUE,
        })
    }
}
