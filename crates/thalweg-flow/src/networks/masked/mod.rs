//! The masked multilayer perceptron.

mod angles;
mod config;
mod masks;
mod modulated;
mod unroll;

pub use config::MaskedMlpConfig;
pub(crate) use unroll::indices;

use std::sync::Arc;

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use thalweg_kernels::{Degrees, Dense, PackedMasked, dense, network_input};

use self::masks::Masks;
use super::{Activation, Mlp, Modulation, Network, WeightInit};
use crate::Noise;
use crate::parameter::with_value;

/// A multilayer perceptron whose outputs for a feature depend on the features that come before it in an
/// order, and on a context: `[batch, features + context] → [batch, parameters · features]`.
///
/// `y = W̃_L a(… a(W̃_1 [x | c] + b_1) …) + b_L` with `W̃ = W ⊙ M`. Each unit has a degree, the number of
/// features that it may depend on, the first ones in the order. The masks `M` let the feature at place `p`
/// (from 0) reach hidden units of degree above `p`, a hidden unit reach those of its own degree and higher ones,
/// and a hidden unit of degree `m` reach the outputs of the features from place `m` on. A context reaches
/// every unit. Weights under a mask have neither an influence nor a gradient.
///
/// The outputs are one block a parameter, as a [`Transformer`](crate::Transformer) takes them; inputs and
/// blocks are in the features' own order. Without a context, the outputs of the first feature are biases. With
/// one, hidden units of degree 0 make them a network of the context.
///
/// A residual network is `h = W̃₀x + b₀`, then `h ← h + W̃₂ a(W̃₁ a(h))` a block, then a last layer. The context may shift
/// and gate its layers; see [`Modulation`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{MaskedMlpConfig, Network, Noise};
///
/// let device = Device::default();
/// let config = MaskedMlpConfig::new(3, vec![16, 16], 2).with_order(vec![2, 0, 1]);
/// let network = config.init(&mut Noise::seeded(0), &device);
/// let outputs = |x: [f32; 3]| {
///     let x = Tensor::<2>::from_floats([x], &device);
///     network.apply(x, &()).into_data().try_to_vec::<f32>().unwrap()
/// };
/// // Feature 1 comes last: nothing depends on it. Feature 2 comes first: its outputs are biases.
/// assert_eq!(outputs([0.1, 0.2, 0.3]), outputs([0.1, 9.0, 0.3]));
/// assert_eq!(outputs([0.1, 0.2, 0.3])[2], outputs([5.0, 6.0, 7.0])[2]);
/// ```
///
/// # References
///
/// Germain, Gregor, Murray, Larochelle: *MADE: Masked autoencoder for distribution estimation*, 2015, section
/// 4; residual masks: Nash, Durkan: *Autoregressive energy machines*, 2019, section 3.2.
#[derive(Module, Debug)]
pub struct MaskedMlp {
    layers: Vec<Linear>,
    #[module(skip)]
    degrees: Arc<Degrees>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    masks: Masks,
    /// From each feature to an angle, 0 where it enters as it is; empty where all do.
    #[module(skip)]
    angles: Vec<f64>,
    modulation: Option<Modulation>,
}

impl MaskedMlp {
    fn new(layers: Vec<Linear>, degrees: Degrees, activation: Activation) -> Self {
        Self {
            layers,
            degrees: Arc::new(degrees),
            activation,
            masks: Masks::default(),
            angles: vec![],
            modulation: None,
        }
    }

