//! Losses of batches in parts.

use std::thread;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor};
use thalweg_optim::{Evaluation, EvaluationError};

use crate::batch::samples_to_train;
use crate::divide::divided;
use crate::seed::{Stream, derive};
use crate::{Divide, Evaluate, IntoLoss};

/// The loss function of a part of a batch.
#[derive(Debug, Clone, Copy)]
struct PartLoss<L> {
    loss: L,
    /// Whether the loss is the sum over the batch and not its mean.
    sum: bool,
}

impl<L> PartLoss<L> {
    /// The addend of a part to the loss of a batch of `total` samples, with its gradient.
    fn evaluate<M, B, R>(
        &self,
        model: &M,
        part: B,
        total: usize,
        seed: u64,
    ) -> Result<Evaluation, EvaluationError>
    where
        M: Module,
        B: Divide,
        L: Fn(&M, B, u64) -> R,
        R: IntoLoss,
    {
        let share = part.batch_size() as f64 / total as f64;
        let loss = (self.loss)(model, part, seed).into_loss()?;
        let loss = if self.sum {
            loss
        } else {
            loss.mul_scalar(share)
        };
        Evaluation::new(loss, model)
    }
}

/// A loss function, evaluated on one part of the batch after the other: gradient accumulation, for
/// batches whose graph does not fit in memory at once.
///
/// The result is that of the whole batch up to rounding, with the exceptions of [`Workers`].
#[derive(Debug, Clone, Copy)]
pub struct Accumulate<L> {
    loss: PartLoss<L>,
    parts: usize,
}

impl<L> Accumulate<L> {
    /// Divides each batch into `parts` parts.
    ///
    /// # Panics
    /// If `parts` is 0.
    pub fn new(parts: usize, loss: L) -> Self {
        assert!(parts > 0, "a batch has at least one part, got 0");
        let loss = PartLoss { loss, sum: false };
        Self { loss, parts }
    }

    /// Says that the loss is the sum over the batch and not its mean.
    pub fn summed(mut self) -> Self {
        self.loss.sum = true;
        self
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
        (self.loss.loss)(model, batch, seed).into_loss()
    }
}

/// A loss function, evaluated by several threads, each on a part of the batch.
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
#[derive(Debug, Clone)]
pub struct Workers<L> {
    loss: PartLoss<L>,
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
        let (loss, places) = (PartLoss { loss, sum: false }, vec![None; count]);
        Self { loss, places }
    }

    /// One thread on each of these devices, which may be of different backends. The model and its
    /// optimizer stay on the main device, which works only if it is one of these.
    ///
    /// # Panics
    /// Without a device.
    pub fn on(devices: impl IntoIterator<Item = Device>, loss: L) -> Self {
        let places: Vec<_> = devices.into_iter().map(Some).collect();
        assert!(!places.is_empty(), "a run needs at least one device, got 0");
        let loss = PartLoss { loss, sum: false };
        Self { loss, places }
    }

    /// Says that the loss is the sum over the batch and not its mean.
    pub fn summed(mut self) -> Self {
        self.loss.sum = true;
        self
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
        (self.loss.loss)(model, batch, seed).into_loss()
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
