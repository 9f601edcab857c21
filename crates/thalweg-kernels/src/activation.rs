//! Functions between two layers.

use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

/// The function between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// `max(0, x)`.
    Relu,
    /// `tanh x`.
    Tanh,
    /// `x σ(x)`.
    Silu,
    /// `max(x, x / 10)`.
    LeakyRelu,
}

impl Activation {
    /// Applies the function elementwise.
    pub fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu => activation::relu(x),
            Self::Tanh => x.tanh(),
            Self::Silu => x.clone() * crate::sigmoid(x),
            Self::LeakyRelu => activation::leaky_relu(x, 0.1),
        }
    }
}
