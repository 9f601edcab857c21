use burn::tensor::Device;

use thalweg_optim::{Remember, State, StateError};

/// A mean of losses, each weighted by its batch's size.
#[derive(Default)]
pub(super) struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    pub(super) fn add(&mut self, loss: f64, size: usize) {
        self.sum += loss * size as f64;
        self.weight += size as f64;
    }

    pub(super) fn value(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

impl Remember for Mean {
    fn save(&self, name: &str, state: &mut State) {
        self.sum.save(&format!("{name}.sum"), state);
        self.weight.save(&format!("{name}.weight"), state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        Ok(Self {
            sum: Remember::restore(&format!("{name}.sum"), state, device)?,
            weight: Remember::restore(&format!("{name}.weight"), state, device)?,
        })
    }
}
