//! The memory of a run, in a form that files hold.

mod remember;

pub use remember::Remember;

use std::any::{Any, type_name};
use std::collections::BTreeMap;
use std::fmt;

use burn::tensor::{Device, TensorData};
use thiserror::Error;

/// Tensors, numbers and words by name. Numbers keep their bits, so a run goes on to the bit.
///
/// [`Remember`] saves and restores values. A state can be saved in another one under a name.
///
/// ```
/// use thalweg_optim::{Remember, State};
///
/// let (mut inner, mut outer) = (State::default(), State::default());
/// 0.1_f64.save("step", &mut inner);
/// inner.save("controller", &mut outer);
///
/// let device = Default::default();
/// assert_eq!(f64::restore("controller.step", &outer, &device)?, 0.1);
/// assert_eq!(State::restore("controller", &outer, &device)?, inner);
/// # Ok::<(), thalweg_optim::StateError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// Tensors by name.
    pub tensors: BTreeMap<String, TensorData>,
    /// Numbers by name; those with a fraction as their bits.
    pub numbers: BTreeMap<String, u64>,
    /// Words by name.
    pub words: BTreeMap<String, String>,
}

/// A state that does not fit.
///
/// ```
/// use thalweg_optim::field::{Adam, Gradient};
/// use thalweg_optim::{Descent, StateError, Stateful};
///
/// let state = Descent::euler(Adam::default()).state();
/// let found = Descent::euler(Gradient).restore(&state, &Default::default());
/// assert!(matches!(found, Err(StateError::OfAnother { .. })));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StateError {
    /// An entry is missing.
    #[error(
        "the state has no {name}: it is of other parts (another minimizer, other callbacks), or of \
         an older version of them"
    )]
    Missing {
        /// Its name.
        name: String,
    },
    /// The state belongs to something else, or to the same with other settings.
    #[error(
        "the state is of {saved}, not of {here}: the averages of one mean something else to the other"
    )]
    OfAnother {
        /// The owner of the state.
        saved: String,
        /// The owner that should restore it.
        here: String,
    },
    /// An entry that cannot be used.
    #[error("{name} in the state cannot be used: {reason}")]
    Unusable {
        /// Its name.
        name: String,
        /// The reason.
        reason: String,
    },
}

/// The name of the word for the owner of a state.
const OWNER: &str = "of";

impl State {
    /// An empty state with an owner: a name, with the settings that shape the memory.
    ///
    /// See [`check_owner`](Self::check_owner) for an example.
    pub fn of(owner: &str) -> Self {
        let mut state = Self::default();
        owner.to_owned().save(OWNER, &mut state);
        state
    }

    /// Checks the owner that [`of`](Self::of) was given.
    ///
    /// ```
    /// use thalweg_optim::{State, StateError};
    ///
    /// let state = State::of("Adam with β = (0.9, 0.999)");
    /// state.check_owner("Adam with β = (0.9, 0.999)")?;
    /// let error = state.check_owner("Adam with β = (0.9, 0.99)").unwrap_err();
    /// assert!(matches!(error, StateError::OfAnother { .. }));
    /// # Ok::<(), StateError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`StateError::OfAnother`].
    pub fn check_owner(&self, owner: &str) -> Result<(), StateError> {
        let saved = self.words.get(OWNER).map(String::as_str);
        let saved = match (saved, self.is_empty()) {
            (Some(saved), _) => saved,
            // The values that are missing are named later.
            (None, true) => return Ok(()),
            (None, false) => "something that does not say its name",
        };
        match saved == owner {
            true => Ok(()),
            false => Err(StateError::OfAnother {
                saved: saved.to_owned(),
                here: owner.to_owned(),
            }),
        }
    }

    fn is_empty(&self) -> bool {
        self.tensors.is_empty() && self.numbers.is_empty() && self.words.is_empty()
    }
}

impl StateError {
    /// An entry with this name cannot be used, for this reason.
    ///
    /// ```
    /// use thalweg_optim::StateError;
    ///
    /// let error = StateError::unusable("seed", "it is negative");
    /// assert_eq!(error.to_string(), "seed in the state cannot be used: it is negative");
    /// ```
    pub fn unusable(name: impl Into<String>, reason: impl ToString) -> Self {
        Self::Unusable {
            name: name.into(),
            reason: reason.to_string(),
        }
    }
}

