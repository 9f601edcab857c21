use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::batch::samples_to_train;
use crate::{BatchSize, PartLoss};
use thalweg_optim::{BoxError, Evaluation, EvaluationError};

/// A loss function with a way to its gradient: one thread, several, or a function of yours.
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
/// use thalweg_train::{Evaluate, OneThread};
///
/// let evaluate = OneThread(loss);
/// let batch = Tensor::<1>::from_data([1.0, 3.0], &device);
/// let mut found = evaluate.evaluate(&model, &batch, 0)?;
/// assert_eq!(found.loss.read()?, 2.5); // (1² + 3²)/4
/// let gradient = found.grads.get::<1>(model.mean.id).unwrap().into_scalar::<f64>();
/// assert_eq!(gradient, -2.0);
/// assert_eq!(evaluate.loss(&model, batch, 0)?.into_scalar::<f64>(), 2.5);
/// # let _ = (data, sgd);
/// # Ok::<(), thalweg_optim::EvaluationError>(())
/// ```
///
/// See [`Workers`](crate::Workers) for another.
pub trait Evaluate<M, B> {
    /// The loss of a training batch and its gradient.
    ///
    /// # Errors
    /// The error of [`Evaluation::new`], of a loss function that [refuses](IntoLoss) its batch, of a
    /// batch without samples, or of one with [unequal members](BatchSize::samples).
    fn evaluate(&self, model: &M, batch: &B, seed: u64) -> Result<Evaluation, EvaluationError>;

    /// The loss of a validation batch.
    ///
    /// # Errors
    /// The error of a loss function that [refuses](IntoLoss) its batch, or of a batch with
    /// [unequal members](BatchSize::samples).
    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError>;
}

/// A loss function, evaluated by the thread that asks.
///
/// See [`Evaluate`] and [`Recipe`](crate::Recipe) for an example.
#[derive(Debug, Clone, Copy)]
pub struct OneThread<L>(pub L);

impl<M, B, L, R> Evaluate<M, B> for OneThread<L>
where
    M: Module,
    B: Clone + BatchSize,
    L: Fn(&M, B, u64) -> R,
    R: IntoLoss,
{
    fn evaluate(&self, model: &M, batch: &B, seed: u64) -> Result<Evaluation, EvaluationError> {
        samples_to_train(batch)?;
        Evaluation::new((self.0)(model, batch.clone(), seed).into_loss()?, model)
    }

    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        batch.samples()?;
        (self.0)(model, batch, seed).into_loss()
    }
}

/// A loss function, and another that computes its value and its gradient: for gradients that do not
/// come from one backward pass, such as those of a flow without a tape (`thalweg_flow::Reversible`).
/// [`Workers`](crate::Workers) and [`Accumulate`](crate::Accumulate) take it for the parts of a batch.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::{GradientsParams, SgdConfig};
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_train::{Data, Trainer, WithGradients};
/// # use thalweg_optim::SingleGradient;
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
/// let by_hand = |model: &Mean, x: Tensor<1>, seed| {
///     let mut gradients = GradientsParams::new();
///     gradients.register(model.mean.id, model.mean.val().inner() - x.clone().mean());
///     (loss(model, x, seed), gradients)
/// };
/// let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
/// let sgd = SingleGradient::new(SgdConfig::new().init());
/// let evaluate = WithGradients::new(loss, by_hand);
/// let trained = Trainer::new(50, 0.5).fit_with(model, sgd, &data, evaluate, &mut ());
/// let mean: f64 = trained.model.mean.val().into_scalar();
/// assert!((mean - 2.0).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct WithGradients<L, G> {
    pub(crate) loss: L,
    pub(crate) gradients: G,
}

impl<L, G> WithGradients<L, G> {
    /// A loss function, and one of the same arguments that returns the loss, `[1]`, and the
    /// gradients of the model's parameters.
    pub fn new(loss: L, gradients: G) -> Self {
        Self { loss, gradients }
    }
}

impl<M, B, L, G, R, S> Evaluate<M, B> for WithGradients<L, G>
where
    M: Module,
    B: Clone + BatchSize,
    L: Fn(&M, B, u64) -> R,
    R: IntoLoss,
    G: Fn(&M, B, u64) -> S,
    S: IntoLoss<(Tensor<1>, GradientsParams)>,
{
    fn evaluate(&self, model: &M, batch: &B, seed: u64) -> Result<Evaluation, EvaluationError> {
        samples_to_train(batch)?;
        self.weighted(model, batch.clone(), 1.0, seed)
    }

    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        batch.samples()?;
        self.of_batch(model, batch, seed)
    }
}

/// The return type of a loss function: its value, or a `Result` of it.
///
/// A loss that refuses its batch, such as pixels that are no levels of the model, returns an error;
/// the run then ends with that error as its [`Outcome`](crate::Outcome), and the model as it was.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_optim::{EvaluationError, SingleGradient};
/// # #[derive(Module, Debug)]
/// # struct Rate { log: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Rate { log: Param::from_data([0.0], &device.clone().autodiff()) };
/// use thalweg_train::{Data, IntoLoss, Trainer};
///
/// let exponential = |model: &Rate, x: Tensor<1>, _seed| {
///     let smallest: f64 = x.clone().min().into_scalar();
///     if smallest < 0.0 {
///         return Err(format!("a waiting time is not negative, this batch holds {smallest}"));
///     }
///     Ok((model.log.val().exp() * x - model.log.val()).mean())
/// };
/// let refused = exponential(&model, Tensor::from_data([-1.0], &device), 0).into_loss();
/// assert!(matches!(refused, Err(EvaluationError::Refused(_))));
/// let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, -3.0], &device)]);
/// let sgd = SingleGradient::new(SgdConfig::new().init());
/// let trained = Trainer::new(1, 0.1).fit(model, sgd, &data, exponential, &mut ());
/// assert!(trained.outcome.to_string().contains("this batch holds -3"));
/// ```
pub trait IntoLoss<T = Tensor<1>> {
    /// The value, or why there is none.
    ///
    /// # Errors
    /// The error of the loss function, as [`EvaluationError::Refused`].
    fn into_loss(self) -> Result<T, EvaluationError>;
}

impl IntoLoss for Tensor<1> {
    fn into_loss(self) -> Result<Self, EvaluationError> {
        Ok(self)
    }
}

impl IntoLoss<Self> for (Tensor<1>, GradientsParams) {
    fn into_loss(self) -> Result<Self, EvaluationError> {
        Ok(self)
    }
}

impl<T, E: Into<BoxError>> IntoLoss<T> for Result<T, E> {
    fn into_loss(self) -> Result<T, EvaluationError> {
        self.map_err(|error| EvaluationError::Refused(error.into()))
    }
}
