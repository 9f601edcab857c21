//! Parameters and averages as parts of a state.

use crate::{Remember, State, StateError};
use burn::tensor::Device;

use crate::Parameters;
use crate::field::Memory;

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
