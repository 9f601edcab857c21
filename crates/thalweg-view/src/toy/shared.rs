//! What the threads of the page and of the training share.

use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use super::choice::Choice;
use super::snapshot::Snapshot;

/// What the page asks of the training, and what it sees of it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) choice: Choice,
    /// Counts the trainings; another number ends the one that runs.
    pub(super) run: u64,
    pub(super) playing: bool,
    pub(super) closed: bool,
    /// Frames that wait for a snapshot.
    asked: usize,
    /// Frames that have their snapshot and are computed of it. The training waits for these alone: a frame that asks
    /// after the training has looked gets its snapshot at the next step, and would never if that step waited for it.
    computing: usize,
    /// Counts the frames that were computed.
    computed: u64,
    /// When the training has run for half as long as the last frame took.
    rested: Instant,
    /// Counts the snapshots.
    published: u64,
    seen: Seen,
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
    state: Mutex<State>,
    changed: Condvar,
}

/// What a frame is computed of. The training waits while the frame is computed, so that the frame has all cores; beside the
/// training it would take several times as long. Then the training runs for half as long before the next frame, and goes on
/// while the page draws.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    shared: &'a Shared,
    begun: Instant,
    pub(super) seen: Seen,
    pub(super) playing: bool,
}

impl State {
    /// Whether this training goes on.
    fn goes_on(&self, run: u64) -> bool {
        !self.closed && self.run == run
    }

    fn pauses(&self, run: u64) -> bool {
        self.goes_on(run) && !self.playing
    }
}

impl Shared {
    pub(super) fn new(choice: Choice, playing: bool) -> Self {
        let state = State {
            choice,
            run: 1,
            playing,
            closed: false,
            asked: 0,
            computing: 0,
            computed: 0,
            rested: Instant::now(),
            published: 0,
            seen: Seen::default(),
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    pub(super) fn start(&self, choice: Choice) {
        self.change(|state| {
            state.choice = choice;
            state.run += 1;
            state.playing = true;
        });
    }

    pub(super) fn play(&self, playing: bool) {
        self.change(|state| state.playing = playing);
    }

    pub(super) fn close(&self) {
        self.change(|state| state.closed = true);
    }

    /// What a frame shows: the next step of a training that runs, the last step of one that pauses or has ended.
    pub(super) fn frame(&self) -> Frame<'_> {
        let state = self.state();
        let rested = state.playing.then_some(state.rested);
        drop(state);
        if let Some(rested) = rested {
            thread::sleep(rested.saturating_duration_since(Instant::now()));
        }
        let mut state = self.state();
        state.asked += 1;
        let published = state.published;
        let mut state = self.wait_while(state, |state| {
            let nothing = state.seen.snapshot.is_none();
            let comes = state.seen.ended.is_none() && (state.playing || nothing);
            comes && !state.closed && state.published == published
        });
        if state.published == published {
            // No step comes: it is computed of the last one.
            state.asked -= 1;
            state.computing += 1;
        }
        Frame {
            shared: self,
            begun: Instant::now(),
            seen: state.seen.clone(),
            playing: state.playing,
        }
    }

    /// The choice and the number of the next training after some; none once the page is closed.
    pub(super) fn next(&self, done: u64) -> Option<(Choice, u64)> {
        let state = self.wait_while(self.state(), |state| state.goes_on(done));
        (!state.closed).then_some((state.choice, state.run))
    }

    /// Whether the step of a training shall be published: a frame asks for it, or it is the last before a pause.
    pub(super) fn wants(&self, run: u64) -> bool {
        let state = self.state();
        state.asked > 0 || state.pauses(run)
    }

    pub(super) fn publish(&self, run: u64, snapshot: Snapshot) {
        self.change(|state| {
            state.published += 1;
            state.computing += mem::take(&mut state.asked);
            state.seen = Seen {
                run,
                snapshot: Some(Arc::new(snapshot)),
                ended: None,
            };
        });
    }

    /// Says why a training ended, unless it made way for another, which the page waits for.
    pub(super) fn end(&self, run: u64, reason: String) {
        self.change(|state| {
            if state.run == run {
                state.seen.ended = Some(reason);
            }
        });
    }

    /// Waits while the training pauses, and for the frames that are computed now; at most for one after the other, so that
    /// the training has a step between two. Returns whether the training goes on.
    pub(super) fn wait(&self, run: u64) -> bool {
        let state = self.state();
        let computed = state.computed;
        let state = self.wait_while(state, |state| {
            let frame = state.computing > 0 && state.computed == computed;
            state.pauses(run) || frame && state.goes_on(run)
        });
        state.goes_on(run)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    fn wait_while<'a>(
        &self,
        state: MutexGuard<'a, State>,
        waits: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        self.changed
            .wait_while(state, |state| waits(state))
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Frame<'_> {
    fn drop(&mut self) {
        self.shared.change(|state| {
            state.computing -= 1;
            state.computed += 1;
            state.rested = Instant::now() + self.begun.elapsed() / 2;
        });
    }
}

#[cfg(test)]
mod tests {
    use thalweg::burn::tensor::Device;
    use thalweg::data::Toy;

    use super::super::choice::{Optimizer, Transform, flow};
    use super::*;

    /// A frame that asks between the question whether one asks and the wait for it is given the next step.
    #[test]
    fn a_frame_that_asks_late_is_given_the_next_step() {
        let choice = Choice {
            toy: Toy::TwoMoons,
            transform: Transform::Affine,
            optimizer: Optimizer::Adam,
        };
        let untrained = flow(choice, &Device::default()).expect("the points have a spread");
        let shared = Shared::new(choice, true);
        let (_, run) = shared.next(0).expect("the page is open");
        assert!(!shared.wants(run));
        thread::scope(|scope| {
            let frame = scope.spawn(|| shared.frame().seen.run);
            while shared.state().asked == 0 {
                thread::yield_now();
            }
            assert!(shared.wait(run), "the training goes on");
            assert!(shared.wants(run));
            shared.publish(run, Snapshot::new(choice, 1, &untrained));
            assert_eq!(frame.join().expect("the frame is given"), run);
        });
    }
}
