use std::fmt;
use std::marker::PhantomData;

use super::{Callback, Signal};
use crate::Progress;

/// A closure as a callback at the end of each epoch.
///
/// It may return nothing, a [`Signal`], or a `Result` of either, whose error ends the run.
/// The values that it captures stay from one run to the next.
///
/// With `.every(n)` it draws a grid of samples each n epochs; with `Signal::metric` it adds a
/// number to the history.
///
/// ```
/// use thalweg_train::{Callback, Progress, Signal, on_epoch_end};
///
/// # struct Net;
/// # impl Net { fn accuracy(&self) -> f64 { 1.0 } }
/// let evaluate = on_epoch_end(|_progress, net: &Net| Signal::metric("accuracy", net.accuracy()));
/// let show = on_epoch_end(|progress, _: &Net| println!("{:?}", progress.metrics)).every(10);
/// let callbacks = (evaluate, show);
/// # let _ = callbacks;
/// ```
pub fn on_epoch_end<M, F, R>(closure: F) -> OnEpochEnd<M, F>
where
    F: FnMut(&Progress, &M) -> R,
    R: Into<Signal>,
{
    OnEpochEnd {
        closure,
        model: PhantomData,
    }
}

/// The callback made by [`on_epoch_end`].
pub struct OnEpochEnd<M, F> {
    closure: F,
    model: PhantomData<fn(&M)>,
}

impl<M, F, R> Callback<M> for OnEpochEnd<M, F>
where
    F: FnMut(&Progress, &M) -> R,
    R: Into<Signal>,
{
    fn on_epoch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        (self.closure)(progress, model).into()
    }
}

impl<M, F> fmt::Debug for OnEpochEnd<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnEpochEnd").finish_non_exhaustive()
    }
}
