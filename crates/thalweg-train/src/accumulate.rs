use burn::module::Module;
use burn::tensor::Tensor;

use crate::batch::samples_to_train;
use crate::divide::{Parts, divided};
use crate::seed::{Stream, derive};
use crate::{Divide, Evaluate, IntoLoss};
use thalweg_optim::{Evaluation, EvaluationError};

/// A loss function, evaluated on one part of the batch after the other: gradient accumulation, for
/// batches whose graph does not fit in memory at once.
///
/// The result is that of the whole batch up to rounding, with the exceptions of [`Workers`](crate::Workers).
#[derive(Debug, Clone, Copy)]
pub struct Accumulate<L> {
    loss: L,
    of: Parts,
    parts: usize,
}

impl<L> Accumulate<L> {
    /// Divides each batch into `parts` parts.
    ///
    /// # Panics
    /// If `parts` is 0.
    pub fn new(parts: usize, loss: L) -> Self {
        assert!(parts > 0, "a batch has at least one part, got 0");
        Self {
            loss,
            of: Parts::Means,
            parts,
        }
    }

    /// Says that the loss is the sum over the batch and not its mean: those of the parts are added.
    pub fn summed(mut self) -> Self {
        self.of = Parts::Sums;
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
        let total = samples_to_train(batch)? as f64;
        let evaluations = parts.map(|(index, part)| {
            let share = part.batch_size() as f64 / total;
            let seed = derive(seed, Stream::Worker, index);
            let loss = (self.loss)(model, part, seed).into_loss()?;
            Evaluation::new(self.of.part(loss, share), model)
        });
        Evaluation::sum(model, evaluations)
    }

    fn loss(&self, model: &M, batch: B, seed: u64) -> Result<Tensor<1>, EvaluationError> {
        batch.samples()?;
        (self.loss)(model, batch, seed).into_loss()
    }
}
