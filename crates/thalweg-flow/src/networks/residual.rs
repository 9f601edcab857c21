//! The residual multilayer perceptron.

use burn::config::Config;
use burn::module::Module;
use burn::nn::Linear;
use burn::tensor::{Device, Tensor};
use thalweg_kernels::network_input;

use super::{Activation, Modulation, Network, WeightInit, linear};
use crate::Noise;

/// Sizes and choices of a [`ResidualMlp`].
///
/// See [`ResidualMlp`] for an example.
#[derive(Config, Debug)]
pub struct ResidualMlpConfig {
    /// Features in.
    pub inputs: usize,
    /// Width of every hidden layer.
    pub hidden: usize,
    /// Residual blocks, of two layers each.
    pub blocks: usize,
    /// Features out.
    pub outputs: usize,
    /// Before each layer of a block.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Initial weights of the hidden layers.
    #[config(default = "WeightInit::FanIn")]
    pub init: WeightInit,
    /// Initial weights of the last layer.
    #[config(default = "WeightInit::FanIn")]
    pub output_init: WeightInit,
}

/// `h = W₀x + b₀`, then `h ← h + W₂ a(W₁ a(h))` a block, then a linear output:
/// `[batch, inputs] → [batch, outputs]`.
///
/// The last inputs may be a context that shifts or gates the blocks; see [`Modulation`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Noise, ResidualMlp, ResidualMlpConfig, WeightInit};
///
/// let device = Device::default();
/// let config = ResidualMlpConfig::new(3, 16, 2, 4).with_output_init(WeightInit::Zero);
/// let network: ResidualMlp = config.init(&mut Noise::seeded(0), &device);
/// let outputs = network.forward(Tensor::ones([5, 3], &device));
/// assert_eq!((outputs.dims(), outputs.abs().max().into_scalar::<f32>()), ([5, 4], 0.0));
/// ```
///
/// # References
///
/// He, Zhang, Ren, Sun: *Identity mappings in deep residual networks*, 2016, eq. 1–3; as a
/// conditioner in Durkan, Bekasov, Murray, Papamakarios: *Neural spline flows*, 2019.
#[derive(Module, Debug)]
pub struct ResidualMlp {
    pub(crate) input: Linear,
    pub(crate) blocks: Vec<Block>,
    pub(crate) output: Linear,
    #[module(skip)]
    pub(crate) activation: Activation,
    pub(crate) modulation: Option<Modulation>,
}

#[derive(Module, Debug)]
pub(crate) struct Block {
    pub(crate) first: Linear,
    pub(crate) second: Linear,
}

impl ResidualMlpConfig {
    /// The network, its initial weights drawn from `noise`.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> ResidualMlp {
        let width = self.hidden;
        let mut hidden = |inputs| linear([inputs, width], self.init, noise, device);
        let input = hidden(self.inputs);
        let blocks = (0..self.blocks)
            .map(|_| [hidden(width), hidden(width)])
            .collect();
        let output = linear([width, self.outputs], self.output_init, noise, device);
        ResidualMlp::from_layers(input, blocks, output, self.activation)
    }
}

impl ResidualMlp {
    /// A network of given layers.
    pub fn from_layers(
        input: Linear,
        blocks: Vec<[Linear; 2]>,
        output: Linear,
        activation: Activation,
    ) -> Self {
        let blocks = blocks
            .into_iter()
            .map(|[first, second]| Block { first, second })
            .collect();
        Self {
            input,
            blocks,
            output,
            activation,
            modulation: None,
        }
    }

    /// The same network with changes at its layers, by the last of its inputs.
    ///
    /// See [`Modulation`] for an example.
    ///
    /// # Panics
    ///
    /// When these are for another number of units or blocks.
    pub fn with_modulation(self, modulation: Modulation) -> Self {
        let [inputs, width] = self.input.weight.val().dims();
        let context = modulation.context().unwrap_or(0);
        assert!(
            context <= inputs,
            "a network of {inputs} inputs got modulations by {context} of them"
        );
        modulation.assert_fits([context, width, self.blocks.len()]);
        Self {
            modulation: Some(modulation),
            ..self
        }
    }

    /// Applies the network.
    ///
    /// # Panics
    ///
    /// When `x` has another number of features than the first layer takes.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let ([inputs, _], found) = (self.input.weight.val().dims(), x.dims());
        assert!(
            found[1] == inputs,
            "a residual network of {inputs} features got {}, in {found:?}",
            found[1]
        );
        if found[0] == 0 {
            let [_, outputs] = self.output.weight.val().dims();
            return x.reshape([0, outputs]);
        }
        let x = network_input(x);
        if let Some(modulation) = &self.modulation {
            return self.modulated(modulation, x);
        }
        let h = self.blocks.iter().fold(self.input.forward(x), |h, block| {
            let inner = block.first.forward(self.activation.apply(h.clone()));
            h + block.second.forward(self.activation.apply(inner))
        });
        self.output.forward(h)
    }

    fn modulated(&self, modulation: &Modulation, x: Tensor<2>) -> Tensor<2> {
        let numbers = self.numbers(&x);
        let changed = |layer, y| modulation.changed(layer, y, &numbers);
        let mut h = changed(0, self.input.forward(x));
        for (index, block) in self.blocks.iter().enumerate() {
            let [first, second] = [2 * index + 1, 2 * index + 2];
            let inner = self.activation.apply(modulation.normed(first, h.clone()));
            let inner = changed(first, block.first.forward(inner));
            let inner = block.second.forward(self.activation.apply(inner));
            h = h + changed(second, inner);
        }
        self.output.forward(h)
    }

    /// The numbers of the context that change layers, from the inputs of the network.
    pub(crate) fn numbers(&self, x: &Tensor<2>) -> Vec<Tensor<2>> {
        let modulation = self.modulation.as_ref();
        let context = modulation.and_then(|modulation| Some((modulation, modulation.context()?)));
        context.map_or(vec![], |(modulation, width)| {
            let context = x.clone().narrow(1, x.dims()[1] - width, width);
            modulation.numbers(&context, self.activation)
        })
    }
}

impl<C> Network<C> for ResidualMlp {
    fn apply(&self, kept: Tensor<2>, _: &C) -> Tensor<2> {
        self.forward(kept)
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.input.weight.val().dims()[0])
    }
}
