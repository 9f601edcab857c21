use std::thread;

use burn::module::{Module, ModuleMapper, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};

use crate::seed::{Stream, derive};
use crate::{Divide, Evaluation, EvaluationError, IntoLoss};

/// A loss function, evaluated by one thread, by several, or with gradients of one's own.
pub trait Evaluate<M, B> {
    /// The loss of a training batch and its gradient.
    ///
    /// # Errors
    /// What [`Evaluation::new`] returns, and that of a loss function which [refuses](IntoLoss) its
    /// batch.
    fn evaluate(&self, model: &M, batch: &B, seed: u64) -> Result<Evaluation, EvaluationError>;

    /// The loss of a validation batch.
    ///
    /// # Errors
    /// That of a loss function which [refuses](IntoLoss) its batch.
    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError>;
}

/// A loss function, evaluated by the thread that asks.
#[derive(Debug, Clone, Copy)]
pub struct OneThread<L>(pub L);

impl<M, B, L, R> Evaluate<M, B> for OneThread<L>
where
    M: Module,
    B: Clone,
    L: Fn(&M, B, u64) -> R,
    R: IntoLoss,
{
    fn evaluate(&self, model: &M, batch: &B, seed: u64) -> Result<Evaluation, EvaluationError> {
        Evaluation::new((self.0)(model, batch.clone(), seed).into_loss()?, model)
    }

    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        (self.0)(model, batch, seed).into_loss()
    }
}

/// A loss function, and another one that finds its value together with its gradient: for gradients
/// that do not come from one backward pass, such as those of a flow that keeps no tape
/// (`thalweg_flow::Reversible`).
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::{GradientsParams, SgdConfig};
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_train::{Data, SingleGradient, Trainer, WithGradients};
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
    loss: L,
    gradients: G,
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
    B: Clone,
    L: Fn(&M, B, u64) -> R,
    R: IntoLoss,
    G: Fn(&M, B, u64) -> S,
    S: IntoLoss<(Tensor<1>, GradientsParams)>,
{
    fn evaluate(&self, model: &M, batch: &B, seed: u64) -> Result<Evaluation, EvaluationError> {
        let (loss, gradients) = (self.gradients)(model, batch.clone(), seed).into_loss()?;
        Evaluation::given(loss, gradients)
    }

    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        (self.loss)(model, batch, seed).into_loss()
    }
}

/// A loss function, evaluated by several threads, each on a part of the batch; the gradients are
/// their mean, weighted by the parts' sizes.
///
/// On a CPU whose operations do not all use its cores this is faster: Glow on MNIST takes two
/// thirds of the time with two threads on two cores. The result is that of one thread up to rounding,
/// except for layers that look across the batch, and for randomness: each part has a seed of its
/// own, so a run is repeatable with the same number of workers.
///
/// With [`on`](Self::on) each thread has a device of its own, and gradients are added up on the
/// model's.
#[derive(Debug, Clone)]
pub struct Workers<L> {
    loss: L,
    /// Where each works: `None` is where the model is.
    places: Vec<Option<Device>>,
}

impl<L> Workers<L> {
    /// So many threads.
    ///
    /// # Panics
    /// If `count` is 0.
    pub fn new(count: usize, loss: L) -> Self {
        assert!(count > 0, "a run needs at least one worker, got 0");
        Self {
            loss,
            places: vec![None; count],
        }
    }

    /// One thread on each of these devices, which may be of different backends. The model and its
    /// optimizer stay where they are, the main device, which is one of them if it is to work too.
    ///
    /// # Panics
    /// Without a device.
    pub fn on(devices: impl IntoIterator<Item = Device>, loss: L) -> Self {
        let places: Vec<_> = devices.into_iter().map(Some).collect();
        assert!(!places.is_empty(), "a run needs at least one device, got 0");
        Self { loss, places }
    }
}

