//! What a run remembers, in a form that files hold.

mod file;
mod remember;

pub use file::StateFileError;
pub use remember::Remember;

use std::collections::BTreeMap;

use burn::tensor::{Device, TensorData};
use thiserror::Error;

/// Tensors, numbers and words by name. Numbers keep their bits, so a run goes on to the bit.
///
/// [`Remember`] puts values in and takes them out. A state goes into another one under a name.
///
/// ```
/// use thalweg_train::{Remember, State};
///
/// let (mut inner, mut outer) = (State::default(), State::default());
/// 0.1_f64.save("step", &mut inner);
/// inner.save("controller", &mut outer);
///
/// let device = Default::default();
/// assert_eq!(f64::restore("controller.step", &outer, &device)?, 0.1);
/// assert_eq!(State::restore("controller", &outer, &device)?, inner);
/// # Ok::<(), thalweg_train::StateError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    tensors: BTreeMap<String, TensorData>,
    numbers: BTreeMap<String, u64>,
    words: BTreeMap<String, String>,
}

/// A state that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StateError {
    /// Something is not there.
    #[error(
        "the state has no {name}: it is of other parts (another minimizer, other callbacks), or of \
         an older version of them"
    )]
    Missing {
        /// The name of what is missing.
        name: String,
    },
    /// Something is there that cannot be used.
    #[error("{name} in the state cannot be used: {reason}")]
    Unusable {
        /// Its name.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

impl StateError {
    /// Something under this name that cannot be used, and why.
    pub fn unusable(name: impl Into<String>, reason: impl ToString) -> Self {
        Self::Unusable {
            name: name.into(),
            reason: reason.to_string(),
        }
    }
}

/// What can stop and go on.
pub trait Stateful {
    /// What it remembers; its settings are not part of it.
    fn state(&self) -> State;

    /// Remembers what another of the same settings did, with tensors on `device`.
    ///
    /// # Errors
    ///
    /// [`StateError`], when the state is of another kind. Nothing has changed then.
    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError>;
}

impl<S: Stateful + ?Sized> Stateful for &mut S {
    fn state(&self) -> State {
        (**self).state()
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        (**self).restore(state, device)
    }
}

impl<S: Stateful + ?Sized> Stateful for Box<S> {
    fn state(&self) -> State {
        (**self).state()
    }

    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
        (**self).restore(state, device)
    }
}
