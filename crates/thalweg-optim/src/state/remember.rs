//! Values that a state holds.

use std::collections::BTreeMap;

use burn::tensor::{Bytes, Device, Tensor, TensorData};
use thalweg_ode::ErrorHistory;

use super::{State, StateError};
use crate::{Memory, Parameters};

/// A value that a [`State`] can hold under a name.
///
/// See [`State`] for an example.
pub trait Remember: Sized {
    /// Saves the value in a state under a name.
    fn save(&self, name: &str, state: &mut State);

    /// Restores the value from a state, with tensors on `device`.
    ///
    /// # Errors
    ///
    /// [`StateError`] where it is missing or cannot be used.
    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError>;
}

fn find<'a, T>(values: &'a BTreeMap<String, T>, name: &str) -> Result<&'a T, StateError> {
    values.get(name).ok_or_else(|| StateError::Missing {
        name: name.to_owned(),
    })
}

impl Remember for () {
    fn save(&self, _: &str, _: &mut State) {}

    fn restore(_: &str, _: &State, _: &Device) -> Result<Self, StateError> {
        Ok(())
    }
}

impl Remember for u64 {
    fn save(&self, name: &str, state: &mut State) {
        state.numbers.insert(name.to_owned(), *self);
    }

    fn restore(name: &str, state: &State, _: &Device) -> Result<Self, StateError> {
        find(&state.numbers, name).copied()
    }
}

impl Remember for usize {
    fn save(&self, name: &str, state: &mut State) {
        (*self as u64).save(name, state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        let number = u64::restore(name, state, device)?;
        Self::try_from(number).map_err(|error| StateError::unusable(name, error))
    }
}

impl Remember for bool {
    fn save(&self, name: &str, state: &mut State) {
        u64::from(*self).save(name, state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        u64::restore(name, state, device).map(|number| number != 0)
    }
}

impl Remember for f64 {
    fn save(&self, name: &str, state: &mut State) {
        self.to_bits().save(name, state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        u64::restore(name, state, device).map(f64::from_bits)
    }
}

impl Remember for String {
    fn save(&self, name: &str, state: &mut State) {
        state.words.insert(name.to_owned(), self.clone());
    }

    fn restore(name: &str, state: &State, _: &Device) -> Result<Self, StateError> {
        find(&state.words, name).cloned()
    }
}

impl<T: Remember> Remember for Option<T> {
    fn save(&self, name: &str, state: &mut State) {
        self.is_some().save(&format!("{name}.some"), state);
        if let Some(value) = self {
            value.save(name, state);
        }
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        match bool::restore(&format!("{name}.some"), state, device)? {
            false => Ok(None),
            true => T::restore(name, state, device).map(Some),
        }
    }
}

impl<T: Remember> Remember for Vec<T> {
    fn save(&self, name: &str, state: &mut State) {
        self.len().save(&format!("{name}.len"), state);
        for (index, item) in self.iter().enumerate() {
            item.save(&format!("{name}.{index}"), state);
        }
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        let len = usize::restore(&format!("{name}.len"), state, device)?;
        (0..len)
            .map(|index| T::restore(&format!("{name}.{index}"), state, device))
            .collect()
    }
}

impl Remember for BTreeMap<String, f64> {
    fn save(&self, name: &str, state: &mut State) {
        let keys: Vec<String> = self.keys().cloned().collect();
        keys.save(&format!("{name}.keys"), state);
        let values: Vec<f64> = self.values().copied().collect();
        values.save(&format!("{name}.values"), state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        let keys: Vec<String> = Vec::restore(&format!("{name}.keys"), state, device)?;
        let values: Vec<f64> = Vec::restore(&format!("{name}.values"), state, device)?;
        Ok(keys.into_iter().zip(values).collect())
    }
}

impl Remember for TensorData {
    fn save(&self, name: &str, state: &mut State) {
        state.tensors.insert(name.to_owned(), self.clone());
    }

    fn restore(name: &str, state: &State, _: &Device) -> Result<Self, StateError> {
        find(&state.tensors, name).cloned()
    }
}

impl Remember for Bytes {
    fn save(&self, name: &str, state: &mut State) {
        TensorData::new(self.to_vec(), [self.len()]).save(name, state);
    }

    fn restore(name: &str, state: &State, _: &Device) -> Result<Self, StateError> {
        let data = find(&state.tensors, name)?;
        Ok(Self::from_bytes_vec(data.as_bytes().to_vec()))
    }
}

impl<const D: usize> Remember for Tensor<D> {
    fn save(&self, name: &str, state: &mut State) {
        self.to_data().save(name, state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        let data = TensorData::restore(name, state, device)?;
        let rank = data.shape().num_dims();
        if rank != D {
            let reason = format!("it has {rank} dimensions, not {D}");
            return Err(StateError::unusable(name, reason));
        }
        let dtype = data.dtype();
        Ok(Self::from_data(data, (device, dtype)))
    }
}

/// A state within a state: its names follow the other's name and a dot.
impl Remember for State {
    fn save(&self, name: &str, state: &mut State) {
        let under = |key: &String| format!("{name}.{key}");
        let tensors = self.tensors.iter().map(|(k, v)| (under(k), v.clone()));
        state.tensors.extend(tensors);
        let numbers = self.numbers.iter().map(|(k, v)| (under(k), *v));
        state.numbers.extend(numbers);
        let words = self.words.iter().map(|(k, v)| (under(k), v.clone()));
        state.words.extend(words);
    }

    fn restore(name: &str, state: &State, _: &Device) -> Result<Self, StateError> {
        Ok(Self {
            tensors: within(name, &state.tensors),
            numbers: within(name, &state.numbers),
            words: within(name, &state.words),
        })
    }
}

fn within<T: Clone>(name: &str, values: &BTreeMap<String, T>) -> BTreeMap<String, T> {
    let own = |key: &str| Some(key.strip_prefix(name)?.strip_prefix('.')?.to_owned());
    let values = values.iter();
    values
        .filter_map(|(key, value)| Some((own(key)?, value.clone())))
        .collect()
}

impl Remember for Parameters {
    fn save(&self, name: &str, state: &mut State) {
        self.tensors().to_vec().save(name, state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        Vec::restore(name, state, device).map(Self::from_tensors)
    }
}

impl Remember for ErrorHistory {
    fn save(&self, name: &str, state: &mut State) {
        self.errors.to_vec().save(name, state);
        self.rejected.save(&format!("{name}.rejected"), state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        let errors = Vec::restore(name, state, device)?;
        let wrong = |_| StateError::unusable(name, "a controller remembers two errors");
        Ok(Self {
            errors: errors.try_into().map_err(wrong)?,
            rejected: bool::restore(&format!("{name}.rejected"), state, device)?,
        })
    }
}

impl Remember for Memory<1> {
    fn save(&self, name: &str, state: &mut State) {
        self.averages.save(&format!("{name}.averages"), state);
        self.steps.save(&format!("{name}.steps"), state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        Ok(Self {
            averages: Vec::restore(&format!("{name}.averages"), state, device)?,
            steps: u64::restore(&format!("{name}.steps"), state, device)?,
        })
    }
}