impl<M, B, L, R> Evaluate<M, B> for Workers<L>
where
    M: Module,
    B: Divide + Send,
    L: Fn(&M, B, u64) -> R + Sync,
    R: IntoLoss,
{
    fn evaluate(&self, model: &M, batch: &B, seed: u64) -> Result<Evaluation, EvaluationError> {
        let total = batch.batch_size() as f64;
        let main = model.devices().into_iter().next().unwrap_or_default();
        let main = main.without_autodiff();
        let work = |mut model: M, mut part: B, place: &Option<Device>, seed: u64| {
            if let Some(place) = place {
                model = model.fork(&place.clone().autodiff());
                part = part.to_device(&place.clone().without_autodiff());
            }
            let model = model.map(&mut OwnLeaves);
            let weight = part.batch_size() as f64 / total;
            let loss = (self.loss)(&model, part, seed).into_loss()?;
            let loss = loss.mul_scalar(weight);
            let evaluation = Evaluation::new(loss, &model)?;
            Ok(match place {
                Some(_) => evaluation.moved_to(&main, &model),
                None => evaluation,
            })
        };
        let parts = batch.divide(self.places.len()).into_iter();
        let parts = parts.zip(&self.places).enumerate();
        let results: Vec<Result<Evaluation, EvaluationError>> = thread::scope(|scope| {
            let workers = parts.map(|(index, (part, place))| {
                let seed = derive(seed, Stream::Worker, index);
                let (model, work) = (model.clone(), &work);
                scope.spawn(move || work(model, part, place, seed))
            });
            let workers: Vec<_> = workers.collect();
            let joined = workers.into_iter().map(|worker| worker.join());
            // A panic of a worker goes on in the thread that asked.
            joined
                .map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        Evaluation::sum(model, results)
    }

    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        (self.loss)(model, batch, seed).into_loss()
    }
}

/// A loss function, evaluated on one part of the batch after the other: gradient accumulation, for
/// batches whose graph does not fit in memory at once.
///
/// The result is that of the whole batch up to rounding, with the exceptions of [`Workers`].
#[derive(Debug, Clone, Copy)]
pub struct Accumulate<L> {
    loss: L,
    parts: usize,
}

impl<L> Accumulate<L> {
    /// In so many parts.
    ///
    /// # Panics
    /// If `parts` is 0.
    pub fn new(parts: usize, loss: L) -> Self {
        assert!(parts > 0, "a batch has at least one part, got 0");
        Self { loss, parts }
    }
}

impl<M, B, L, R> Evaluate<M, B> for Accumulate<L>
where
    M: Module,
    B: Divide,
    L: Fn(&M, B, u64) -> R,
    R: IntoLoss,
{
    fn evaluate(&self, model: &M, batch: &B, seed: u64) -> Result<Evaluation, EvaluationError> {
        let total = batch.batch_size() as f64;
        let parts = batch.divide(self.parts).into_iter().enumerate();
        let evaluations = parts.map(|(index, part)| {
            let weight = part.batch_size() as f64 / total;
            let seed = derive(seed, Stream::Worker, index);
            let loss = (self.loss)(model, part, seed).into_loss()?;
            Evaluation::new(loss.mul_scalar(weight), model)
        });
        Evaluation::sum(model, evaluations)
    }

    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        (self.loss)(model, batch, seed).into_loss()
    }
}

/// Makes every parameter a leaf of a graph of its own, under the same name.
///
/// Graphs that share a leaf are one to Burn, and a backward pass takes its graph apart: with shared
/// leaves, threads that train a Glow meet an "already consumed" panic within minutes.
struct OwnLeaves;

impl ModuleMapper for OwnLeaves {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let (tracked, trainable) = (tensor.is_autodiff(), tensor.is_require_grad());
            match (tracked, trainable) {
                (false, _) => tensor,
                (true, false) => tensor.inner().autodiff(),
                (true, true) => tensor.inner().autodiff().require_grad(),
            }
        })
    }
}
