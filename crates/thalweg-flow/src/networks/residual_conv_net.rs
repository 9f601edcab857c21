//! The residual convolutional network.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_kernels::{Activate, Conv, convolutions};

use super::{Activation, Network, SameConv, SameConvConfig, WeightInit};
use crate::{FlowError, Noise};

/// Sizes and choices of a [`ResidualConvNet`].
///
/// See [`ResidualConvNet`] for an example.
#[derive(Config, Debug)]
pub struct ResidualConvNetConfig {
    /// Channels in.
    pub inputs: usize,
    /// Channels of every hidden layer.
    pub hidden: usize,
    /// Residual blocks, of two layers each.
    pub blocks: usize,
    /// Channels out.
    pub outputs: usize,
    /// Before each layer of a block, and before the last.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Initial weights of the hidden layers.
    #[config(default = "WeightInit::FanIn")]
    pub init: WeightInit,
    /// Initial weights of the last layer.
    #[config(default = "WeightInit::Zero")]
    pub output_init: WeightInit,
    /// An actnorm behind each hidden layer, in place of its bias.
    #[config(default = false)]
    pub actnorm: bool,
}

/// `h = W₀ ∗ x`, then `h ← h + W₂ ∗ a(W₁ ∗ a(h))` a block, then `W ∗ a(h)`: 3×3 convolutions, the
/// last one 1×1: `[batch, inputs, height, width] → [batch, outputs, height, width]`.
///
/// Each block sees two pixels further in each direction.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Noise, ResidualConvNet, ResidualConvNetConfig};
///
/// let device = Device::default();
/// let config = ResidualConvNetConfig::new(3, 8, 2, 6);
/// let network: ResidualConvNet = config.init(&mut Noise::seeded(0), &device);
/// assert_eq!(network.forward(Tensor::ones([2, 3, 5, 5], &device)).dims(), [2, 6, 5, 5]);
/// ```
///
/// # References
///
/// He, Zhang, Ren, Sun: *Identity mappings in deep residual networks*, 2016, eq. 1–3; as a
/// conditioner in Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, section
/// 4.1.
#[derive(Module, Debug)]
pub struct ResidualConvNet {
    input: SameConv,
    blocks: Vec<Block>,
    output: SameConv,
    #[module(skip)]
    activation: Activation,
}

#[derive(Module, Debug)]
struct Block {
    first: SameConv,
    second: SameConv,
}

impl ResidualConvNetConfig {
    /// The network, its initial weights drawn from `noise`.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> ResidualConvNet {
        let mut hidden = |inputs| {
            SameConvConfig::new(inputs, self.hidden, 3)
                .with_init(self.init)
                .with_actnorm(self.actnorm)
                .init(noise, device)
        };
        let input = hidden(self.inputs);
        let blocks = (0..self.blocks).map(|_| Block {
            first: hidden(self.hidden),
            second: hidden(self.hidden),
        });
        let blocks = blocks.collect();
        let output = SameConvConfig::new(self.hidden, self.outputs, 1)
            .with_init(self.output_init)
            .init(noise, device);
        ResidualConvNet {
            input,
            blocks,
            output,
            activation: self.activation,
        }
    }
}

impl ResidualConvNet {
    /// Applies the network.
    ///
    /// # Panics
    ///
    /// When the images have another number of channels than the first layer takes.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let before = Activate::Before(self.activation);
        let ([input, output], blocks) = self.layers();
        let h = convolutions(x, vec![input], Activate::Between(self.activation));
        let h = blocks
            .into_iter()
            .fold(h, |h, block| h.clone() + convolutions(h, block, before));
        convolutions(h, vec![output], before)
    }

    pub(crate) fn activation(&self) -> Activation {
        self.activation
    }

    /// The first and the last layer, and those of each block.
    pub(crate) fn layers(&self) -> ([Conv; 2], Vec<Vec<Conv>>) {
        let block = |block: &Block| vec![block.first.layer(), block.second.layer()];
        let blocks = self.blocks.iter().map(block).collect();
        ([self.input.layer(), self.output.layer()], blocks)
    }
}

impl<C> Network<C, 4> for ResidualConvNet {
    fn apply(&self, kept: Tensor<4>, _: &C) -> Tensor<4> {
        self.forward(kept)
    }

    fn inputs(&self) -> Option<usize> {
        Some(self.input.channels())
    }

    fn initialize(mut self, kept: Tensor<4>, _: &C) -> Result<Self, FlowError> {
        let activation = self.activation;
        let (input, mut h) = self.input.fit(kept)?;
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for Block { first, second } in self.blocks {
            let (first, inner) = first.fit(activation.apply(h.clone()))?;
            let (second, inner) = second.fit(activation.apply(inner))?;
            h = h + inner;
            blocks.push(Block { first, second });
        }
        (self.input, self.blocks) = (input, blocks);
        Ok(self)
    }
}
