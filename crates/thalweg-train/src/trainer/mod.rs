mod settings;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use burn::module::Module;

use crate::limits::Clock;
use crate::run::Run;
use crate::stepper::Stepper;
use crate::{BatchSize, Callback, Data, Evaluate, IntoLoss, OnNonFinite, OneThread, Trained};
use thalweg_optim::Minimizer;

/// The training loop: epochs of steps, validation, callbacks.
///
/// ```
/// use burn::module::{Module, Param};
/// use burn::optim::SgdConfig;
/// use burn::tensor::{Device, Tensor};
/// use thalweg_train::{Data, Trainer};
/// use thalweg_optim::SingleGradient;
///
/// /// The mean of a normal density with variance 1.
/// #[derive(Module, Debug)]
/// struct Mean {
///     mean: Param<Tensor<1>>,
/// }
///
/// let device = Device::default();
/// let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// let batches = vec![Tensor::<1>::from_data([1.0, 3.0], &device)];
///
/// let trained = Trainer::new(50, 0.5).fit(
///     model,
///     SingleGradient::new(SgdConfig::new().init()),
///     &Data::train(|_epoch| batches.clone()),
///     |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5,
///     &mut (),
/// );
/// let mean: f64 = trained.model.mean.val().into_scalar();
/// assert!((mean - 2.0).abs() < 1e-6);
/// ```
pub struct Trainer {
    pub(crate) epochs: usize,
    pub(crate) learning_rate: f64,
    pub(crate) schedule: Box<dyn Fn(usize) -> f64 + Send + Sync>,
    pub(crate) seed: u64,
    pub(crate) max_steps: Option<usize>,
    pub(crate) at_most: Option<Duration>,
    pub(crate) by_time: Option<Box<dyn Fn(f64) -> f64 + Send + Sync>>,
    pub(crate) clock: Clock,
    pub(crate) read_loss_every: usize,
    pub(crate) validate_every: usize,
    pub(crate) resume: Option<PathBuf>,
    pub(crate) save_every: Option<usize>,
    pub(crate) on_non_finite: OnNonFinite,
    pub(crate) explain: Option<Explain>,
}

/// Runs a computation and names its first layer with an output that is not finite.
type Explain = Box<dyn Fn(&mut dyn FnMut()) -> Option<String> + Send + Sync>;

impl Trainer {
    /// A loop over this many epochs, with steps of this size. The schedule is constant, the seed
    /// 0, the loss is read at each step and the validation data, if any, after each epoch.
    pub fn new(epochs: usize, learning_rate: f64) -> Self {
        Self {
            epochs,
            learning_rate,
            schedule: Box::new(crate::schedule::constant()),
            seed: 0,
            max_steps: None,
            at_most: None,
            by_time: None,
            clock: Clock::default(),
            read_loss_every: 1,
            validate_every: 1,
            resume: None,
            save_every: None,
            on_non_finite: OnNonFinite::End,
            explain: None,
        }
    }

    /// Trains a model that lives on an autodiff device.
    ///
    /// Batches may live on the plain or on the autodiff device. Layers such as Burn's batch
    /// normalization choose between training and inference by their input, so with them training
    /// batches belong on the autodiff device.
    ///
    /// The loss function takes the model, a batch and a seed, and returns one element, the mean
    /// over the batch, or a [`Result`](IntoLoss) of it. All its randomness must come from the seed,
    /// which derives from the run's seed and the step alone: so a step is repeatable, and a method
    /// that evaluates several times sees one function. Validation calls it with `model.valid()`, weights each batch by
    /// its [size](BatchSize), and uses the same seeds in each epoch, so that its values compare;
    /// batches without samples are left out. In training such a batch is an error.
    ///
    /// A training loss that is not finite ends the run before the update: the returned model
    /// has not been touched by it. See [`Outcome`](crate::Outcome) for all ends.
    ///
    /// # Panics
    /// If the loss has not exactly one element.
    pub fn fit<M, B, T, I, V, J, L, R>(
        &self,
        model: M,
        minimizer: impl Minimizer<M>,
        data: &Data<T, V>,
        loss: L,
        callbacks: &mut (impl Callback<M> + ?Sized),
    ) -> Trained<M>
    where
        M: Module,
        B: Clone + BatchSize,
        T: Fn(usize) -> I,
        I: IntoIterator<Item = B, IntoIter: ExactSizeIterator>,
        V: Fn(usize) -> J,
        J: IntoIterator<Item = B>,
        L: Fn(&M, B, u64) -> R,
        R: IntoLoss,
    {
        Run::new(self.stepper(minimizer, loss)).fit(model, data, callbacks)
    }

    /// As [`fit`](Self::fit), with another way to the gradient: several threads on each batch
    /// ([`Workers`](crate::Workers)), or a function that finds it
    /// ([`WithGradients`](crate::WithGradients)).
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
    /// use thalweg_train::{Trainer, Workers};
    ///
    /// let batch = Tensor::<1>::from_data([1.0, 2.0, 6.0], &device);
    /// let data = Data::train(|_epoch| vec![batch.clone()]);
    /// let trained = Trainer::new(50, 0.5).fit_with(model, sgd, &data, Workers::new(2, loss), &mut ());
    /// let mean: f64 = trained.model.mean.val().into_scalar();
    /// assert!((mean - 3.0).abs() < 1e-5);
    /// ```
    ///
    /// # Panics
    /// As [`fit`](Self::fit).
    pub fn fit_with<M, B, T, I, V, J>(
        &self,
        model: M,
        minimizer: impl Minimizer<M>,
        data: &Data<T, V>,
        evaluate: impl Evaluate<M, B>,
        callbacks: &mut (impl Callback<M> + ?Sized),
    ) -> Trained<M>
    where
        M: Module,
        B: Clone + BatchSize,
        T: Fn(usize) -> I,
        I: IntoIterator<Item = B, IntoIter: ExactSizeIterator>,
        V: Fn(usize) -> J,
        J: IntoIterator<Item = B>,
    {
        Run::new(Stepper::new(self, minimizer, evaluate)).fit(model, data, callbacks)
    }

    /// Single steps, for your own loop.
    ///
    /// See [`Stepper`] for an example.
    pub fn stepper<Z, L>(&self, minimizer: Z, loss: L) -> Stepper<'_, Z, OneThread<L>> {
        Stepper::new(self, minimizer, OneThread(loss))
    }
}

impl fmt::Debug for Trainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trainer")
            .field("epochs", &self.epochs)
            .field("learning_rate", &self.learning_rate)
            .field("seed", &self.seed)
            .field("max_steps", &self.max_steps)
            .field("at_most", &self.at_most)
            .field("read_loss_every", &self.read_loss_every)
            .field("validate_every", &self.validate_every)
            .field("resume", &self.resume)
            .field("save_every", &self.save_every)
            .field("on_non_finite", &self.on_non_finite)
            .finish_non_exhaustive()
    }
}