/// Memory that can be saved and restored.
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::tensor::{Device, Tensor};
/// # #[derive(Module, Debug)]
/// # struct Bowl { x: Param<Tensor<1>> }
/// # let x = Tensor::ones([1], &Device::default().autodiff());
/// # let model = Bowl { x: Param::from_tensor(x) };
/// use thalweg_optim::{Descent, Evaluation, Minimizer, Stateful, field::Adam};
///
/// let mut objective = |model: &Bowl| Evaluation::new(model.x.val().square(), model);
/// let mut adam = Descent::euler(Adam::default());
/// let (model, _) = adam.step(0.1, model, &mut objective);
///
/// // Another one with the same memory makes the same step.
/// let mut resumed = Descent::euler(Adam::default());
/// resumed.restore(&adam.state(), &Device::default().autodiff())?;
/// let (a, _) = adam.step(0.1, model.clone(), &mut objective);
/// let (b, _) = resumed.step(0.1, model, &mut objective);
/// assert_eq!(a.x.val().to_data(), b.x.val().to_data());
/// # Ok::<(), thalweg_optim::StateError>(())
/// ```
pub trait Stateful {
    /// The memory, with its [owner](State::of). Settings are not part of it, but those that shape the
    /// memory are part of the owner's name: Adam's averages with one β are wrong for another, while a
    /// step size, an ε or a clipped norm may change.
    fn state(&self) -> State;

    /// Takes the memory of another with the same settings, with tensors on `device`.
    ///
    /// # Errors
    ///
    /// [`StateError`] where the state has another owner. Then nothing has changed.
    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError>;

    /// A cheap copy of the memory, for a step that may be undone. By default it is the
    /// [`state`](Self::state), which is read from the device.
    fn keep(&self) -> Kept {
        Kept::new(self.state())
    }

    /// Takes a copy back.
    ///
    /// # Errors
    ///
    /// As [`restore`](Self::restore).
    fn take_back(&mut self, kept: Kept, device: &Device) -> Result<(), StateError> {
        self.restore(&kept.into_inner::<State>()?, device)
    }
}

/// [`Stateful`] of the value behind a pointer.
macro_rules! behind {
    ($($pointer:ty)*) => {$(
        impl<S: Stateful + ?Sized> Stateful for $pointer {
            fn state(&self) -> State {
                (**self).state()
            }

            fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError> {
                (**self).restore(state, device)
            }

            fn keep(&self) -> Kept {
                (**self).keep()
            }

            fn take_back(&mut self, kept: Kept, device: &Device) -> Result<(), StateError> {
                (**self).take_back(kept, device)
            }
        }
    )*};
}
behind!(&mut S Box<S>);

/// [`Stateful`] of a minimizer with an `owner()`. Its memory is these fields under these names.
macro_rules! stateful {
    ([$($generics:tt)*] $minimizer:ty, $($name:literal: $($field:ident).+),+ $(,)?) => {
        impl<$($generics)*> $crate::Stateful for $minimizer {
            fn state(&self) -> $crate::State {
                let mut state = $crate::State::of(&self.owner());
                $($crate::Remember::save(&self.$($field).+, $name, &mut state);)+
                state
            }

            fn restore(
                &mut self,
                state: &$crate::State,
                device: &burn::tensor::Device,
            ) -> Result<(), $crate::StateError> {
                state.check_owner(&self.owner())?;
                // All are restored before the first one is set.
                let restored = ($($crate::Remember::restore($name, state, device)?,)+);
                ($(self.$($field).+,)+) = restored;
                Ok(())
            }

            fn keep(&self) -> $crate::Kept {
                $crate::Kept::new(($(self.$($field).+.clone(),)+))
            }

            fn take_back(
                &mut self,
                kept: $crate::Kept,
                _: &burn::tensor::Device,
            ) -> Result<(), $crate::StateError> {
                ($(self.$($field).+,)+) = kept.into_inner()?;
                Ok(())
            }
        }
    };
}
pub(crate) use stateful;

/// The copy of [`Stateful::keep`], of a type that only its owner knows.
///
/// ```
/// use thalweg_optim::Kept;
///
/// assert_eq!(Kept::new(7_u32).into_inner::<u32>()?, 7);
/// assert!(Kept::new(7_u32).into_inner::<String>().is_err());
/// # Ok::<(), thalweg_optim::StateError>(())
/// ```
pub struct Kept(Box<dyn Any + Send>);

impl Kept {
    /// Keeps a value.
    pub fn new<T: Send + 'static>(value: T) -> Self {
        Self(Box::new(value))
    }

    /// The value.
    ///
    /// # Errors
    ///
    /// [`StateError::OfAnother`] where it has another type.
    pub fn into_inner<T: 'static>(self) -> Result<T, StateError> {
        let value = self.0.downcast().map(|value| *value);
        value.map_err(|_| StateError::OfAnother {
            saved: "another type".into(),
            here: type_name::<T>().into(),
        })
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}
