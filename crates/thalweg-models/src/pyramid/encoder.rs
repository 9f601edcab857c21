//! From images to codes.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_flow::{
    Bijection, ConvBlocks, FlowError, Network, Noise, SameConv, Squeeze, SqueezeOrder, WeightInit,
};

use super::{PyramidConfig, blocks, project};

/// Stages of a squeeze and residual blocks: `[batch, c, h, w]` to
/// `[batch, C, h / 2^stages, w / 2^stages]`.
///
/// Where each stage has four times the channels before it, the untrained encoder is the squeezes
/// alone, and the untrained [`ImageDecoder`](super::ImageDecoder) its inverse.
///
/// # References
///
/// Su, Wu: *f-VAEs: Improve VAEs with conditional flows*, 2018, and its code.
#[derive(Module, Debug)]
pub struct ImageEncoder {
    stages: Vec<Stage>,
}

#[derive(Module, Debug)]
struct Stage {
    squeeze: Squeeze,
    project: Option<SameConv>,
    blocks: ConvBlocks,
}

impl Stage {
    fn project(&self, x: Tensor<4>) -> Tensor<4> {
        let (x, _) = self.squeeze.forward(x, &());
        match &self.project {
            Some(project) => project.forward(x),
            None => x,
        }
    }
}

impl ImageEncoder {
    pub(super) fn new(config: &PyramidConfig, noise: &mut Noise, device: &Device) -> Self {
        let stages = config.stages().map(|[squeezed, channels]| Stage {
            squeeze: Squeeze::with(2, SqueezeOrder::PixelFirst),
            project: project([squeezed, channels], WeightInit::Glorot, noise, device),
            blocks: blocks(channels, config.blocks, noise, device),
        });
        Self {
            stages: stages.collect(),
        }
    }

    /// The code of each image.
    ///
    /// # Panics
    ///
    /// When the images are of another size.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        self.stages
            .iter()
            .fold(x, |x, stage| stage.blocks.forward(stage.project(x)))
    }
}

impl<C> Network<C, 4> for ImageEncoder {
    fn apply(&self, kept: Tensor<4>, _: &C) -> Tensor<4> {
        self.forward(kept)
    }

    fn initialize(mut self, kept: Tensor<4>, context: &C) -> Result<Self, FlowError> {
        let (mut x, mut stages) = (kept, Vec::with_capacity(self.stages.len()));
        for mut stage in self.stages {
            x = stage.valid().project(x);
            stage.blocks = stage.blocks.initialize(x.clone(), context)?;
            x = stage.blocks.valid().forward(x);
            stages.push(stage);
        }
        self.stages = stages;
        Ok(self)
    }
}
