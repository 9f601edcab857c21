use std::fmt;

use burn::module::Module;

use crate::{History, NonFinite, TrainError};

/// Which loss a message speaks of; displayed as one word.
///
/// ```
/// use thalweg_train::Phase;
///
/// assert_eq!(Phase::Validation.to_string(), "validation");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The loss of a training batch.
    Training,
    /// The mean loss over the validation data.
    Validation,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Training => "training",
            Self::Validation => "validation",
        })
    }
}

/// How a run ended. An end before the last epoch is a value, never a panic.
///
/// See [`Trainer::max_steps`](crate::Trainer::max_steps) and [`Trained::finish`] for an example.
#[derive(Debug)]
#[must_use = "a run that failed is told by its outcome alone"]
#[non_exhaustive]
pub enum Outcome {
    /// All epochs were done.
    Finished,
    /// The largest number of steps was reached first.
    MaxSteps,
    /// The [time limit](crate::Trainer::at_most) was reached first.
    TimeUp,
    /// A callback asked for the end, for this reason.
    Stopped(String),
    /// The run was interrupted between two batches; with [`Trainer::resume`](crate::Trainer::resume)
    /// it goes on from there.
    Interrupted,
    /// A loss was NaN or infinite.
    NonFinite(NonFinite),
    /// The run could not go on.
    Failed(TrainError),
}

impl Outcome {
    /// Whether nothing went wrong: the run ended neither by a loss that is not finite nor by a
    /// failure. One that was interrupted is sound, but not over:
    /// [`Trained::finish`] refuses it.
    pub fn is_success(&self) -> bool {
        !matches!(self, Self::NonFinite(_) | Self::Failed(_))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished => write!(f, "finished: all epochs done"),
            Self::MaxSteps => write!(f, "finished: the largest number of steps was reached"),
            Self::TimeUp => write!(f, "finished: the time limit was reached"),
            Self::Stopped(reason) => write!(f, "stopped: {reason}"),
            Self::Interrupted => write!(f, "interrupted between two batches"),
            Self::NonFinite(found) => write!(f, "{found}"),
            Self::Failed(error) => write!(f, "failed: {error}"),
        }
    }
}

/// The weights with the lowest loss of a run.
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
/// use thalweg_train::{Best, Outcome, Trained, Trainer};
///
/// // With steps of 3 the loss only grows after the first.
/// let trained: Trained<Mean> = Trainer::new(4, 3.0).fit(model, sgd, &data, loss, &mut ());
/// assert!(matches!(trained.outcome, Outcome::Finished) && trained.outcome.is_success());
/// let best: &Best<Mean> = trained.best.as_ref().unwrap();
/// assert_eq!((best.epoch, best.loss), (0, 2.5));
/// let mean = trained.into_best().mean.val().into_scalar::<f32>();
/// assert_eq!(mean, 6.0); // after the step of that epoch
/// ```
#[derive(Debug, Clone)]
pub struct Best<M> {
    /// The model at the end of that epoch, in validation mode (plain tensors); call
    /// `.train()` on it to go on training.
    pub model: M,
    /// The validation loss, or the epoch's mean training loss in a run without validation.
    pub loss: f64,
    /// The epoch, counted from 0.
    pub epoch: usize,
}

/// The result of a run, however it ended.
///
/// [`finish`](Self::finish) gives the trained model, or the error that keeps a program from going on
/// with one that is not.
///
/// See [`Trainer`](crate::Trainer), [`Best`] and [`History`](crate::History) for an example.
#[derive(Debug)]
#[must_use = "a run that failed is told by its outcome alone: call `finish()`, or look at `outcome`"]
pub struct Trained<M> {
    /// The model after the last step. After [`Outcome::NonFinite`] its parameters are those
    /// before the bad update or, if they are not finite, the best ones.
    pub model: M,
    /// The best model, once an epoch has ended with a finite loss.
    pub best: Option<Best<M>>,
    /// How the run ended.
    pub outcome: Outcome,
    /// The record of a run, epoch by epoch.
    pub history: History,
    /// The losses that were not finite and that the run went on from
    /// ([`Trainer::on_non_finite`](crate::Trainer::on_non_finite)).
    pub survived: Vec<NonFinite>,
}

impl<M: Module> Trained<M> {
    /// The best model if there is one, else the last, in validation mode, of a run that succeeded: it
    /// did all its epochs, reached its largest number of steps or its time limit, or was stopped by
    /// a callback, and it made a step, now or in an earlier part.
    ///
    /// ```
    /// # use burn::module::{Module, Param};
    /// # use burn::optim::SgdConfig;
    /// # use burn::tensor::{Device, Tensor};
    /// # use thalweg_optim::SingleGradient;
    /// # #[derive(Module, Debug)]
    /// # struct Mean { mean: Param<Tensor<1>> }
    /// # let device = Device::default();
    /// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
    /// # let sgd = SingleGradient::new(SgdConfig::new().init());
    /// # let loss = |model: &Mean, x: Tensor<1>, _| (x - model.mean.val()).square().mean();
    /// use thalweg_train::{Data, TrainError, Trainer};
    ///
    /// let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([f32::NAN], &device)]);
    /// let trained = Trainer::new(1, 0.1).fit(model, sgd, &data, loss, &mut ());
    /// println!("{}", trained.outcome);
    /// let error = trained.finish().unwrap_err();
    /// assert!(matches!(error, TrainError::Ended(_)));
    /// assert!(error.to_string().contains("the training loss became NaN"));
    /// ```
    ///
    /// # Errors
    /// - [`TrainError::Ended`], with the outcome, after a failure or a loss that was not finite;
    /// - [`TrainError::Interrupted`] for a run that was interrupted and can go on;
    /// - [`TrainError::NoSteps`] for a run without a step, whose model is untrained.
    ///
    /// The weights of such a run are not lost: read [`best`](Self::best) and
    /// [`model`](Self::model), or call [`into_best`](Self::into_best), instead.
    pub fn finish(self) -> Result<M, TrainError> {
        match self.outcome {
            Outcome::NonFinite(_) | Outcome::Failed(_) => {
                return Err(TrainError::Ended(Box::new(self.outcome)));
            }
            Outcome::Interrupted => return Err(TrainError::Interrupted),
            Outcome::Finished | Outcome::MaxSteps | Outcome::TimeUp | Outcome::Stopped(_) => {}
        }
        let steps = self.history.epochs().last().map_or(0, |epoch| epoch.step);
        match steps {
            0 => Err(TrainError::NoSteps {
                skipped: self.survived.len(),
            }),
            _ => Ok(self.into_best()),
        }
    }

    /// The best model if there is one, else the last, in validation mode, however the run ended: also
    /// one that never learned. [`finish`](Self::finish) tells them apart.
    pub fn into_best(self) -> M {
        match self.best {
            Some(best) => best.model,
            None => self.model.valid(),
        }
    }
}
