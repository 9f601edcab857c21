//! The steps and the validation of an epoch.

use burn::module::Module;
use burn::tensor::Device;
use thalweg_optim::finite::bad_parameter;
use thalweg_optim::{Minimizer, Remember, State, StateError};

use super::Run;
use crate::{BatchSize, Callback, Evaluate, Outcome, Phase, Progress, TrainError};

impl<M, Z, L> Run<'_, M, Z, L>
where
    M: Module,
    Z: Minimizer<M>,
{
    pub(super) fn batch<B, C>(&mut self, batch: B, mut model: M, callbacks: &mut C) -> M
    where
        B: Clone + BatchSize,
        L: Evaluate<M, B>,
        C: Callback<M> + ?Sized,
    {
        self.refresh();
        self.stepper.set_time_used(self.time_used());
        self.progress.step_size = self.stepper.step_size();
        model = self.act(callbacks.on_batch_begin(&self.progress, &model), model);
        if self.outcome.is_none() {
            self.progress.step_size = self.stepper.step_size();
            let (moved, spoiled_before) = self.step(&batch, model);
            model = moved;
            // The batch is not at fault where a step before it was.
            if spoiled_before && self.outcome.is_none() {
                (model, _) = self.step(&batch, model);
            }
            self.end_at_limits();
        }
        self.refresh();
        self.act(callbacks.on_batch_end(&self.progress, &model), model)
    }

    /// One step and its consequences, and whether it began with weights that were not finite.
    fn step<B>(&mut self, batch: &B, model: M) -> (M, bool)
    where
        B: Clone + BatchSize,
        L: Evaluate<M, B>,
    {
        let before = self
            .stepper
            .will_read()
            .then(|| self.copy(&model))
            .flatten();
        let (model, result) = self.stepper.train_step(model, batch);
        self.done = self.progress.batch + 1;
        match result {
            Ok(Some(loss)) => {
                self.mean.add(loss, batch.batch_size());
                self.progress.loss = Some(loss);
                self.sound = before.or(self.sound.take());
            }
            Ok(None) => {}
            Err(TrainError::Evaluation(error)) if error.loss().is_some() => {
                self.progress.loss = error.loss();
                let spoiled_before = !self.stepper.has_spoiled() && bad_parameter(&model).is_some();
                let found = self.bad_training(&error, &model, batch.clone());
                if !spoiled_before {
                    self.sound = before.or(self.sound.take());
                }
                return (self.survive(found, model), spoiled_before);
            }
            Err(error) => {
                let error = error.in_batch(Phase::Training, &self.progress);
                self.end(Outcome::Failed(error));
            }
        }
        (model, false)
    }

    /// Validates if it is time: each n-th epoch and whenever the run is about to end well.
    pub(super) fn validate<B, V, J>(&mut self, model: &M, batches: &V)
    where
        B: BatchSize,
        V: Fn(usize) -> J,
        J: IntoIterator<Item = B>,
        L: Evaluate<M, B>,
    {
        let epoch = self.progress.epoch;
        let due = (epoch + 1).is_multiple_of(self.stepper.trainer.validate_every);
        let last = epoch + 1 == self.progress.epochs;
        match &self.outcome {
            Some(outcome) if !outcome.is_success() => return,
            None if !(due || last) => return,
            _ => {}
        }
        let mut begun = 0_usize;
        let counted = batches(epoch).into_iter().inspect(|_| begun += 1);
        match self.stepper.validate(model, counted) {
            Ok(Some(loss)) => {
                self.progress.validation = Some(loss);
                if !loss.is_finite() {
                    let found = self.bad_validation(loss, model, batches(epoch));
                    self.end(Outcome::NonFinite(found));
                }
            }
            Ok(None) => self.end(Outcome::Failed(TrainError::NoValidationSamples { epoch })),
            Err(error) => {
                let batch = begun.saturating_sub(1);
                let at = Progress {
                    batch,
                    ..self.progress.clone()
                };
                let error = error.in_batch(Phase::Validation, &at);
                self.end(Outcome::Failed(error));
            }
        }
    }
}

/// A mean of losses, each weighted by its batch's size.
#[derive(Default)]
pub(super) struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    pub(super) fn add(&mut self, loss: f64, size: usize) {
        self.sum += loss * size as f64;
        self.weight += size as f64;
    }

    pub(super) fn value(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

impl Remember for Mean {
    fn save(&self, name: &str, state: &mut State) {
        self.sum.save(&format!("{name}.sum"), state);
        self.weight.save(&format!("{name}.weight"), state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        Ok(Self {
            sum: Remember::restore(&format!("{name}.sum"), state, device)?,
            weight: Remember::restore(&format!("{name}.weight"), state, device)?,
        })
    }
}