    /// A network of given layers, first to last, whose hidden units have given degrees, in any order: for the
    /// weights of other libraries. The degrees tell a residual network from a plain one.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::{Activation, Degrees, MaskedMlp, Network, Noise, WeightInit, linear};
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let mut layer = |sizes| linear(sizes, WeightInit::FanIn, &mut noise, &device);
    /// // Three features in their order, one parameter each, hidden units of degrees 1, 2, 1, 2.
    /// let degrees = Degrees::new(vec![0, 1, 2], 0, 1, vec![vec![1, 2, 1, 2]]);
    /// let layers = vec![layer([3, 4]), layer([4, 3])];
    /// let network = MaskedMlp::from_layers(layers, degrees, Activation::Relu);
    /// assert_eq!(Network::<()>::inputs(&network), Some(3));
    /// ```
    ///
    /// # Panics
    ///
    /// When the layers have other sizes than the degrees say.
    pub fn from_layers(layers: Vec<Linear>, degrees: Degrees, activation: Activation) -> Self {
        let widths: Vec<usize> = degrees.levels().iter().map(Vec::len).collect();
        let expected: Vec<_> = widths.windows(2).map(|pair| [pair[0], pair[1]]).collect();
        let found: Vec<_> = layers.iter().map(|l| l.weight.val().dims()).collect();
        assert!(
            found == expected,
            "a masked network of these degrees has weights {expected:?}, got {found:?}"
        );
        Self::new(layers, degrees, activation)
    }

