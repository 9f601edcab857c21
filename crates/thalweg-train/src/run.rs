mod actions;
mod non_finite;
mod resume;
mod step;

use std::time::Duration;

use burn::module::Module;

use step::Mean;

use crate::stepper::Stepper;
use crate::{
    BatchSize, Best, Callback, Data, Evaluate, History, NonFinite, Outcome, Progress, TrainError,
    Trained,
};
use thalweg_optim::{Kept, Minimizer, State};

/// A copy of everything that a step changes.
struct Sound<M> {
    model: M,
    /// The minimizer's memory, where steps may be undone.
    memory: Option<Kept>,
}

/// One run of a trainer: the state that [`Trainer::fit`](crate::Trainer::fit) carries.
///
/// The model is not part of it: it moves through the methods by value, so that an optimizer
/// owns the only copy of the parameters it replaces.
pub(crate) struct Run<'a, M, Z, L> {
    stepper: Stepper<'a, Z, L>,
    progress: Progress,
    /// When it began, by the trainer's clock.
    start: Duration,
    /// Time that earlier parts of the run took.
    before: Duration,
    best: Option<Best<M>>,
    /// The last model that was seen to be finite, until there is a best one; for as long as the run
    /// lasts where steps may be undone.
    sound: Option<Sound<M>>,
    history: History,
    outcome: Option<Outcome>,
    /// Batches of the current epoch that are behind the run.
    done: usize,
    /// The losses of the current epoch.
    mean: Mean,
    /// The losses that were not finite and that the run went on from.
    survived: Vec<NonFinite>,
    /// How many there were in earlier parts of the run.
    survived_before: usize,
    /// The minimizer's memory before its first step.
    fresh: State,
    /// The batch at which a run that goes on enters its first epoch.
    entry: Option<usize>,
}

impl<'a, M, Z, L> Run<'a, M, Z, L>
where
    M: Module,
    Z: Minimizer<M>,
{
    pub(crate) fn new(stepper: Stepper<'a, Z, L>) -> Self {
        let fresh = stepper.minimizer().state();
        let start = stepper.trainer.clock.now();
        Self {
            stepper,
            progress: Progress::default(),
            start,
            before: Duration::ZERO,
            best: None,
            sound: None,
            history: History::default(),
            outcome: None,
            done: 0,
            mean: Mean::default(),
            survived: vec![],
            survived_before: 0,
            fresh,
            entry: None,
        }
    }

    pub(crate) fn fit<B, T, I, V, J, C>(
        mut self,
        mut model: M,
        data: &Data<T, V>,
        callbacks: &mut C,
    ) -> Trained<M>
    where
        B: Clone + BatchSize,
        T: Fn(usize) -> I,
        I: IntoIterator<Item = B, IntoIter: ExactSizeIterator>,
        V: Fn(usize) -> J,
        J: IntoIterator<Item = B>,
        L: Evaluate<M, B>,
        C: Callback<M> + ?Sized,
    {
        let epochs = self.stepper.trainer.epochs;
        self.progress.epochs = epochs;
        self.progress.max_steps = self.stepper.trainer.max_steps;
        self.progress.at_most = self.stepper.trainer.at_most;
        self.check_time_limit();
        self.progress.step_size = self.stepper.step_size();
        model = self.begin(model, callbacks);
        self.check_start(&model);
        self.end_at_limits();
        for epoch in self.progress.epoch..epochs {
            // The file of a run that was over within an epoch is from before that epoch's end, which comes once more.
            let is_within = self.entry.is_some() && !self.has_failed();
            if self.outcome.is_some() && !is_within {
                break;
            }
            model = self.epoch(epoch, model, data, callbacks);
        }
        self.refresh();
        self.progress.ending = self.outcome.as_ref().map(ToString::to_string);
        self.progress.failed = self.has_failed();
        model = self.act(callbacks.on_train_end(&self.progress, &model), model);
        self.finish(model)
    }

    fn epoch<B, T, I, V, J, C>(
        &mut self,
        epoch: usize,
        mut model: M,
        data: &Data<T, V>,
        callbacks: &mut C,
    ) -> M
    where
        B: Clone + BatchSize,
        T: Fn(usize) -> I,
        I: IntoIterator<Item = B, IntoIter: ExactSizeIterator>,
        V: Fn(usize) -> J,
        J: IntoIterator<Item = B>,
        L: Evaluate<M, B>,
        C: Callback<M> + ?Sized,
    {
        let batches = (data.train)(epoch).into_iter();
        let entry = self.entry.take();
        match entry {
            Some(_) => self.check_batches(batches.len()),
            None => model = self.enter(epoch, batches.len(), model, callbacks),
        }

        let start = entry.unwrap_or(0);
        self.done = start;
        for (index, batch) in batches.enumerate().skip(start) {
            if self.outcome.is_some() {
                break;
            }
            self.progress.batch = index;
            model = self.batch(batch, model, callbacks);
            model = self.save_between(model, callbacks);
        }
        model = self.check_weights(model);
        // An epoch that was left before its end goes on from where it was left.
        let whole = self.done >= self.progress.steps_in_epoch;
        let left = self.outcome.as_ref().is_some_and(Outcome::is_success) && !whole;
        if left {
            self.save(&model, callbacks, Some(self.done));
        }

        self.progress.loss = self.mean.value();
        let stand_in = callbacks.stand_in(&model);
        let shown = stand_in.as_ref().unwrap_or(&model);
        if let Some(validation) = &data.validation {
            self.validate(shown, validation);
            self.progress.monitor = self.progress.validation;
        } else {
            self.progress.monitor = self.progress.loss;
        }
        self.compare(shown);
        self.refresh();
        let signal = callbacks.on_epoch_end(&self.progress, shown);
        model = self.act(signal, model);
        self.history.push(&self.progress);
        if !left && self.outcome.as_ref().is_none_or(Outcome::is_success) {
            self.progress.epoch += 1;
            self.save(&model, callbacks, None);
            self.progress.epoch = epoch;
        }
        model
    }

    /// The begin of an epoch.
    fn enter<C>(&mut self, epoch: usize, batches: usize, model: M, callbacks: &mut C) -> M
    where
        C: Callback<M> + ?Sized,
    {
        self.mean = Mean::default();
        self.progress = Progress {
            epoch,
            epochs: self.progress.epochs,
            max_steps: self.progress.max_steps,
            at_most: self.progress.at_most,
            warnings: std::mem::take(&mut self.progress.warnings),
            steps_in_epoch: batches,
            loss: self.progress.loss,
            step_size: self.stepper.step_size(),
            ..Progress::default()
        };
        self.refresh();
        if batches == 0 {
            self.end(Outcome::Failed(TrainError::NoBatches { epoch }));
        }
        self.act(callbacks.on_epoch_begin(&self.progress, &model), model)
    }
}
