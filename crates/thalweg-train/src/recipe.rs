//! The recipe that densities are trained by.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use burn::module::Module;
use thalweg_optim::SingleGradient;

use crate::{
    BatchSize, Callback, Data, EarlyStopping, Ema, Evaluate, OnNonFinite, Outcome, Progress,
    Signal, TrainError, Trained, Trainer,
};

/// A function that sees each epoch, and may end the training.
///
/// ```
/// use std::sync::Arc;
/// use thalweg_train::{Signal, Watcher};
///
/// let watcher: Watcher = Arc::new(|progress| match progress.epoch {
///     99 => Signal::stop("a hundred epochs are enough"),
///     _ => Signal::CONTINUE,
/// });
/// # let _ = watcher;
/// ```
pub type Watcher = Arc<dyn Fn(&Progress) -> Signal + Send + Sync>;

/// Adam with an annealed rate, bounded gradients and averaged weights, of which those with the best held-out loss stay:
/// what a density, or a model of images, is trained by where nobody wants to choose.
///
/// | part | what it does |
/// |---|---|
/// | [`Trainer::annealed`], or [`Trainer::annealed_for_time`] with a [`limit`](Self::limit) | the rate falls to 0 at the end |
/// | [`SingleGradient::clip_norm`] | no gradient is longer than [`clip`](Self::clip) |
/// | [`Ema`] with [`average`](Self::average) | the average of the weights is validated, and kept |
/// | [`EarlyStopping`] with [`patience`](Self::patience) | ends the training for good |
/// | [`OnNonFinite::Recover`] | a loss that is not finite costs a step and half of the rate, three times |
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_train::{Data, OneThread, Recipe};
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// let batch = Tensor::<1>::from_data([1.0, 3.0], &device);
/// let data = Data::train(|_epoch| vec![batch.clone(); 10]).validate(|_| vec![batch.clone()]);
/// let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean();
/// let trained = Recipe::new(300, 0.1).fit(model, 10, &data, OneThread(loss), &mut ())?;
/// let mean = trained.into_best().mean.val().into_scalar::<f32>();
/// assert!((mean - 2.0).abs() < 0.05);
/// # Ok::<(), thalweg_train::TrainError>(())
/// ```
#[derive(Clone)]
pub struct Recipe {
    /// The largest number of steps, if there is no [`limit`](Self::limit).
    pub steps: usize,
    /// The largest step size.
    pub rate: f64,
    /// The time that the training takes, in place of a number of steps.
    pub limit: Option<Duration>,
    /// The largest norm of a gradient.
    pub clip: f64,
    /// The decay of the average of the weights.
    pub average: f64,
    /// Validations in a row without a better one after which the training ends.
    pub patience: usize,
    /// The fewest steps between two validations.
    pub validation_steps: usize,
    /// Determines what is random in the loss.
    pub seed: u64,
    /// The file of the run, to go on with it.
    pub resume: Option<PathBuf>,
    /// Steps between two writings of that file, which also comes after each epoch.
    pub save_every: Option<usize>,
    /// What is told of each epoch.
    pub watch: Option<Watcher>,
    /// Whether the training is in vain, as another one beside it has failed.
    pub given_up: Option<Arc<AtomicBool>>,
}

impl Recipe {
    /// With a bound of 5 on gradients, averages over about 100 steps, validations after 25 steps or more, and a patience of
    /// 20 validations.
    pub fn new(steps: usize, rate: f64) -> Self {
        Self {
            steps,
            rate,
            limit: None,
            clip: 5.0,
            average: 0.99,
            patience: 20,
            validation_steps: 25,
            seed: 0,
            resume: None,
            save_every: None,
            watch: None,
            given_up: None,
        }
    }

    /// Trains a model on epochs of `each` batches.
    ///
    /// # Errors
    ///
    /// [`TrainError::Interrupted`] for a run that was interrupted, and [`TrainError::Ended`] for one that failed, or whose
    /// loss was not finite before there was a best model.
    pub fn fit<M, B, T, I, V, J>(
        &self,
        model: M,
        each: usize,
        data: &Data<T, V>,
        evaluate: impl Evaluate<M, B>,
        callbacks: &mut impl Callback<M>,
    ) -> Result<Trained<M>, TrainError>
    where
        M: Module,
        B: Clone + BatchSize,
        T: Fn(usize) -> I,
        I: IntoIterator<Item = B, IntoIter: ExactSizeIterator>,
        V: Fn(usize) -> J,
        J: IntoIterator<Item = B>,
    {
        let mut watched = Watched {
            recipe: self,
            begun: 0,
        };
        let mut all = (
            (
                Ema::new(self.average),
                EarlyStopping::new(self.patience).for_good(),
            ),
            (&mut watched, callbacks),
        );
        let minimizer = SingleGradient::adam().clip_norm(self.clip);
        let trained = self
            .trainer(each)
            .fit_with(model, minimizer, data, evaluate, &mut all);
        match &trained.outcome {
            Outcome::Interrupted => Err(TrainError::Interrupted),
            Outcome::NonFinite(_) if trained.best.is_some() => Ok(trained),
            Outcome::Failed(_) | Outcome::NonFinite(_) => {
                Err(TrainError::Ended(Box::new(trained.outcome)))
            }
            _ => Ok(trained),
        }
    }

    fn trainer(&self, each: usize) -> Trainer {
        let each = each.max(1);
        let epochs = self.steps.div_ceil(each).max(1);
        let every = self.validation_steps.div_ceil(each).clamp(1, epochs);
        let recover = OnNonFinite::Recover {
            at_most: 3,
            scale: 0.5,
        };
        let trainer = match self.limit {
            Some(limit) => Trainer::annealed_for_time(limit, self.rate),
            None => Trainer::annealed(self.steps, self.rate),
        };
        let trainer = match &self.resume {
            Some(path) => trainer.resume(path),
            None => trainer,
        };
        let trainer = match self.save_every {
            Some(steps) => trainer.save_every(steps),
            None => trainer,
        };
        trainer
            .seed(self.seed)
            .validate_every(every)
            .on_non_finite(recover)
    }
}

impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipe")
            .field("steps", &self.steps)
            .field("rate", &self.rate)
            .field("limit", &self.limit)
            .field("clip", &self.clip)
            .field("average", &self.average)
            .field("patience", &self.patience)
            .field("validation_steps", &self.validation_steps)
            .field("seed", &self.seed)
            .field("resume", &self.resume)
            .field("save_every", &self.save_every)
            .finish_non_exhaustive()
    }
}

/// Tells a [`Watcher`] of epochs, and interrupts a training that is in vain.
struct Watched<'a> {
    recipe: &'a Recipe,
    /// The steps of earlier runs.
    begun: usize,
}

impl<M> Callback<M> for Watched<'_> {
    fn on_train_begin(&mut self, progress: &Progress, _: &M) -> Signal {
        self.begun = progress.step;
        Signal::CONTINUE
    }

    fn on_epoch_end(&mut self, progress: &Progress, _: &M) -> Signal {
        // A training that was over ends its last epoch once more, without a step.
        let watch = self.recipe.watch.as_ref();
        let signal = match watch.filter(|_| progress.step > self.begun) {
            Some(watch) => watch(progress),
            None => Signal::CONTINUE,
        };
        let given_up = self.recipe.given_up.as_ref();
        match given_up.is_some_and(|given_up| given_up.load(Ordering::SeqCst)) {
            true => signal.and(Signal::interrupt()),
            false => signal,
        }
    }
}
