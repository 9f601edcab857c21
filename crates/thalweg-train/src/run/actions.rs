//! Signals, ends, time, and the best model of a run.

use std::time::Duration;

use burn::module::Module;

use super::resume::restore;
use super::{Run, Sound};
use crate::callback::End;
use crate::{Best, OnNonFinite, Outcome, Signal, TrainError, Trained};
use thalweg_optim::Minimizer;
use thalweg_optim::finite::bad_parameter;

impl<M, Z, L> Run<'_, M, Z, L>
where
    M: Module,
    Z: Minimizer<M>,
{
    /// Keeps the model if it is the best so far.
    pub(super) fn compare(&mut self, model: &M) {
        let Some(loss) = self.progress.monitor.filter(|_| !self.has_failed()) else {
            return;
        };
        let lower = self.best.as_ref().is_none_or(|best| loss < best.loss);
        // A stand-in has not been looked at before.
        if lower && loss.is_finite() && bad_parameter(model).is_none() {
            self.progress.improved = true;
            if !self.may_undo() {
                self.sound = None;
            }
            self.best = Some(Best {
                model: model.valid(),
                loss,
                epoch: self.progress.epoch,
            });
        }
        self.progress.lowest = self.best.as_ref().map(|best| best.loss);
    }

    /// Brings the progress up to date before callbacks see it.
    pub(super) fn refresh(&mut self) {
        self.progress.step = self.stepper.step();
        self.progress.elapsed = self.elapsed();
    }

    pub(super) fn has_failed(&self) -> bool {
        self.outcome.as_ref().is_some_and(|end| !end.is_success())
    }

    /// Acts on the signals of callbacks. No other place does.
    pub(super) fn act(&mut self, signal: Signal, mut model: M) -> M {
        self.progress.metrics.extend(signal.metrics);
        self.progress.pictures.extend(signal.pictures);
        self.progress.warnings.extend(signal.warnings);
        self.stepper.scale(signal.scale);
        if signal.restore {
            let best = self.best.as_ref().map(|best| best.model.clone());
            model = self.put_back(model, best);
        }
        match signal.end {
            Some(End::Stop(reason)) => self.end(Outcome::Stopped(reason)),
            Some(End::Interrupt) => self.end(Outcome::Interrupted),
            Some(End::Fail(error)) => self.end(Outcome::Failed(error)),
            None => {}
        }
        model
    }

    /// The first reason to end counts, but a failure replaces a stop.
    pub(super) fn end(&mut self, outcome: Outcome) {
        let ended_well = self.outcome.as_ref().is_none_or(Outcome::is_success);
        if self.outcome.is_none() || (ended_well && !outcome.is_success()) {
            self.outcome = Some(outcome);
        }
    }

    /// The last step of the last epoch ends the run by itself.
    pub(super) fn end_at_limits(&mut self) {
        let at = &self.progress;
        if at.epoch + 1 == at.epochs && at.batch + 1 == at.steps_in_epoch {
            return;
        }
        let max_steps = self.stepper.trainer.max_steps;
        if max_steps.is_some_and(|max| self.stepper.step() >= max) {
            self.end(Outcome::MaxSteps);
        }
        if self.time_used() >= 1.0 {
            self.end(Outcome::TimeUp);
        }
    }

    /// The weights of a copy, if there is one.
    fn put_back(&mut self, model: M, copy: Option<M>) -> M {
        let Some(copy) = copy else {
            return model;
        };
        let (model, result) = restore(model, &copy);
        self.stepper.weights_moved();
        if let Err(error) = result {
            self.end(Outcome::Failed(error));
        }
        model
    }

    /// The best weights, or before there are any the last whose loss was finite.
    pub(super) fn back_to_sound(&mut self, model: M) -> M {
        let best = self.best.as_ref().map(|best| &best.model);
        let copy = best.or(self.sound.as_ref().map(|sound| &sound.model));
        let copy = copy.cloned();
        self.put_back(model, copy)
    }

    /// All as it was when it was last seen to be finite.
    pub(super) fn undo(&mut self, model: M) -> M {
        let Some(Sound {
            model: copy,
            memory,
        }) = self.sound.take()
        else {
            return model;
        };
        let model = self.put_back(model, Some(copy.clone()));
        if let Some(memory) = memory
            && let Err(source) = self.stepper.take_back(memory, model.devices())
        {
            self.end(Outcome::Failed(TrainError::Restore(source.to_string())));
        }
        let memory = Some(self.stepper.keep());
        self.sound = Some(Sound {
            model: copy,
            memory,
        });
        model
    }

    /// Whether a step may have to be undone.
    pub(super) fn may_undo(&self) -> bool {
        matches!(self.stepper.trainer.on_non_finite, OnNonFinite::Skip { .. })
    }

    /// A copy of a model, where one may be needed.
    pub(super) fn copy(&self, model: &M) -> Option<Sound<M>> {
        let undo = self.may_undo();
        (undo || self.best.is_none()).then(|| Sound {
            model: model.valid(),
            memory: undo.then(|| self.stepper.keep()),
        })
    }

    pub(super) fn finish(mut self, mut model: M) -> Trained<M> {
        // Nothing that is not finite is handed out, however the run has ended.
        if let Some(name) = bad_parameter(&model) {
            if self.outcome.as_ref().is_none_or(Outcome::is_success) {
                self.end(Outcome::NonFinite(self.spoiled(name)));
            }
            model = self.back_to_sound(model);
        }
        Trained {
            model,
            best: self.best,
            outcome: self.outcome.unwrap_or(Outcome::Finished),
            history: self.history,
            survived: self.survived,
        }
    }
}

impl<M, Z, L> Run<'_, M, Z, L> {
    /// Time since the run began, earlier parts of it included.
    pub(super) fn elapsed(&self) -> Duration {
        let now = self.stepper.trainer.clock.now();
        self.before.saturating_add(now.saturating_sub(self.start))
    }

    /// The share of the time limit that has passed; 0 without a limit.
    pub(super) fn time_used(&self) -> f64 {
        match self.stepper.trainer.at_most {
            None => 0.0,
            Some(limit) if limit.is_zero() => 1.0,
            Some(limit) => self.elapsed().as_secs_f64() / limit.as_secs_f64(),
        }
    }

    /// That a schedule by time has a time to go by.
    pub(super) fn check_time_limit(&mut self) {
        let trainer = self.stepper.trainer;
        if trainer.by_time.is_some() && trainer.at_most.is_none() {
            self.outcome = Some(Outcome::Failed(TrainError::NoTimeLimit));
        }
    }
}
