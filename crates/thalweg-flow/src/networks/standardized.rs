//! Perceptrons whose hidden layers are standardized.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::Tensor;
use thalweg_kernels::network_input;

use super::{Activation, Network};

/// Added to a variance.
pub(crate) const EPSILON: f64 = 1e-5;

/// A perceptron whose hidden units have mean 0 and deviation 1 in each row:
/// `h ← (a − mean a) / √(var a + 10⁻⁵)` of `a = activation(h)`, the variance without bias.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Activation, Network, Noise, StandardizedMlp, WeightInit, linear};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let mut layer = |sizes| linear(sizes, WeightInit::FanIn, &mut noise, &device);
/// let layers = vec![layer([2, 8]), layer([8, 3])];
/// let network = StandardizedMlp::from_layers(layers, Activation::Relu);
/// assert_eq!(network.apply(Tensor::ones([5, 2], &device), &()).dims(), [5, 3]);
/// ```
///
/// # Shapes
///
/// `[batch, inputs]` to `[batch, outputs]`.
///
/// # References
///
/// Ba, Kiros, Hinton: *Layer normalization*, 2016, equation 3, without gains and biases.
#[derive(Module, Debug)]
pub struct StandardizedMlp {
    pub(crate) layers: Vec<Linear>,
    #[module(skip)]
    pub(crate) activation: Activation,
}

impl StandardizedMlp {
    /// Of given layers, first to last.
    ///
    /// # Panics
    ///
    /// When a hidden layer has one unit, which has no variance.
    pub fn from_layers(layers: Vec<Linear>, activation: Activation) -> Self {
        let inputs = layers
            .iter()
            .skip(1)
            .map(|layer| layer.weight.val().dims()[0]);
        let least = inputs.min().unwrap_or(2);
        assert!(
            least > 1,
            "a standardized layer has two units or more, got {least}"
        );
        Self { layers, activation }
    }
}

impl<C> Network<C> for StandardizedMlp {
    fn apply(&self, x: Tensor<2>, _: &C) -> Tensor<2> {
        let mut h = network_input(x);
        for (index, layer) in self.layers.iter().enumerate() {
            if index > 0 {
                let a = self.activation.apply(h);
                let (variance, mean) = a.clone().var_mean(1);
                h = (a - mean) / variance.add_scalar(EPSILON).sqrt();
            }
            h = h.matmul(layer.weight.val());
            if let Some(bias) = layer.bias.as_ref().map(Param::val) {
                h = h + bias.unsqueeze();
            }
        }
        h
    }

    fn inputs(&self) -> Option<usize> {
        let first = self.layers.first()?;
        Some(first.weight.val().dims()[0])
    }
}
