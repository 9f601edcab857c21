use super::reduce_on_plateau::check_factor;
use crate::{Callback, Progress, Signal};

/// Puts the best weights back, and shortens the steps once, when the loss has collapsed: risen above
/// a bound after some epochs.
///
/// A flow trained at the edge of stability may lose the progress of ten epochs in one, and take long to
/// come back. The loss is [`Progress::monitor`]. It is better one of validation: a loss of training is measured before each
/// step, and the weights that are put back, those after the epoch, may already be worse.
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
/// use thalweg_train::{Recover, Trainer};
///
/// // Back to the best where the loss is above 9, from then on a tenth of the step.
/// let mut recover = Recover::above(9.0).after(2).scale(0.1);
/// // Steps of 3 leave the valley, steps of 0.3 do not.
/// let trained = Trainer::new(50, 3.0).fit(model, sgd, &data, loss, &mut recover);
/// let mean = trained.model.mean.val().into_scalar::<f32>();
/// assert!((mean - 2.0).abs() < 1e-3);
/// ```
///
/// Source: Su Jianlin's `glow.py` (kexue.fm/archives/5807, 2018), with the numbers of the example:
/// 10⁻⁴ becomes 10⁻⁵ at the first collapse and stays.
#[derive(Debug, Clone)]
pub struct Recover {
    bound: f64,
    relative: bool,
    after: usize,
    factor: Option<f64>,
    scaled: bool,
}

impl Recover {
    /// Where the loss is above this.
    pub fn above(bound: f64) -> Self {
        Self {
            bound,
            relative: false,
            after: 0,
            factor: None,
            scaled: false,
        }
    }

    /// Where the loss is above the lowest so far by more than this.
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
    /// use thalweg_train::{Recover, Trainer};
    ///
    /// // Steps of 3 raise the loss to 32.5, which is 30 above the lowest.
    /// let mut recover = Recover::above_best_by(7.0).scale(0.1);
    /// let trained = Trainer::new(50, 3.0).fit(model, sgd, &data, loss, &mut recover);
    /// assert_eq!(trained.history.losses()[..4], [2.5, 8.5, 32.5, 8.5]);
    /// let mean = trained.model.mean.val().into_scalar::<f32>();
    /// assert!((mean - 2.0).abs() < 1e-3);
    /// ```
    pub fn above_best_by(change: f64) -> Self {
        Self {
            relative: true,
            ..Self::above(change)
        }
    }

    /// Not within the first `epochs` epochs.
    pub fn after(mut self, epochs: usize) -> Self {
        self.after = epochs;
        self
    }

    /// Multiplies the step by this at the first collapse.
    ///
    /// # Panics
    /// Unless the factor is between 0 and 1.
    pub fn scale(mut self, factor: f64) -> Self {
        check_factor(factor);
        self.factor = Some(factor);
        self
    }
}

impl<M> Callback<M> for Recover {
    fn on_train_begin(&mut self, _progress: &Progress, _model: &M) -> Signal {
        self.scaled = false;
        Signal::CONTINUE
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let (Some(loss), Some(lowest)) = (progress.monitor, progress.lowest) else {
            return Signal::CONTINUE;
        };
        let bound = match self.relative {
            true => lowest + self.bound,
            false => self.bound,
        };
        if progress.improved || progress.epoch < self.after || loss <= bound {
            return Signal::CONTINUE;
        }
        match self.factor.filter(|_| !self.scaled) {
            Some(factor) => {
                self.scaled = true;
                Signal::restore_best().and(Signal::scale(factor))
            }
            None => Signal::restore_best(),
        }
    }

    remembers!("scaled": scaled);
}
