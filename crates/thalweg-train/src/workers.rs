//! Losses of batches in parts.

use std::thread;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor};
use thalweg_optim::{Evaluation, EvaluationError};

use crate::batch::samples_to_train;
use crate::divide::divided;
use crate::seed::{Stream, derive};
use crate::{Divide, Evaluate, PartLoss};

/// What parts of a batch are evaluated by: a loss function, or [`WithGradients`](crate::WithGradients).
#[derive(Debug, Clone, Copy)]
struct Parts<L> {
    loss: L,
    /// Whether the loss is the sum over the batch and not its mean.
    sum: bool,
}

impl<L> Parts<L> {
    fn of(loss: L) -> Self {
        Self { loss, sum: false }
    }

    /// The addend of a part to the loss of a batch of `total` samples, with its gradient.
    fn evaluate<M: Module, B: Divide>(
        &self,
        model: &M,
        part: B,
        total: usize,
        seed: u64,
    ) -> Result<Evaluation, EvaluationError>
    where
        L: PartLoss<M, B>,
    {
        let weight = match self.sum {
            true => 1.0,
            false => part.batch_size() as f64 / total as f64,
        };
        self.loss.weighted(model, part, weight, seed)
    }
}

/// A loss function or [`WithGradients`](crate::WithGradients), evaluated on one part of the batch after the other: gradient
/// accumulation, for batches whose graph does not fit in memory at once.
///
/// The result is that of the whole batch up to rounding, with the exceptions of [`Workers`].
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
/// use thalweg_train::{Accumulate, Evaluate};
///
/// // A batch of three, two at a time: the gradient is that of the whole batch.
/// let batch = Tensor::<1>::from_data([1.0, 2.0, 6.0], &device);
/// let evaluation = Accumulate::new(2, loss).evaluate(&model, &batch, 0)?;
/// let gradient = evaluation.grads.get::<1>(model.mean.id).unwrap().into_scalar::<f32>();
/// assert!((gradient + 3.0).abs() < 1e-6);
/// # let _ = (data, sgd);
/// # Ok::<(), thalweg_optim::EvaluationError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Accumulate<L> {
    loss: Parts<L>,
    parts: usize,
}

impl<L> Accumulate<L> {
    /// Divides each batch into `parts` parts.
    ///
    /// # Panics
    /// If `parts` is 0.
    pub fn new(parts: usize, loss: L) -> Self {
        assert!(parts > 0, "a batch has at least one part, got 0");
        let loss = Parts::of(loss);
        Self { loss, parts }
    }

    /// Says that the loss is the sum over the batch and not its mean.
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
    /// use thalweg_train::{Accumulate, Evaluate, Workers};
    ///
    /// let sum = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().sum() * 0.5;
    /// let batch = Tensor::<1>::from_data([1.0, 2.0, 6.0], &device);
    /// let mut found = Accumulate::new(2, sum).summed().evaluate(&model, &batch, 0)?.loss;
    /// assert_eq!(found.read()?, 20.5); // (1² + 2² + 6²)/2
    /// let mut found = Workers::new(2, sum).summed().evaluate(&model, &batch, 0)?.loss;
    /// assert_eq!(found.read()?, 20.5);
    /// # let _ = (data, sgd, loss(&model, batch, 0));
    /// # Ok::<(), thalweg_optim::EvaluationError>(())
    /// ```
    pub fn summed(mut self) -> Self {
        self.loss.sum = true;
        self
    }
}

impl<M, B, L> Evaluate<M, B> for Accumulate<L>
where
    M: Module,
    B: Divide,
    L: PartLoss<M, B>,
{
    fn evaluate(&self, model: &M, batch: &B, seed: u64) -> Result<Evaluation, EvaluationError> {
        let parts = divided(batch, self.parts)?.into_iter().enumerate();
        let total = samples_to_train(batch)?;
        let evaluations = parts.map(|(index, part)| {
            let seed = derive(seed, Stream::Worker, index);
            self.loss.evaluate(model, part, total, seed)
        });
        Evaluation::sum(model, evaluations)
    }

    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        batch.samples()?;
        self.loss.loss.of_batch(model, batch, seed)
    }
}

