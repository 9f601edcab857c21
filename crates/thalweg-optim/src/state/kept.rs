//! Copies in memory.

use std::any::{Any, type_name};
use std::fmt;

use super::StateError;

/// What [`Stateful::keep`](super::Stateful::keep) has kept, of a type that only its owner knows.
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
    /// [`StateError::OfAnother`] when it is of another type.
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
