//! Runs that go on.

use std::time::Duration;

use burn::module::Module;
use burn::store::{ModuleRecord, RecordError};
use burn::tensor::{Bytes, Device};

use super::Run;
use crate::state_file;
use crate::{Best, Callback, Outcome, Signal, StateFileError, TrainError};
use thalweg_optim::{Minimizer, Remember, State, StateError};

impl<M, Z, L> Run<'_, M, Z, L>
where
    M: Module,
    Z: Minimizer<M>,
{
    /// The begin of a run, or of its next part.
    pub(super) fn begin<C>(&mut self, mut model: M, callbacks: &mut C) -> M
    where
        C: Callback<M> + ?Sized,
    {
        let state = match self.read() {
            Ok(state) => state,
            Err(error) => {
                self.end(Outcome::Failed(error));
                None
            }
        };
        let Some(state) = state else {
            self.refresh();
            return self.act(callbacks.on_train_begin(&self.progress, &model), model);
        };
        let before = model.clone();
        let plain = plain_device(&model);
        let result = self.restore(&state, model, &plain);
        let result = result.and_then(|model| {
            self.refresh();
            let Signal { end, .. } = callbacks.on_train_begin(&self.progress, &model);
            let wish = Signal {
                end,
                ..Signal::CONTINUE
            };
            let model = self.act(wish, model);
            let saved = State::restore("callbacks", &state, &plain)?;
            let (owner, here) = (
                String::restore("callbacks_of", &state, &plain)?,
                callbacks.name(),
            );
            if owner != here && saved != State::default() {
                return Err(StateError::OfAnother { saved: owner, here });
            }
            callbacks.restore(&saved, &plain)?;
            let stopped: Option<String> = Remember::restore("stopped", &state, &plain)?;
            Ok(self.review(stopped, callbacks, model))
        });
        model = match result {
            Ok(model) => model,
            Err(source) => {
                self.end(Outcome::Failed(self.misfit(source)));
                before
            }
        };
        model
    }

    /// The state in the file, if there is a file.
    fn read(&self) -> Result<Option<State>, TrainError> {
        let Some(path) = &self.stepper.trainer.resume else {
            return Ok(None);
        };
        match state_file::read(path) {
            Ok(state) => Ok(Some(state)),
            Err(StateFileError::Io { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn restore(&mut self, state: &State, model: M, device: &Device) -> Result<M, StateError> {
        let model = from_bytes(model, Bytes::restore("model", state, device)?)?;
        let best: Option<Bytes> = Remember::restore("best.model", state, device)?;
        if let Some(best) = best {
            self.best = Some(Best {
                model: from_bytes(model.valid(), best)?,
                loss: Remember::restore("best.loss", state, device)?,
                epoch: Remember::restore("best.epoch", state, device)?,
            });
        }
        let stepper = State::restore("stepper", state, device)?;
        self.stepper.restore(&stepper, device)?;
        self.stepper.minimizer().check_memory(&model)?;
        self.history = Remember::restore("history", state, device)?;
        self.mean = Remember::restore("mean", state, device)?;
        self.survived_before = Remember::restore("survived", state, device)?;
        self.before = duration(f64::restore("seconds", state, device)?)?;

        let at = &mut self.progress;
        at.epoch = Remember::restore("epoch", state, device)?;
        at.steps_in_epoch = Remember::restore("steps_in_epoch", state, device)?;
        at.loss = Remember::restore("loss", state, device)?;
        at.metrics = Remember::restore("metrics", state, device)?;
        at.lowest = self.best.as_ref().map(|best| best.loss);
        at.step_size = self.stepper.step_size();
        // `None` where the callbacks have yet to see the begin of the epoch.
        self.entry = Remember::restore("batch", state, device)?;
        at.batch = self.entry.unwrap_or(0).saturating_sub(1);
        Ok(model)
    }

    /// Where a callback had stopped the run, the callbacks decide whether it goes on.
    fn review<C>(&mut self, stopped: Option<String>, callbacks: &mut C, model: M) -> M
    where
        C: Callback<M> + ?Sized,
    {
        let Some(reason) = stopped else {
            return model;
        };
        let Signal { end, .. } = callbacks
            .review_stop()
            .unwrap_or_else(|| Signal::stop(reason));
        let wish = Signal {
            end,
            ..Signal::CONTINUE
        };
        self.act(wish, model)
    }

    /// That an epoch which goes on has as many batches as when it began.
    pub(super) fn check_batches(&mut self, batches: usize) {
        let before = self.progress.steps_in_epoch;
        if batches != before {
            let reason = format!("the epoch had {before} batches, now it has {batches}");
            let source = StateError::unusable("batch", reason);
            self.end(Outcome::Failed(self.misfit(source)));
        }
    }

    fn misfit(&self, source: StateError) -> TrainError {
        let path = self.stepper.trainer.resume.clone().unwrap_or_default();
        TrainError::Resume { path, source }
    }

    /// Saves after a step, if it is time.
    pub(super) fn save_between<C>(&mut self, mut model: M, callbacks: &C) -> M
    where
        C: Callback<M> + ?Sized,
    {
        let every = self.stepper.trainer.save_every;
        let due = every.is_some_and(|steps| self.stepper.step().is_multiple_of(steps));
        if due && self.outcome.is_none() {
            model = self.check_weights(model);
        }
        if due && self.outcome.is_none() {
            self.save(&model, callbacks, Some(self.done));
        }
        model
    }

    /// Writes the file of [`Trainer::resume`](crate::Trainer::resume), for a run that goes on at this
    /// batch of the epoch, or with the begin of the epoch.
    pub(super) fn save<C>(&mut self, model: &M, callbacks: &C, batch: Option<usize>)
    where
        C: Callback<M> + ?Sized,
    {
        let Some(path) = &self.stepper.trainer.resume else {
            return;
        };
        let mut state = State::default();
        to_bytes(model).save("model", &mut state);
        let best = self.best.as_ref();
        best.map(|best| to_bytes(&best.model))
            .save("best.model", &mut state);
        if let Some(best) = best {
            best.loss.save("best.loss", &mut state);
            best.epoch.save("best.epoch", &mut state);
        }
        self.stepper.state().save("stepper", &mut state);
        self.history.save("history", &mut state);
        self.mean.save("mean", &mut state);
        self.survived_so_far().save("survived", &mut state);
        self.elapsed().as_secs_f64().save("seconds", &mut state);
        let at = &self.progress;
        at.epoch.save("epoch", &mut state);
        at.steps_in_epoch.save("steps_in_epoch", &mut state);
        at.loss.save("loss", &mut state);
        at.metrics.save("metrics", &mut state);
        batch.save("batch", &mut state);
        let stopped = match &self.outcome {
            Some(Outcome::Stopped(reason)) => Some(reason.clone()),
            _ => None,
        };
        stopped.save("stopped", &mut state);
        callbacks.state().save("callbacks", &mut state);
        callbacks.name().save("callbacks_of", &mut state);
        if let Err(error) = state_file::write(&state, path) {
            self.end(Outcome::Failed(error.into()));
        }
    }
}

/// The time that a run took before. A sum with it stays a time.
fn duration(seconds: f64) -> Result<Duration, StateError> {
    let most = Duration::from_secs(u64::from(u32::MAX));
    let found = Duration::try_from_secs_f64(seconds);
    found.ok().filter(|time| *time <= most).ok_or_else(|| {
        let reason = format!(
            "it is {seconds}, and must lie between 0 and {} s",
            most.as_secs()
        );
        StateError::unusable("seconds", reason)
    })
}

/// Where the numbers of a model's minimizer live.
fn plain_device<M: Module>(model: &M) -> Device {
    let devices = model.devices();
    let device = devices.first().cloned().unwrap_or_default();
    device.without_autodiff()
}

/// Puts the weights of a `valid()` copy into the model, which keeps its devices and settings.
/// When that fails, the model comes back as it was.
pub(crate) fn restore<M: Module>(model: M, copy: &M) -> (M, Result<(), TrainError>) {
    // Pending running statistics would otherwise land on top of the restored ones.
    let _ = model.valid();
    let before = model.clone();
    match model.try_load_record(copy.clone().into_record()) {
        Ok(model) => (model, Ok(())),
        Err(error) => (before, Err(TrainError::Restore(error.to_string()))),
    }
}

/// The model's record, as bytes.
pub(crate) fn to_bytes<M: Module>(model: &M) -> Bytes {
    let record = model.valid().into_record().into_bytes();
    record.expect("a record in memory is always written")
}

/// Loads a record into a model.
pub(crate) fn from_bytes<M: Module>(model: M, bytes: Bytes) -> Result<M, StateError> {
    let unusable = |error: RecordError| StateError::unusable("the model", error);
    let record = ModuleRecord::from_bytes(bytes).map_err(unusable)?;
    model.try_load_record(record).map_err(unusable)
}
