//! Linear layers with initial weights from a seeded generator.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{DType, Device, Tensor, activation};
use serde::{Deserialize, Serialize};

use crate::Noise;

/// How the weights of a linear layer start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WeightInit {
    /// Weights and biases uniform in `±1/√inputs`: the default of Burn and of PyTorch.
    FanIn,
    /// Weights uniform in `±√(6 / (inputs + outputs))`, biases 0: the default of Keras.
    ///
    /// Glorot, Bengio: *Understanding the difficulty of training deep feedforward neural
    /// networks*, 2010, eq. 16.
    Glorot,
    /// Weights uniform in `±√(6 / inputs)`, biases 0: keeps the variance through ReLUs.
    ///
    /// He, Zhang, Ren, Sun: *Delving deep into rectifiers*, 2015, eq. 10.
    He,
    /// All 0: a coupling whose conditioner ends in such a layer starts as the identity.
    Zero,
}

impl WeightInit {
    /// Half-widths of the uniform distributions of weights and biases.
    fn bounds(self, inputs: usize, outputs: usize) -> (f64, f64) {
        let (inputs, outputs) = (inputs as f64, outputs as f64);
        match self {
            Self::FanIn => (inputs.sqrt().recip(), inputs.sqrt().recip()),
            Self::Glorot => ((6.0 / (inputs + outputs)).sqrt(), 0.0),
            Self::He => ((6.0 / inputs).sqrt(), 0.0),
            Self::Zero => (0.0, 0.0),
        }
    }
}

/// A [`Linear`] layer `y = x W + b`, `W [inputs, outputs]`, with initial weights from `noise`.
///
/// Burn's own initializers draw from a generator that all threads share, so that two runs in one
/// process disturb each other; these do not.
pub fn linear(
    [inputs, outputs]: [usize; 2],
    init: WeightInit,
    noise: &mut Noise,
    device: &Device,
) -> Linear {
    let (weight_bound, bias_bound) = init.bounds(inputs, outputs);
    let mut symmetric = |shape: [usize; 2], bound: f64| -> Tensor<2> {
        if bound == 0.0 {
            return Tensor::zeros(shape, device);
        }
        noise
            .uniform(shape, device, DType::F32)
            .sub_scalar(0.5)
            .mul_scalar(2.0 * bound)
    };
    let weight = symmetric([inputs, outputs], weight_bound);
    let bias = symmetric([1, outputs], bias_bound).reshape([outputs]);
    Linear {
        weight: Param::from_tensor(weight),
        bias: Some(Param::from_tensor(bias)),
    }
}

/// The function between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// `max(0, x)`.
    Relu,
    /// `tanh x`.
    Tanh,
    /// `x σ(x)`.
    Silu,
}

impl Activation {
    /// Applies the function elementwise.
    pub fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu => activation::relu(x),
            Self::Tanh => x.tanh(),
            Self::Silu => x.clone() * crate::numerics::sigmoid(x),
        }
    }
}
