//! Parameters away from their initial values.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_flow::parameter::with_value;

/// Adds the wave `amplitude · sin(k + i·φ)` to element `i` of the `k`-th float parameter.
///
/// A layer that starts as the identity, such as a coupling with a last layer of zeros, passes laws that it
/// breaks after a training step. The wave is the same on every device. Parameters keep their gradients.
/// Parameters that do not train are unchanged: fitted statistics and permutations.
///
/// ```
/// use burn::{nn::LinearConfig, tensor::Device};
/// use thalweg_laws::scramble;
///
/// let linear = LinearConfig::new(2, 3).init(&Device::default());
/// let scrambled = scramble(linear.clone(), 0.3);
/// assert_ne!(linear.weight.val().to_data(), scrambled.weight.val().to_data());
/// ```
pub fn scramble<M: Module>(module: M, amplitude: f64) -> M {
    module.map(&mut Scramble {
        amplitude,
        parameter: 0,
    })
}

struct Scramble {
    amplitude: f64,
    parameter: usize,
}

impl ModuleMapper for Scramble {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let phase = self.parameter as f64;
        self.parameter += 1;
        if !trains(&param) {
            return param;
        }
        with_value(param, |value| {
            let wave = wave(value.dims(), phase, &value.device(), value.dtype());
            value + wave.mul_scalar(self.amplitude)
        })
    }
}

/// Whether the parameter trains; on a device without autodiff, whether it would.
fn trains<const D: usize>(param: &Param<Tensor<D>>) -> bool {
    let value = param.base();
    match value.is_autodiff() {
        true => value.is_require_grad(),
        false => param.clone().train().base().is_require_grad(),
    }
}

/// `sin(phase + i·φ)`, φ being the golden ratio: no two elements are alike.
pub(crate) fn wave<const D: usize>(
    shape: [usize; D],
    phase: f64,
    device: &Device,
    dtype: DType,
) -> Tensor<D> {
    let golden = 0.5 * (1.0 + 5f64.sqrt());
    let count: usize = shape.iter().product();
    let values: Vec<f64> = (0..count)
        .map(|i| (phase + i as f64 * golden).sin())
        .collect();
    Tensor::from_data(TensorData::new(values, shape), (device, dtype))
}
