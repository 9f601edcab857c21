mod actions;

use std::time::Instant;

use burn::module::Module;

use crate::stepper::Stepper;
use crate::{
    BatchSize, Best, Callback, Data, Evaluate, EvaluationError, History, Minimizer, Outcome, Phase,
    Progress, TrainError, Trained,
};

/// One run of a trainer: the state that [`Trainer::fit`](crate::Trainer::fit) carries.
///
/// The model is not part of it: it moves through the methods by value, so that an optimizer
/// owns the only copy of the parameters it replaces.
pub(crate) struct Run<'a, M, Z, L> {
    stepper: Stepper<'a, Z, L>,
    progress: Progress,
    start: Instant,
    best: Option<Best<M>>,
    /// The last model whose loss was finite, until there is a best one.
    sound: Option<M>,
    history: History,
    outcome: Option<Outcome>,
}

impl<'a, M, Z, L> Run<'a, M, Z, L>
where
    M: Module,
    Z: Minimizer<M>,
{
    pub(crate) fn new(stepper: Stepper<'a, Z, L>) -> Self {
        Self {
            stepper,
            progress: Progress::default(),
            start: Instant::now(),
            best: None,
            sound: None,
            history: History::default(),
            outcome: None,
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
        self.progress.step_size = self.stepper.step_size();
        self.look();
        model = self.act(callbacks.on_train_begin(&self.progress, &model), model);
        self.end_at_max_steps();
        for epoch in 0..epochs {
            if self.outcome.is_some() {
                break;
            }
            model = self.epoch(epoch, model, data, callbacks);
        }
        self.look();
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
        self.progress = Progress {
            epoch,
            epochs: self.progress.epochs,
            steps_in_epoch: batches.len(),
            loss: self.progress.loss,
            step_size: self.stepper.step_size(),
            ..Progress::default()
        };
        self.look();
        if batches.len() == 0 {
            self.end(Outcome::Failed(TrainError::NoBatches { epoch }));
        }
        model = self.act(callbacks.on_epoch_begin(&self.progress, &model), model);

        let mut mean = Mean::default();
        for (index, batch) in batches.enumerate() {
            if self.outcome.is_some() {
                break;
            }
            self.progress.batch = index;
            model = self.batch(batch, model, &mut mean, callbacks);
        }

        self.progress.loss = mean.value();
        if let Some(validation) = &data.validation {
            self.validate(&model, validation);
            self.progress.monitor = self.progress.validation;
        } else {
            self.progress.monitor = self.progress.loss;
        }
        self.compare(&model);
        self.look();
        model = self.act(callbacks.on_epoch_end(&self.progress, &model), model);
        self.history.push(&self.progress);
        model
    }

    fn batch<B, C>(&mut self, batch: B, mut model: M, mean: &mut Mean, callbacks: &mut C) -> M
    where
        B: Clone + BatchSize,
        L: Evaluate<M, B>,
        C: Callback<M> + ?Sized,
    {
        self.progress.step_size = self.stepper.step_size();
        self.look();
        model = self.act(callbacks.on_batch_begin(&self.progress, &model), model);
        if self.outcome.is_none() {
            self.progress.step_size = self.stepper.step_size();
            let keep = self.best.is_none() && self.stepper.will_read();
            let before = keep.then(|| model.valid());
            let (moved, result) = self.stepper.train_step(model, &batch);
            model = moved;
            match result {
                Ok(Some(loss)) => {
                    mean.add(loss, batch.batch_size());
                    self.progress.loss = Some(loss);
                    self.sound = before.or(self.sound.take());
                }
                Ok(None) => {}
                Err(TrainError::Evaluation(EvaluationError::NonFinite { loss })) => {
                    self.progress.loss = Some(loss);
                    self.end(self.non_finite(loss, Phase::Training));
                }
                Err(error) => self.end(Outcome::Failed(error)),
            }
            self.end_at_max_steps();
        }
        self.look();
        self.act(callbacks.on_batch_end(&self.progress, &model), model)
    }

    /// Validates if it is time: each n-th epoch and whenever the run is about to end well.
    fn validate<B, V, J>(&mut self, model: &M, batches: &V)
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
        match self.stepper.validate(model, batches(epoch)) {
            Ok(Some(loss)) => {
                self.progress.validation = Some(loss);
                if !loss.is_finite() {
                    self.end(self.non_finite(loss, Phase::Validation));
                }
            }
            Ok(None) => self.end(Outcome::Failed(TrainError::NoValidationSamples { epoch })),
            Err(error) => self.end(Outcome::Failed(error)),
        }
    }
}

/// A mean of losses, each weighted by its batch's size.
#[derive(Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    fn add(&mut self, loss: f64, size: usize) {
        self.sum += loss * size as f64;
        self.weight += size as f64;
    }

    fn value(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}
