//! The multilayer perceptron.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use thalweg_kernels::{Dense, dense};

use super::{Activation, Network, WeightInit, linear};
use crate::Noise;

/// Sizes and choices of an [`Mlp`].
///
/// See [`Mlp`] for an example.
#[derive(Config, Debug)]
pub struct MlpConfig {
    /// Features in.
    pub inputs: usize,
    /// Widths of the hidden layers, first to last.
    pub hidden: Vec<usize>,
    /// Features out.
    pub outputs: usize,
    /// After each hidden layer.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// After the last layer; none by default.
    #[config(default = "None")]
    pub output_activation: Option<Activation>,
    /// Initial weights of the hidden layers.
    #[config(default = "WeightInit::FanIn")]
    pub init: WeightInit,
    /// Initial weights of the last layer.
    #[config(default = "WeightInit::FanIn")]
    pub output_init: WeightInit,
}

/// A multilayer perceptron `[batch, inputs] → [batch, outputs]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Network, MlpConfig, Noise};
///
/// let device = Device::default();
/// let mlp = MlpConfig::new(3, vec![16, 16], 4).init(&mut Noise::seeded(0), &device);
/// let out = mlp.apply(Tensor::ones([5, 3], &device), &());
/// assert_eq!(out.dims(), [5, 4]);
/// ```
#[derive(Module, Debug)]
pub struct Mlp {
    pub(crate) layers: Vec<Linear>,
    #[module(skip)]
    pub(crate) activation: Activation,
    #[module(skip)]
    pub(crate) output_activation: Option<Activation>,
}

impl MlpConfig {
    /// The network, its initial weights drawn from `noise`.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> Mlp {
        let mut widths = vec![self.inputs];
        widths.extend(&self.hidden);
        widths.push(self.outputs);
        let last = widths.len() - 2;
        let layers = widths.windows(2).enumerate().map(|(layer, pair)| {
            let init = if layer == last {
                self.output_init
            } else {
                self.init
            };
            linear([pair[0], pair[1]], init, noise, device)
        });
        Mlp {
            layers: layers.collect(),
            activation: self.activation,
            output_activation: self.output_activation,
        }
    }
}

impl Mlp {
    /// An MLP of given layers, first to last.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Activation, Mlp, Noise, WeightInit, linear};
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let mut layer = |sizes| linear(sizes, WeightInit::He, &mut noise, &device);
    /// let layers = vec![layer([3, 16]), layer([16, 2])];
    /// let mlp = Mlp::from_layers(layers, Activation::Relu);
    /// assert_eq!(mlp.forward(Tensor::ones([5, 3], &device)).dims(), [5, 2]);
    /// ```
    pub fn from_layers(layers: Vec<Linear>, activation: Activation) -> Self {
        Self {
            layers,
            activation,
            output_activation: None,
        }
    }

    /// The same network with a function behind its last layer.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Activation, MlpConfig, Noise};
    ///
    /// let device = Device::default();
    /// let mlp = MlpConfig::new(3, vec![16], 2).init(&mut Noise::seeded(0), &device);
    /// let mlp = mlp.with_output_activation(Activation::Relu);
    /// let outputs = mlp.forward(Tensor::ones([5, 3], &device));
    /// assert!(outputs.min().into_scalar::<f32>() >= 0.0);
    /// ```
    pub fn with_output_activation(self, activation: Activation) -> Self {
        Self {
            output_activation: Some(activation),
            ..self
        }
    }

    /// Applies the network.
    ///
    /// # Panics
    ///
    /// When `x` has another number of features than the first layer takes.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let layers = self.layers.iter().map(|layer| Dense {
            weight: layer.weight.val(),
            bias: layer.bias.as_ref().map(Param::val),
        });
        dense(x, layers.collect(), self.activation, self.output_activation)
    }
}

impl<C> Network<C> for Mlp {
    fn apply(&self, kept: Tensor<2>, _: &C) -> Tensor<2> {
        self.forward(kept)
    }

    fn inputs(&self) -> Option<usize> {
        let first = self.layers.first()?;
        Some(first.weight.val().dims()[0])
    }
}
