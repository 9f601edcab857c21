//! From codes to images.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_flow::{
    Bijection, ConvBlocks, FlowError, Network, Noise, SameConv, Squeeze, SqueezeOrder, WeightInit,
};

use super::{PyramidConfig, blocks, project};

/// The mirror image of an [`ImageEncoder`](super::ImageEncoder): stages of residual blocks and an
/// unsqueeze, coarsest first.
///
/// # Shapes
///
/// `[batch, C, h / 2^stages, w / 2^stages]` to `[batch, c, h, w]`.
#[derive(Module, Debug)]
pub struct ImageDecoder {
    stages: Vec<Stage>,
}

#[derive(Module, Debug)]
struct Stage {
    blocks: ConvBlocks,
    project: Option<SameConv>,
    squeeze: Squeeze,
}

impl Stage {
    fn unsqueeze(&self, x: Tensor<4>) -> Tensor<4> {
        let x = match &self.project {
            Some(project) => project.forward(x),
            None => x,
        };
        self.squeeze.inverse(x, &()).0
    }
}

impl ImageDecoder {
    pub(super) fn new(config: &PyramidConfig, noise: &mut Noise, device: &Device) -> Self {
        let finest = config.channels.len().saturating_sub(1);
        let stages = config.stages().rev().enumerate();
        let stages = stages.map(|(index, [squeezed, channels])| {
            // The layer that makes the images starts at zero: noise of the first weights costs a
            // density as narrow as that of pixels thousands of nats, and thousands of steps.
            let init = match index == finest {
                true => WeightInit::Zero,
                false => WeightInit::Glorot,
            };
            Stage {
                blocks: blocks(channels, config.blocks, noise, device),
                project: project([channels, squeezed], init, noise, device),
                squeeze: Squeeze::with(2, SqueezeOrder::PixelFirst),
            }
        });
        Self {
            stages: stages.collect(),
        }
    }

    /// The image of each code.
    ///
    /// # Panics
    ///
    /// When the codes are of another size.
    pub fn forward(&self, code: Tensor<4>) -> Tensor<4> {
        self.stages
            .iter()
            .fold(code, |x, stage| stage.unsqueeze(stage.blocks.forward(x)))
    }
}

impl<C> Network<C, 4> for ImageDecoder {
    fn apply(&self, kept: Tensor<4>, _: &C) -> Tensor<4> {
        self.forward(kept)
    }

    fn initialize(mut self, kept: Tensor<4>, context: &C) -> Result<Self, FlowError> {
        let (mut x, mut stages) = (kept, Vec::with_capacity(self.stages.len()));
        for mut stage in self.stages {
            stage.blocks = stage.blocks.initialize(x.clone(), context)?;
            let plain = stage.valid();
            x = plain.unsqueeze(plain.blocks.forward(x));
            stages.push(stage);
        }
        self.stages = stages;
        Ok(self)
    }
}
