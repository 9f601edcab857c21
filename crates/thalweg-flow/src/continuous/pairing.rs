//! Which noise belongs to which row of the data.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

/// Which noise a row of the data is paired with in flow matching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Pairing {
    /// Its own.
    #[default]
    Independent,
}

impl Pairing {
    /// The noise, in the order of the data that it is paired with.
    pub(super) fn pair(self, noise: Tensor<2>, data: &Tensor<2>) -> Tensor<2> {
        match self {
            Self::Independent => {
                let _ = data;
                noise
            }
        }
    }
}
