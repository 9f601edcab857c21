//! Linear layers with initial weights from a seeded generator.

use burn::module::Param;
use burn::nn::Linear;
use burn::tensor::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::Noise;

/// The initial weights of a linear layer.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::{Noise, WeightInit, linear};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let mut largest = |init| {
///     let layer = linear([100, 50], init, &mut noise, &device);
///     layer.weight.val().abs().max().into_scalar::<f32>()
/// };
/// assert!(largest(WeightInit::FanIn) <= 0.1);
/// assert!(largest(WeightInit::Glorot) <= 0.2);
/// assert_eq!(largest(WeightInit::Zero), 0.0);
/// ```
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
    /// Weights normal of deviation 0.05, biases 0: the code of Glow.
    Glow,
    /// All 0, so that a coupling with such a last layer starts as the identity.
    Zero,
}

impl WeightInit {
    /// Half-widths of the uniform distributions of weights and biases.
    fn bounds(self, [inputs, outputs]: [usize; 2]) -> (f64, f64) {
        let (inputs, outputs) = (inputs as f64, outputs as f64);
        match self {
            Self::FanIn => (inputs.sqrt().recip(), inputs.sqrt().recip()),
            Self::Glorot => ((6.0 / (inputs + outputs)).sqrt(), 0.0),
            Self::He => ((6.0 / inputs).sqrt(), 0.0),
            Self::Glow | Self::Zero => (0.0, 0.0),
        }
    }

    /// The half-widths for some fans over those for others, of weights and biases; 1 where a bound does not depend
    /// on them.
    pub(super) fn relative(self, fans: [usize; 2], to: [usize; 2]) -> [f64; 2] {
        let (found, to) = (self.bounds(fans), self.bounds(to));
        let over = |found: f64, to: f64| if to > 0.0 { found / to } else { 1.0 };
        [over(found.0, to.0), over(found.1, to.1)]
    }

    /// Weights of a layer with `fans = [inputs of an output, outputs of an input]`.
    pub(crate) fn weights<const D: usize>(
        self,
        shape: [usize; D],
        fans: [usize; 2],
        noise: &mut Noise,
        device: &Device,
    ) -> Tensor<D> {
        match self {
            Self::Glow => noise.normal(shape, device, DType::F32).mul_scalar(0.05),
            _ => symmetric(shape, self.bounds(fans).0, noise, device),
        }
    }

    /// Biases of a layer, see [`weights`](Self::weights).
    pub(crate) fn biases(
        self,
        outputs: usize,
        fans: [usize; 2],
        noise: &mut Noise,
        device: &Device,
    ) -> Tensor<1> {
        symmetric([outputs], self.bounds(fans).1, noise, device)
    }
}

/// Uniform numbers in `±bound`.
fn symmetric<const D: usize>(
    shape: [usize; D],
    bound: f64,
    noise: &mut Noise,
    device: &Device,
) -> Tensor<D> {
    if bound == 0.0 {
        return Tensor::zeros(shape, device);
    }
    noise
        .uniform(shape, device, DType::F32)
        .sub_scalar(0.5)
        .mul_scalar(2.0 * bound)
}

/// A [`Linear`] layer `y = x W + b`, `W [inputs, outputs]`, with initial weights from `noise`.
///
/// Burn's initializers draw from a generator that all threads of a process share.
///
/// See [`WeightInit`] for an example.
pub fn linear(
    [inputs, outputs]: [usize; 2],
    init: WeightInit,
    noise: &mut Noise,
    device: &Device,
) -> Linear {
    let (shape, fans) = ([inputs, outputs], [inputs, outputs]);
    let weight = init.weights(shape, fans, noise, device);
    let bias = init.biases(outputs, fans, noise, device);
    Linear {
        weight: Param::from_tensor(weight),
        bias: Some(Param::from_tensor(bias)),
    }
}
