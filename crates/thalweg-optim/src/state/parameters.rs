//! Parameters and averages as parts of a state.

use burn::tensor::Device;
use thalweg_ode::ErrorHistory;

use crate::{Memory, Parameters, Remember, State, StateError};

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
