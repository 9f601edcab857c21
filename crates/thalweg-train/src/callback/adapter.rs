use burn::tensor::Device;

use super::{Callback, Signal};
use crate::Progress;
use thalweg_optim::{State, StateError};

/// A callback that takes part in every n-th epoch only: the n-th, 2n-th, … counted from one.
///
/// In the other epochs it sees neither their begin and end nor their batches. The begin and end
/// of the run it always sees.
#[derive(Debug, Clone)]
pub struct Every<C> {
    callback: C,
    epochs: usize,
}

impl<C> Every<C> {
    pub(super) fn new(callback: C, epochs: usize) -> Self {
        assert!(
            epochs > 0,
            "a callback cannot run every 0 epochs; use 1 or more"
        );
        Self { callback, epochs }
    }

    fn is_due(&self, progress: &Progress) -> bool {
        (progress.epoch + 1).is_multiple_of(self.epochs)
    }
}

impl<M, C: Callback<M>> Callback<M> for Every<C> {
    fn on_train_begin(&mut self, progress: &Progress, model: &M) -> Signal {
        self.callback.on_train_begin(progress, model)
    }

    fn on_train_end(&mut self, progress: &Progress, model: &M) -> Signal {
        self.callback.on_train_end(progress, model)
    }

    fn on_epoch_begin(&mut self, progress: &Progress, model: &M) -> Signal {
        match self.is_due(progress) {
            true => self.callback.on_epoch_begin(progress, model),
            false => Signal::CONTINUE,
        }
    }

    fn on_epoch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        match self.is_due(progress) {
            true => self.callback.on_epoch_end(progress, model),
            false => Signal::CONTINUE,
        }
    }

    fn on_batch_begin(&mut self, progress: &Progress, model: &M) -> Signal {
        match self.is_due(progress) {
            true => self.callback.on_batch_begin(progress, model),
            false => Signal::CONTINUE,
        }
    }

    fn on_batch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        match self.is_due(progress) {
            true => self.callback.on_batch_end(progress, model),
            false => Signal::CONTINUE,
        }
    }

    fn stand_in(&self, model: &M) -> Option<M> {
        self.callback.stand_in(model)
    }

    fn name(&self) -> String {
        self.callback.name()
    }

    fn state(&self) -> State {
        self.callback.state()
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        self.callback.restore(state, device)
    }

    fn review_stop(&mut self) -> Option<Signal> {
        self.callback.review_stop()
    }
}

/// A callback whose epoch end is called only after an epoch whose loss is lower than in all
/// before ([`Progress::improved`]). The other moments it always sees.
#[derive(Debug, Clone)]
pub struct OnBest<C> {
    callback: C,
}

impl<C> OnBest<C> {
    pub(super) fn new(callback: C) -> Self {
        Self { callback }
    }
}

impl<M, C: Callback<M>> Callback<M> for OnBest<C> {
    fn on_train_begin(&mut self, progress: &Progress, model: &M) -> Signal {
        self.callback.on_train_begin(progress, model)
    }

    fn on_train_end(&mut self, progress: &Progress, model: &M) -> Signal {
        self.callback.on_train_end(progress, model)
    }

    fn on_epoch_begin(&mut self, progress: &Progress, model: &M) -> Signal {
        self.callback.on_epoch_begin(progress, model)
    }

    fn on_epoch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        match progress.improved {
            true => self.callback.on_epoch_end(progress, model),
            false => Signal::CONTINUE,
        }
    }

    fn on_batch_begin(&mut self, progress: &Progress, model: &M) -> Signal {
        self.callback.on_batch_begin(progress, model)
    }

    fn on_batch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        self.callback.on_batch_end(progress, model)
    }

    fn stand_in(&self, model: &M) -> Option<M> {
        self.callback.stand_in(model)
    }

    fn name(&self) -> String {
        self.callback.name()
    }

    fn state(&self) -> State {
        self.callback.state()
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        self.callback.restore(state, device)
    }

    fn review_stop(&mut self) -> Option<Signal> {
        self.callback.review_stop()
    }
}
