use std::thread;

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor};

use crate::batch::samples_to_train;
use crate::divide::{Parts, divided};
use crate::seed::{Stream, derive};
use crate::{Divide, Evaluate, IntoLoss};
use thalweg_optim::{Evaluation, EvaluationError};

/// A loss function, evaluated by several threads, each on a part of the batch.
///
/// The loss is the mean over the batch, so the gradient is the mean of the parts', each weighted by
/// its share of the samples; see [`summed`](Self::summed) for sums. A loss with weights of its own,
/// such as a mean over what a mask leaves, is not the mean of its parts.
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
    of: Parts,
    /// Where each works: `None` is where the model is.
    places: Vec<Option<Device>>,
}

impl<L> Workers<L> {
    /// Divides each batch among `count` threads.
    ///
    /// # Panics
    /// If `count` is 0.
    pub fn new(count: usize, loss: L) -> Self {
        assert!(count > 0, "a run needs at least one worker, got 0");
        Self {
            loss,
            of: Parts::Means,
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
        Self {
            loss,
            of: Parts::Means,
            places,
        }
    }

    /// Says that the loss is the sum over the batch and not its mean: those of the parts are added.
    pub fn summed(mut self) -> Self {
        self.of = Parts::Sums;
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
        let total = samples_to_train(batch)? as f64;
        let main = model.devices().into_iter().next().unwrap_or_default();
        let main = main.without_autodiff();
        let work = |mut model: M, mut part: B, place: &Option<Device>, seed: u64| {
            if let Some(place) = place {
                model = model.fork(&place.clone().autodiff());
                part = part.to_device(&place.clone().without_autodiff());
            }
            let model = model.map(&mut OwnLeaves);
            let share = part.batch_size() as f64 / total;
            let loss = (self.loss)(&model, part, seed).into_loss()?;
            let evaluation = Evaluation::new(self.of.part(loss, share), &model)?;
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
            // A panic of a worker goes on in the thread that asked.
            joined
                .map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        Evaluation::sum(model, results)
    }

    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        batch.samples()?;
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
