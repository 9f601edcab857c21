use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::TrainError;
use thalweg_optim::BoxError;

/// The requests of a callback to the trainer.
///
/// Wishes combine: [`Signal::and`] keeps all of them, and the trainer does them in this order:
/// note metrics, pictures and warnings, scale the step, restore the best weights, stop.
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
/// use thalweg_train::{Signal, Trainer, on_epoch_end};
///
/// // After the third epoch: back to the best weights, and half the step from then on.
/// let mut retreat = on_epoch_end(|progress, _: &Mean| match progress.epoch {
///     2 => Signal::restore_best().and(Signal::scale(0.5)),
///     3 => Signal::stop("four epochs are enough"),
///     _ => Signal::CONTINUE,
/// });
/// let trained = Trainer::new(9, 0.1).fit(model, sgd, &data, loss, &mut retreat);
/// assert_eq!(trained.history.epochs()[3].step_size, 0.05);
/// assert_eq!(trained.history.epochs().len(), 4);
/// assert_eq!(trained.outcome.to_string(), "stopped: four epochs are enough");
/// ```
#[derive(Debug)]
#[must_use = "a signal does nothing until it is returned to the trainer"]
pub struct Signal {
    pub(crate) end: Option<End>,
    pub(crate) restore: bool,
    pub(crate) scale: f64,
    pub(crate) metrics: BTreeMap<String, f64>,
    pub(crate) pictures: BTreeMap<String, PathBuf>,
    pub(crate) warnings: Vec<String>,
}

/// A wish to end the run.
#[derive(Debug)]
pub(crate) enum End {
    Stop(String),
    Interrupt,
    Fail(TrainError),
}

impl Signal {
    /// No wish.
    pub const CONTINUE: Self = Self {
        end: None,
        restore: false,
        scale: 1.0,
        metrics: BTreeMap::new(),
        pictures: BTreeMap::new(),
        warnings: Vec::new(),
    };

    /// End the run, for a reason that the outcome repeats.
    ///
    /// See [`Callback`](crate::Callback) and [`Signal`] for an example.
    pub fn stop(reason: impl Into<String>) -> Self {
        Self {
            end: Some(End::Stop(reason.into())),
            ..Self::CONTINUE
        }
    }

    /// End the run at this batch, to be [resumed](crate::Trainer::resume) from there.
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
    /// use thalweg_train::{Outcome, Signal, TrainError, Trainer, on_epoch_end};
    ///
    /// let mut interrupt = on_epoch_end(|progress, _: &Mean| match progress.epoch {
    ///     2 => Signal::interrupt(),
    ///     _ => Signal::CONTINUE,
    /// });
    /// let trained = Trainer::new(9, 0.5).fit(model, sgd, &data, loss, &mut interrupt);
    /// assert!(matches!(trained.outcome, Outcome::Interrupted));
    /// assert_eq!(trained.history.epochs().len(), 3);
    /// assert!(matches!(trained.finish(), Err(TrainError::Interrupted)));
    /// ```
    pub fn interrupt() -> Self {
        Self {
            end: Some(End::Interrupt),
            ..Self::CONTINUE
        }
    }

    /// End the run because the callback could not do its work; the model comes back all the same.
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
    /// use thalweg_train::{Signal, TrainError, Trainer, on_epoch_end};
    ///
    /// let mut broken = on_epoch_end(|_, _: &Mean| {
    ///     Signal::fail(TrainError::Callback("the disk is full".into()))
    /// });
    /// let trained = Trainer::new(9, 0.5).fit(model, sgd, &data, loss, &mut broken);
    /// assert!(!trained.outcome.is_success());
    /// assert_eq!(trained.history.epochs().len(), 1);
    /// ```
    pub fn fail(error: TrainError) -> Self {
        Self {
            end: Some(End::Fail(error)),
            ..Self::CONTINUE
        }
    }

    /// Put the best weights so far back into the model; nothing happens before there are any.
    /// The optimizer keeps its state.
    pub fn restore_best() -> Self {
        Self {
            restore: true,
            ..Self::CONTINUE
        }
    }

