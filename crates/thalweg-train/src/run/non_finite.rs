//! Numbers that are not finite, in a run.

use burn::module::Module;

use super::Run;
use crate::{BatchSize, Evaluate, NonFinite, OnNonFinite, Origin, Outcome, Phase, TrainError};
use thalweg_optim::finite::bad_parameter;
use thalweg_optim::{EvaluationError, Minimizer};

impl<M, Z, L> Run<'_, M, Z, L>
where
    M: Module,
    Z: Minimizer<M>,
{
    /// Before the first step: where a weight is not finite already, no step helps.
    pub(super) fn check_start(&mut self, model: &M) {
        if self.outcome.is_some() {
            return;
        }
        match bad_parameter(model) {
            Some(name) => {
                let found = self.found(f64::NAN, Phase::Training, 0, Origin::Start(name));
                self.end(Outcome::NonFinite(found));
            }
            None => self.sound = self.copy(model),
        }
    }

    /// Before callbacks or a file see the weights: running statistics and frozen parameters too.
    pub(super) fn check_weights(&mut self, model: M) -> M {
        let Some(name) = bad_parameter(&model) else {
            return model;
        };
        if self.outcome.as_ref().is_some_and(|end| !end.is_success()) {
            return self.back_to_sound(model);
        }
        self.survive(self.spoiled(name), model)
    }

    /// A step has spoiled this parameter.
    pub(super) fn spoiled(&self, name: String) -> NonFinite {
        let loss = self.progress.loss.unwrap_or(f64::NAN);
        let batch = self.done.saturating_sub(1);
        self.found(loss, Phase::Training, batch, Origin::Parameter(name))
    }

    /// The origin of a bad number of a training batch.
    pub(super) fn bad_training<B>(&self, error: &EvaluationError, model: &M, batch: B) -> NonFinite
    where
        B: BatchSize,
        L: Evaluate<M, B>,
    {
        let seed = self.stepper.training_seed();
        let in_batch = || batch.is_all_finite() == Some(false);
        let origin = match error {
            EvaluationError::NonFiniteUpdate { parameter, .. } => {
                Origin::Parameter(parameter.clone())
            }
            EvaluationError::LargeGradient { parameter, .. } => Origin::Square(parameter.clone()),
            EvaluationError::NonFiniteGradient { parameter, .. } if !in_batch() => {
                Origin::Gradient(parameter.clone())
            }
            _ => match bad_parameter(model) {
                Some(name) => Origin::Parameter(name),
                None => self.origin(model, batch, seed),
            },
        };
        let loss = error.loss().unwrap_or(f64::NAN);
        self.found(loss, Phase::Training, self.progress.batch, origin)
    }

    /// The origin of a bad mean loss of validation batches.
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
        let found = |batch, origin| self.found(loss, Phase::Validation, batch, origin);
        if let Some(name) = bad_parameter(model) {
            return found(0, Origin::Parameter(name));
        }
        let model = model.valid();
        let batches = batches.into_iter().enumerate();
        let batches = batches.filter(|(_, batch)| batch.batch_size() > 0);
        let origins = batches.map(|(index, batch)| {
            let seed = self.stepper.validation_seed(index);
            (index, self.origin(&model, batch, seed))
        });
        let known = origins
            .into_iter()
            .find(|(_, origin)| *origin != Origin::Unknown);
        known.map_or_else(
            || found(0, Origin::Unknown),
            |(index, origin)| found(index, origin),
        )
    }

    /// The origin of a bad loss where the parameters are finite.
    fn origin<B>(&self, model: &M, batch: B, seed: u64) -> Origin
    where
        B: BatchSize,
        L: Evaluate<M, B>,
    {
        if batch.is_all_finite() == Some(false) {
            return Origin::Batch;
        }
        let Some(explain) = &self.stepper.trainer.explain else {
            return Origin::Unknown;
        };
        let mut batch = Some(batch);
        let mut again = || {
            if let Some(batch) = batch.take() {
                drop(self.stepper.loss(model, batch, seed));
            }
        };
        explain(&mut again).map_or(Origin::Unknown, Origin::Layer)
    }

    fn found(&self, loss: f64, phase: Phase, batch: usize, origin: Origin) -> NonFinite {
        NonFinite {
            epoch: self.progress.epoch,
            batch,
            step: self.stepper.step(),
            loss,
            phase,
            origin,
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
            // Callbacks see the model that the run returns.
            return match bad_parameter(&model) {
                Some(_) => self.back_to_sound(model),
                None => model,
            };
        }
        self.survived.push(found);
        let count = self.survived_so_far() as f64;
        self.progress.metrics.insert("non_finite".to_owned(), count);
        let Some(scale) = scale else {
            return self.undo(model);
        };
        self.stepper.scale(scale);
        if let Err(source) = self.stepper.forget(&self.fresh, model.devices()) {
            let error = TrainError::Restore(source.to_string());
            self.end(Outcome::Failed(error));
        }
        self.back_to_sound(model)
    }
}
