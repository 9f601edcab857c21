//! Residual blocks that keep the shape of an image.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_kernels::{Activate, Conv, convolutions};

use super::{Activation, Network, SameConv, SameConvConfig, WeightInit};
use crate::{FlowError, Noise};

/// Sizes and choices of [`ConvBlocks`].
///
/// See [`ConvBlocks`] for an example.
#[derive(Config, Debug)]
pub struct ConvBlocksConfig {
    /// Channels in, between, and out.
    pub channels: usize,
    /// Residual blocks; none is the identity.
    pub blocks: usize,
    /// Between the two layers of a block.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Initial weights of the first layer of a block; the second starts at zero.
    #[config(default = "WeightInit::Glorot")]
    pub init: WeightInit,
}

/// `x ← x + W₂ ∗ a(n(W₁ ∗ x + b₁)) + b₂` a block, with a 3×3 convolution `W₁`, an actnorm `n` and a
/// 1×1 convolution `W₂`: `[batch, channels, height, width]` to the same.
///
/// The second layers start at zero, so the network starts as the identity.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{ConvBlocks, ConvBlocksConfig, Noise};
///
/// let device = Device::default();
/// let net: ConvBlocks = ConvBlocksConfig::new(3, 2).init(&mut Noise::seeded(0), &device);
/// let x = Tensor::<4>::ones([1, 3, 4, 4], &device);
/// assert_eq!(net.forward(x.clone()).to_data(), x.to_data());
/// ```
///
/// # Panics
///
/// When the images have another number of channels.
///
/// # References
///
/// He, Zhang, Ren, Sun: *Deep residual learning for image recognition*, 2016. This form is the encoder
/// of Su, Wu: *f-VAEs: Improve VAEs with conditional flows*, 2018, with an actnorm in place of the batch
/// normalization of its code.
#[derive(Module, Debug)]
pub struct ConvBlocks {
    blocks: Vec<Block>,
    #[module(skip)]
    activation: Activation,
}

#[derive(Module, Debug)]
struct Block {
    inner: SameConv,
    outer: SameConv,
}

impl ConvBlocksConfig {
    /// The network, its initial weights drawn from `noise`.
    pub fn init(&self, noise: &mut Noise, device: &Device) -> ConvBlocks {
        let conv = |kernel| SameConvConfig::new(self.channels, self.channels, kernel);
        let blocks = (0..self.blocks).map(|_| Block {
            inner: conv(3)
                .with_init(self.init)
                .with_actnorm(true)
                .with_bias_before_actnorm(true)
                .init(noise, device),
            outer: conv(1).with_init(WeightInit::Zero).init(noise, device),
        });
        ConvBlocks {
            blocks: blocks.collect(),
            activation: self.activation,
        }
    }
}

impl ConvBlocks {
    /// Applies the network.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (blocks, between) = self.layers();
        let add = |x: Tensor<4>, block| x.clone() + convolutions(x, block, between);
        blocks.into_iter().fold(x, add)
    }

    /// The layers of each block, and the activation between them.
    pub(crate) fn layers(&self) -> (Vec<Vec<Conv>>, Activate) {
        let block = |block: &Block| vec![block.inner.layer(), block.outer.layer()];
        let blocks = self.blocks.iter().map(block).collect();
        (blocks, Activate::Between(self.activation))
    }
}

impl<C> Network<C, 4> for ConvBlocks {
    fn apply(&self, kept: Tensor<4>, _: &C) -> Tensor<4> {
        self.forward(kept)
    }

    fn inputs(&self) -> Option<usize> {
        let first = self.blocks.first()?;
        Some(first.inner.channels())
    }

    fn initialize(mut self, kept: Tensor<4>, _: &C) -> Result<Self, FlowError> {
        let activation = self.activation;
        let mut x = kept;
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for Block { inner, outer } in self.blocks {
            let (inner, h) = inner.fit(x.clone())?;
            let (outer, h) = outer.fit(activation.apply(h))?;
            x = x + h;
            blocks.push(Block { inner, outer });
        }
        self.blocks = blocks;
        Ok(self)
    }
}
