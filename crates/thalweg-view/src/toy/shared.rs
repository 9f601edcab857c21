//! What the threads of the page and of the training share.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::choice::Choice;
use super::snapshot::Snapshot;

/// What the page asks of the training.
#[derive(Debug)]
pub(super) struct Control {
    pub(super) choice: Choice,
    /// Counts the trainings; another number ends the one that runs.
    pub(super) run: u64,
    pub(super) playing: bool,
    pub(super) closed: bool,
}

/// What the page sees of the training.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// The run whose snapshot this is.
    pub(super) run: u64,
    pub(super) snapshot: Option<Arc<Snapshot>>,
    /// Why the run ended, once it has.
    pub(super) ended: Option<String>,
}

/// What the threads of the page and of the training share.
#[derive(Debug)]
pub(super) struct Shared {
    control: Mutex<Control>,
    changed: Condvar,
    seen: Mutex<Seen>,
    shown: Condvar,
}

impl Shared {
    pub(super) fn new(choice: Choice, playing: bool) -> Self {
        let control = Control {
            choice,
            run: 1,
            playing,
            closed: false,
        };
        Self {
            control: Mutex::new(control),
            changed: Condvar::new(),
            seen: Mutex::default(),
            shown: Condvar::new(),
        }
    }

    pub(super) fn start(&self, choice: Choice) {
        let mut control = self.control();
        control.choice = choice;
        control.run += 1;
        control.playing = true;
        self.changed.notify_all();
    }

    pub(super) fn play(&self, playing: bool) {
        self.control().playing = playing;
        self.changed.notify_all();
    }

    pub(super) fn close(&self) {
        self.control().closed = true;
        self.changed.notify_all();
    }

    pub(super) fn is_playing(&self) -> bool {
        self.control().playing
    }

    /// What is seen now; at the beginning, what is seen first.
    pub(super) fn seen(&self) -> Seen {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let nothing = |seen: &mut Seen| seen.snapshot.is_none() && seen.ended.is_none();
        let seen = self.shown.wait_while(seen, nothing);
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn show(&self, change: impl FnOnce(&mut Seen)) {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        self.shown.notify_all();
    }

    /// Waits while `waits` holds.
    pub(super) fn wait(&self, waits: impl Fn(&Control) -> bool) -> MutexGuard<'_, Control> {
        let control = self.control();
        let waits = |control: &mut Control| waits(control);
        self.changed
            .wait_while(control, waits)
            .unwrap_or_else(PoisonError::into_inner)
    }
}
