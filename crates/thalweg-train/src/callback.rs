mod closure;
mod compose;
mod signal;

pub use closure::{OnEpochEnd, on_epoch_end};
pub use compose::{Every, OnBest};
pub(crate) use signal::End;
pub use signal::Signal;

use burn::tensor::Device;

use crate::Progress;
use thalweg_optim::{State, StateError};

/// Sees a run at six moments, and answers with a [`Signal`].
///
/// ```text
/// on_train_begin
/// │   a run that goes on restores here, and continues within its epoch
/// │ on_epoch_begin
/// │ │ on_batch_begin
/// │ │ │   one step: evaluate, check the loss, update
/// │ │ on_batch_end
/// │ │ … each batch
/// │ │     stand_in, validation, comparison with the best
/// │ on_epoch_end
/// │ … each epoch
/// on_train_end
/// ```
///
/// All calls come from the thread that called `fit`, in this order, and several callbacks are
/// called in the order in which they were given. Every begin is followed by its end, also when
/// the run stops early (but not when the process is killed). A callback never changes the model or the trainer itself: it returns a
/// [`Signal`], and the trainer acts on it before it goes on.
///
/// A callback that is given to a second run begins anew at [`on_train_begin`](Self::on_train_begin),
/// as if it were a fresh one. A run that goes on restores its state after that.
///
/// The model is on the training device. `model.valid()` is the one to evaluate. At the end of an
/// epoch it is the one that was validated: see [`stand_in`](Self::stand_in).
///
/// Callbacks compose: `()` does nothing, tuples and `Vec<Box<dyn Callback<M>>>` call each member,
/// an `Option` calls its content.
///
/// ```
/// use thalweg_train::{Callback, Progress, Signal};
///
/// struct GoodEnough(f64);
///
/// impl<M> Callback<M> for GoodEnough {
///     fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
///         match progress.monitor {
///             Some(loss) if loss < self.0 => Signal::stop("the loss is low enough"),
///             _ => Signal::CONTINUE,
///         }
///     }
/// }
/// ```
#[allow(unused_variables)] // the default bodies look at nothing
pub trait Callback<M> {
    /// Before the first epoch. Where a run goes on, this comes before its next batch, with the `epoch`,
    /// `batch` and `step` of that batch. Of the signal then only an end counts: the rest was done when
    /// the run began.
    fn on_train_begin(&mut self, progress: &Progress, model: &M) -> Signal {
        Signal::CONTINUE
    }

    /// After the last epoch, however the run ends.
    fn on_train_end(&mut self, progress: &Progress, model: &M) -> Signal {
        Signal::CONTINUE
    }

    /// Before the first batch of an epoch.
    fn on_epoch_begin(&mut self, progress: &Progress, model: &M) -> Signal {
        Signal::CONTINUE
    }

    /// After the last batch of an epoch and its validation.
    fn on_epoch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        Signal::CONTINUE
    }

    /// Before a step. A wished scale already acts on this step.
    fn on_batch_begin(&mut self, progress: &Progress, model: &M) -> Signal {
        Signal::CONTINUE
    }

    /// After a step.
    fn on_batch_end(&mut self, progress: &Progress, model: &M) -> Signal {
        Signal::CONTINUE
    }

    /// Another model, such as an [average of the weights](crate::Ema), to be validated, compared
    /// with the best and shown at the end of an epoch in place of the one that is trained; by
    /// default none. Of several the first counts.
    fn stand_in(&self, model: &M) -> Option<M> {
        None
    }

    /// The name by which a run that goes on gives each callback its state. By default the name of the
    /// type. Settings that shape the state belong to the name.
    fn name(&self) -> String {
        let name = std::any::type_name::<Self>();
        let plain = name.split('<').next().unwrap_or(name);
        plain.rsplit("::").next().unwrap_or(plain).to_owned()
    }

    /// The state that a [resumed](crate::Trainer::resume) run needs, without the settings. By default
    /// it is empty.
    fn state(&self) -> State {
        State::default()
    }

    /// Takes a saved state. In a run that goes on this comes after
    /// [`on_train_begin`](Self::on_train_begin).
    ///
    /// # Errors
    ///
    /// [`StateError`], when the state is of another callback.
    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        Ok(())
    }

    /// Whether it still ends a run that it had stopped: asked where a run goes on that a callback had
    /// stopped, after [`restore`](Self::restore). `None`, the default, is the answer of one that
    /// had not stopped it, or that lets no run go on; a signal without an end lets it go on, as
    /// [`EarlyStopping`](crate::EarlyStopping) does with a larger patience. The run goes on if one
    /// does and none [stops](Signal::stop) it again.
    fn review_stop(&mut self) -> Option<Signal> {
        None
    }

    /// The same callback, in every n-th epoch only; see [`Every`].
    ///
    /// # Panics
    /// If `epochs` is 0.
    fn every(self, epochs: usize) -> Every<Self>
    where
        Self: Sized,
    {
        Every::new(self, epochs)
    }

    /// The same callback, its epoch end only after epochs that improved on all before; see
    /// [`OnBest`].
    fn on_best(self) -> OnBest<Self>
    where
        Self: Sized,
    {
        OnBest { callback: self }
    }
}