    /// Multiply all following step sizes by a factor.
    pub fn scale(factor: f64) -> Self {
        Self {
            scale: factor,
            ..Self::CONTINUE
        }
    }

    /// Note a number under a name, for this epoch's history and for the callbacks that follow.
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
    /// use thalweg_train::{Signal, Trainer, on_epoch_end};
    ///
    /// let mut square = on_epoch_end(|progress, _: &Mean| {
    ///     Signal::metric("square", (progress.epoch * progress.epoch) as f64)
    /// });
    /// let trained = Trainer::new(4, 0.5).fit(model, sgd, &data, loss, &mut square);
    /// assert_eq!(trained.history.metric("square"), [0.0, 1.0, 4.0, 9.0]);
    /// ```
    pub fn metric(name: impl Into<String>, value: f64) -> Self {
        Self {
            metrics: BTreeMap::from([(name.into(), value)]),
            ..Self::CONTINUE
        }
    }

    /// Note a picture that has been drawn, under a name, for the callbacks that follow.
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
    /// use std::path::Path;
    /// use thalweg_train::{Signal, Trainer, on_epoch_end};
    ///
    /// let draw = on_epoch_end(|_, _: &Mean| Signal::picture("samples", "samples.png"));
    /// let mut files = vec![];
    /// let list = on_epoch_end(|progress, _: &Mean| files.extend(progress.pictures.values().cloned()));
    /// Trainer::new(2, 0.5).fit(model, sgd, &data, loss, &mut (draw, list)).finish()?;
    /// assert_eq!(files, [Path::new("samples.png"); 2]); // one an epoch
    /// # Ok::<(), thalweg_train::TrainError>(())
    /// ```
    pub fn picture(name: impl Into<String>, file: impl Into<PathBuf>) -> Self {
        Self {
            pictures: BTreeMap::from([(name.into(), file.into())]),
            ..Self::CONTINUE
        }
    }

    /// Tell the user something that does not end the run; a
    /// [`ProgressBar`](crate::ProgressBar) prints it.
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
    /// use thalweg_train::{Signal, Trainer, on_epoch_end};
    ///
    /// let warn = on_epoch_end(|progress, _: &Mean| match progress.epoch {
    ///     1 => Signal::warning("the second epoch"),
    ///     _ => Signal::CONTINUE,
    /// });
    /// let mut counts = vec![];
    /// let count = on_epoch_end(|progress, _: &Mean| counts.push(progress.warnings.len()));
    /// Trainer::new(3, 0.5).fit(model, sgd, &data, loss, &mut (warn, count)).finish()?;
    /// assert_eq!(counts, [0, 1, 1]); // all of the run
    /// # Ok::<(), thalweg_train::TrainError>(())
    /// ```
    pub fn warning(text: impl Into<String>) -> Self {
        Self {
            warnings: vec![text.into()],
            ..Self::CONTINUE
        }
    }

    /// Both wishes. Of two ends a failure comes before a stop, otherwise the earlier one stays;
    /// factors multiply; of two metrics or pictures with one name the later stays.
    pub fn and(self, other: Self) -> Self {
        let end = match (self.end, other.end) {
            (Some(End::Stop(_) | End::Interrupt), Some(End::Fail(error))) => Some(End::Fail(error)),
            (first, second) => first.or(second),
        };
        let mut metrics = self.metrics;
        metrics.extend(other.metrics);
        let mut pictures = self.pictures;
        pictures.extend(other.pictures);
        let mut warnings = self.warnings;
        warnings.extend(other.warnings);
        Self {
            end,
            restore: self.restore || other.restore,
            scale: self.scale * other.scale,
            metrics,
            pictures,
            warnings,
        }
    }
}

impl From<()> for Signal {
    fn from((): ()) -> Self {
        Self::CONTINUE
    }
}

impl<T: Into<Signal>, E: Into<BoxError>> From<Result<T, E>> for Signal {
    fn from(result: Result<T, E>) -> Self {
        match result {
            Ok(signal) => signal.into(),
            Err(error) => Self::fail(TrainError::Callback(error.into())),
        }
    }
}
