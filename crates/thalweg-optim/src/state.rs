//! What a minimizer remembers, in a form that files hold.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Parameters;
use crate::field::Memory;

/// Tensors and numbers by name. Numbers keep their bits, so a run goes on to the bit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    tensors: BTreeMap<String, TensorData>,
    numbers: BTreeMap<String, u64>,
}

/// A state that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StateError {
    /// Something is not there.
    #[error("the state has no {name}: it is of another minimizer, or of an older version of it")]
    Missing {
        /// The name of what is missing.
        name: String,
    },
}

/// What can be remembered between runs.
pub trait Remember: Sized {
    /// Puts itself into a state under a name.
    fn save(&self, name: &str, state: &mut State);

    /// Takes itself out of a state.
    ///
    /// # Errors
    ///
    /// [`StateError::Missing`].
    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError>;
}

impl State {
    fn tensor(&self, name: &str, device: &Device) -> Result<Tensor<1>, StateError> {
        let data = self.tensors.get(name).ok_or_else(|| missing(name))?;
        Ok(Tensor::from_data(data.clone(), (device, data.dtype())))
    }

    fn number(&self, name: &str) -> Result<u64, StateError> {
        self.numbers.get(name).copied().ok_or_else(|| missing(name))
    }
}

fn missing(name: &str) -> StateError {
    StateError::Missing { name: name.into() }
}

impl Remember for () {
    fn save(&self, _: &str, _: &mut State) {}

    fn restore(_: &str, _: &State, _: &Device) -> Result<Self, StateError> {
        Ok(())
    }
}

impl Remember for u64 {
    fn save(&self, name: &str, state: &mut State) {
        state.numbers.insert(name.into(), *self);
    }

    fn restore(name: &str, state: &State, _: &Device) -> Result<Self, StateError> {
        state.number(name)
    }
}

impl Remember for f64 {
    fn save(&self, name: &str, state: &mut State) {
        self.to_bits().save(name, state);
    }

    fn restore(name: &str, state: &State, _: &Device) -> Result<Self, StateError> {
        state.number(name).map(f64::from_bits)
    }
}

impl<T: Remember> Remember for Vec<T> {
    fn save(&self, name: &str, state: &mut State) {
        (self.len() as u64).save(&format!("{name}.len"), state);
        for (index, item) in self.iter().enumerate() {
            item.save(&format!("{name}.{index}"), state);
        }
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        let len = state.number(&format!("{name}.len"))?;
        (0..len)
            .map(|index| T::restore(&format!("{name}.{index}"), state, device))
            .collect()
    }
}

impl<T: Remember> Remember for Option<T> {
    fn save(&self, name: &str, state: &mut State) {
        u64::from(self.is_some()).save(&format!("{name}.some"), state);
        if let Some(value) = self {
            value.save(name, state);
        }
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        match state.number(&format!("{name}.some"))? {
            0 => Ok(None),
            _ => T::restore(name, state, device).map(Some),
        }
    }
}

impl Remember for Tensor<1> {
    fn save(&self, name: &str, state: &mut State) {
        state.tensors.insert(name.into(), self.to_data());
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        state.tensor(name, device)
    }
}

impl Remember for Parameters {
    fn save(&self, name: &str, state: &mut State) {
        self.tensors().to_vec().save(name, state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        Vec::restore(name, state, device).map(Self::from_tensors)
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

/// A minimizer that can stop and go on.
pub trait Stateful {
    /// What it remembers of its steps; its settings are not part of it.
    fn state(&self) -> State;

    /// Remembers what another of the same settings did, with tensors on `device`.
    ///
    /// # Errors
    ///
    /// [`StateError`], when the state is of another kind.
    fn restore(&mut self, state: &State, device: &Device) -> Result<(), StateError>;
}