/// A loss function or [`WithGradients`](crate::WithGradients), evaluated by several threads, each on a part of the batch.
///
/// The loss is the mean over the batch, so the gradient is the mean of the parts' gradients, each
/// weighted by its share of the samples; see [`summed`](Self::summed) for sums. A loss with weights of
/// its own, such as a mean over a mask, is not the mean of its parts.
///
/// This is faster on a CPU where the operations leave cores idle. The result is that of one thread up
/// to rounding, except for layers that look across the batch, and for randomness: each part has its
/// own seed, so a run is repeatable with the same number of workers.
///
/// With [`on`](Self::on) each thread has its own device, and gradients are added on the model's.
///
/// With [`WithGradients`](crate::WithGradients) each part's gradient comes from your function, for example without a tape: two
/// threads then need the memory of two layers, whatever the depth.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::GradientsParams;
/// # use burn::tensor::{Device, Tensor};
/// use thalweg_train::{Evaluate, WithGradients, Workers};
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
/// # let by_hand = |model: &Mean, x: Tensor<1>, seed| {
/// #     let mut gradients = GradientsParams::new();
/// #     gradients.register(model.mean.id, model.mean.val().inner() - x.clone().mean());
/// #     (loss(model, x, seed), gradients)
/// # };
/// // `by_hand` returns a loss and its gradients, as `flow.loss_and_gradients(x, &how)` does.
/// let workers = Workers::new(2, WithGradients::new(loss, by_hand));
/// let batch = Tensor::<1>::from_data([1.0, 2.0, 6.0], &device);
/// let found = workers.evaluate(&model, &batch, 0)?;
/// let gradient: f64 = found.grads.get::<1>(model.mean.id).unwrap().into_scalar();
/// assert!((gradient + 3.0).abs() < 1e-6); // the mean of all three, of parts of 2 and of 1
/// # Ok::<(), thalweg_optim::EvaluationError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Workers<L> {
    loss: Parts<L>,
    /// The device of each worker: `None` is that of the model.
    places: Vec<Option<Device>>,
}

impl<L> Workers<L> {
    /// Divides each batch among `count` threads.
    ///
    /// # Panics
    /// If `count` is 0.
    pub fn new(count: usize, loss: L) -> Self {
        assert!(count > 0, "a run needs at least one worker, got 0");
        let (loss, places) = (Parts::of(loss), vec![None; count]);
        Self { loss, places }
    }

    /// One thread on each of these devices, which may be of different backends. The model and its
    /// optimizer stay on the main device, which works only if it is one of these.
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
    /// use thalweg_train::{Evaluate, Workers};
    ///
    /// // Two threads on the same device.
    /// let workers = Workers::on([device.clone(), device.clone()], loss);
    /// let batch = Tensor::<1>::from_data([1.0, 2.0, 6.0], &device);
    /// let mut found = workers.evaluate(&model, &batch, 0)?.loss;
    /// assert!((found.read()? - 41.0 / 6.0).abs() < 1e-5);
    /// # let _ = (data, sgd);
    /// # Ok::<(), thalweg_optim::EvaluationError>(())
    /// ```
    ///
    /// # Panics
    /// Without a device.
    pub fn on(devices: impl IntoIterator<Item = Device>, loss: L) -> Self {
        let places: Vec<_> = devices.into_iter().map(Some).collect();
        assert!(!places.is_empty(), "a run needs at least one device, got 0");
        let loss = Parts::of(loss);
        Self { loss, places }
    }

    /// Says that the loss is the sum over the batch and not its mean.
    ///
    /// See [`Accumulate::summed`] for an example.
    pub fn summed(mut self) -> Self {
        self.loss.sum = true;
        self
    }
}

impl<M, B, L> Evaluate<M, B> for Workers<L>
where
    M: Module,
    B: Divide + Send,
    L: PartLoss<M, B> + Sync,
{
    fn evaluate(&self, model: &M, batch: &B, seed: u64) -> Result<Evaluation, EvaluationError> {
        let parts = divided(batch, self.places.len())?;
        let total = samples_to_train(batch)?;
        let main = model.devices().into_iter().next().unwrap_or_default();
        let main = main.without_autodiff();
        let work = |mut model: M, mut part: B, place: &Option<Device>, seed: u64| {
            if let Some(place) = place {
                model = model.fork(&place.clone().autodiff());
                part = part.to_device(&place.clone().without_autodiff());
            }
            let model = model.map(&mut OwnLeaves);
            let evaluation = self.loss.evaluate(&model, part, total, seed)?;
            Ok(match place {
                Some(_) => evaluation.to_device(&main, &model),
                None => evaluation,
            })
        };
        let parts = parts.into_iter().zip(&self.places).enumerate();
        let results: Vec<Result<Evaluation, EvaluationError>> = thread::scope(|scope| {
            let workers = parts.map(|(index, (part, place))| {
                let seed = derive(seed, Stream::Worker, index);
                let (model, work) = (model.clone(), &work);
                scope.spawn(move || work(model, part, place, seed))
            });
            let workers: Vec<_> = workers.collect();
            let joined = workers.into_iter().map(|worker| worker.join());
            // A panic of a worker goes on in the thread that called.
            joined
                .map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        Evaluation::sum(model, results)
    }

    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        batch.samples()?;
        self.loss.loss.of_batch(model, batch, seed)
    }
}

/// Makes every parameter the leaf of its own graph, under the same id.
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