    /// A network of these degrees, whose initial weights are drawn from `noise`: those of the hidden layers and
    /// those of the last one.
    ///
    /// Its features may have several inputs and outputs each; see [`Degrees::grouped`].
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Activation, Degrees, MaskedMlp, Noise, WeightInit};
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let degrees = Degrees::new(vec![0, 1], 0, 1, vec![vec![1, 1, 1]]);
    /// let init = [WeightInit::FanIn, WeightInit::FanIn];
    /// let network = MaskedMlp::of_degrees(degrees, Activation::Tanh, init, &mut noise, &device);
    /// let outputs = |x: [f32; 2]| {
    ///     let outputs = network.forward(Tensor::from_floats([x], &device));
    ///     outputs.into_data().try_to_vec::<f32>().unwrap()
    /// };
    /// // Both outputs ignore feature 1: the first sees nothing, the second feature 0.
    /// assert_eq!(outputs([0.5, 1.0]), outputs([0.5, 9.0]));
    /// ```
    pub fn of_degrees(
        degrees: Degrees,
        activation: Activation,
        [hidden, last]: [WeightInit; 2],
        noise: &mut Noise,
        device: &Device,
    ) -> Self {
        let layers = config::layers(&degrees, [hidden, last], noise, device);
        Self::new(layers, degrees, activation)
    }

    /// The same network with other biases of the last layer, `[outputs]`: what it returns while the weights of
    /// that layer are 0.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{MaskedMlpConfig, Noise, WeightInit};
    ///
    /// let device = Device::default();
    /// let config = MaskedMlpConfig::new(2, vec![8], 1).with_output_init(WeightInit::Zero);
    /// let network = config.init(&mut Noise::seeded(0), &device);
    /// let network = network.with_output_bias(Tensor::from_floats([1.0, 2.0], &device));
    /// let outputs = network.forward(Tensor::ones([1, 2], &device));
    /// assert_eq!(outputs.into_data().try_to_vec::<f32>().unwrap(), [1.0, 2.0]);
    /// ```
    ///
    /// # Panics
    ///
    /// For another number of them, and when the last layer has no biases.
    pub fn with_output_bias(mut self, bias: Tensor<1>) -> Self {
        let (expected, found) = (self.degrees.outputs(), bias.dims());
        assert!(
            found == [expected],
            "a masked network of {expected} outputs got biases {found:?}"
        );
        let last = self.layers.last_mut().expect("a network has a layer");
        let old = last.bias.take().expect("the last layer has biases");
        last.bias = Some(with_value(old, |_| bias));
        self
    }

    /// The degrees of the units.
    pub fn degrees(&self) -> &Degrees {
        &self.degrees
    }

    /// Applies the network.
    ///
    /// # Panics
    ///
    /// When `x` has another number of features than the network takes, its context included.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let (expected, found) = (self.inputs(), x.dims());
        assert!(
            found[1] == expected,
            "a masked network of {} features and {} numbers of context takes [batch, {expected}] and \
             got {found:?}",
            self.degrees.features(),
            self.degrees.context()
        );
        if found[0] == 0 {
            return x.reshape([0, self.degrees.outputs()]);
        }
        let x = self.entered(x);
        match self.degrees.is_residual() || self.modulation.is_some() {
            false => dense(x, self.masked(), self.activation, None),
            true => self.chain(network_input(x)),
        }
    }

    /// Layer after layer.
    fn chain(&self, x: Tensor<2>) -> Tensor<2> {
        let context = self.degrees.context();
        let numbers = match context {
            0 => vec![],
            _ => self.numbers(&x.clone().narrow(1, x.dims()[1] - context, context)),
        };
        let (mut before, mut h): (_, Option<Tensor<2>>) = (x, None);
        for (index, layer) in self.masked().into_iter().enumerate() {
            let input = match (self.degrees.activates(index), &self.modulation) {
                (true, Some(modulation)) => self.activation.apply(modulation.normed(index, before)),
                (true, None) => self.activation.apply(before),
                (false, _) => before,
            };
            let mut y = input.matmul(layer.weight);
            if let Some(bias) = layer.bias {
                y = y + bias.unsqueeze();
            }
            if let Some(modulation) = &self.modulation {
                y = modulation.changed(index, y, &numbers);
            }
            if self.degrees.ends_block(index) {
                y = y + h.take().expect("a layer in front of each block");
            }
            if index.is_multiple_of(2) {
                h = Some(y.clone());
            }
            before = y;
        }
        before
    }

    /// The layers, their weights times their masks.
    fn masked(&self) -> Vec<Dense> {
        let masks = self
            .masks
            .like(&self.layers[0].weight.val(), &self.degrees)
            .into_iter();
        let layer = |(layer, mask): (&Linear, _)| Dense {
            weight: layer.weight.val() * mask,
            bias: layer.bias.as_ref().map(Param::val),
        };
        self.layers.iter().zip(masks).map(layer).collect()
    }

    /// The perceptron with the same outputs, its masked weights 0.
    ///
    /// # Panics
    ///
    /// When the network has residual blocks, modulated layers or angles.
    pub(crate) fn plain(&self) -> Mlp {
        assert!(
            !self.degrees.is_residual() && self.modulation.is_none() && self.angles.is_empty(),
            "a residual or modulated masked network, or one of angles, is no perceptron"
        );
        let layer = |Dense { weight, bias }| Linear {
            weight: Param::from_tensor(weight),
            bias: bias.map(Param::from_tensor),
        };
        let layers = self.masked().into_iter().map(layer).collect();
        Mlp::from_layers(layers, self.activation)
    }

    /// The network on the host; `None` while its parameters are on a tape.
    pub(crate) fn packed_unless_tracked(&self) -> Option<PackedMasked> {
        let weight = self.layers[0].weight.val();
        let tracked = weight.is_autodiff() && weight.is_tracked();
        (!tracked).then(|| self.packed())
    }

    /// The network on the host, in f32. It does not follow the parameters.
    pub(crate) fn packed(&self) -> PackedMasked {
        let host = |layer: &Linear| {
            let weight = layer.weight.val();
            let bias = match &layer.bias {
                Some(bias) => host_f32(bias.val()),
                None => vec![0.0; weight.dims()[1]],
            };
            (host_f32(weight), bias)
        };
        let layers = self.layers.iter().map(host).collect();
        let angles = self.angles.iter().map(|factor| *factor as f32).collect();
        let packed = PackedMasked::of_angles(&self.degrees, layers, self.activation, angles);
        match &self.modulation {
            None => packed,
            Some(modulation) => self.packed_modulation(modulation, packed),
        }
    }
}

/// The numbers of a tensor in f32.
fn host_f32<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor.into_data().convert::<f32>();
    data.try_into_vec().expect("numbers in f32")
}

impl<C> Network<C> for MaskedMlp {
    fn apply(&self, x: Tensor<2>, _: &C) -> Tensor<2> {
        self.forward(x)
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.inputs())
    }
}
