//! What a run does about a loss that is not finite.

use burn::module::Module;

use super::Run;
use crate::non_finite::bad_parameter;
use crate::{
    BatchSize, Cause, Evaluate, Minimizer, NonFinite, OnNonFinite, Outcome, Phase, TrainError,
};

impl<M, Z, L> Run<'_, M, Z, L>
where
    M: Module,
    Z: Minimizer<M>,
{
    /// Where the loss of a training batch comes from.
    pub(super) fn bad_training<B>(&self, loss: f64, model: &M, batch: B) -> NonFinite
    where
        B: BatchSize,
        L: Evaluate<M, B>,
    {
        let seed = self.stepper.training_seed();
        let cause = match bad_parameter(model) {
            Some(name) => Cause::Parameter(name),
            None => self.cause(model, batch, seed),
        };
        self.found(loss, Phase::Training, self.progress.batch, cause)
    }

    /// Where the mean loss of validation batches comes from.
    pub(super) fn bad_validation<B>(
        &self,
        loss: f64,
        model: &M,
        batches: impl IntoIterator<Item = B>,
    ) -> NonFinite
    where
        B: BatchSize,
        L: Evaluate<M, B>,
    {
        let found = |batch, cause| self.found(loss, Phase::Validation, batch, cause);
        if let Some(name) = bad_parameter(model) {
            return found(0, Cause::Parameter(name));
        }
        let model = model.valid();
        let batches = batches.into_iter().enumerate();
        let batches = batches.filter(|(_, batch)| batch.batch_size() > 0);
        let causes = batches.map(|(index, batch)| {
            let seed = self.stepper.validation_seed(index);
            (index, self.cause(&model, batch, seed))
        });
        let known = causes
            .into_iter()
            .find(|(_, cause)| *cause != Cause::Unknown);
        known.map_or_else(
            || found(0, Cause::Unknown),
            |(index, cause)| found(index, cause),
        )
    }

    /// What a batch gives with sound parameters.
    fn cause<B>(&self, model: &M, batch: B, seed: u64) -> Cause
    where
        B: BatchSize,
        L: Evaluate<M, B>,
    {
        if batch.is_all_finite() == Some(false) {
            return Cause::Batch;
        }
        let Some(explain) = &self.stepper.trainer.explain else {
            return Cause::Unknown;
        };
        let mut batch = Some(batch);
        let mut again = || {
            if let Some(batch) = batch.take() {
                drop(self.stepper.loss(model, batch, seed));
            }
        };
        explain(&mut again).map_or(Cause::Unknown, Cause::Layer)
    }

    fn found(&self, loss: f64, phase: Phase, batch: usize, cause: Cause) -> NonFinite {
        NonFinite {
            epoch: self.progress.epoch,
            batch,
            step: self.stepper.step(),
            loss,
            phase,
            cause,
        }
    }

    pub(super) fn survived_so_far(&self) -> usize {
        self.survived_before + self.survived.len()
    }

    /// Ends the run or goes on, as the trainer says.
    pub(super) fn survive(&mut self, found: NonFinite, model: M) -> M {
        let (at_most, scale) = match self.stepper.trainer.on_non_finite {
            OnNonFinite::End => (0, None),
            OnNonFinite::Skip { at_most } => (at_most, None),
            OnNonFinite::Recover { at_most, scale } => (at_most, Some(scale)),
        };
        if self.survived_so_far() >= at_most {
            self.end(Outcome::NonFinite(found));
            return model;
        }
        self.survived.push(found);
        let count = self.survived_so_far() as f64;
        self.progress.metrics.insert("non_finite".to_owned(), count);
        let Some(scale) = scale else {
            return model;
        };
        self.stepper.scale(scale);
        if let Err(source) = self.stepper.forget(&self.fresh, model.devices()) {
            let error = TrainError::Restore(source.to_string());
            self.end(Outcome::Failed(error));
        }
        self.back_to_sound(model)
    }
}
