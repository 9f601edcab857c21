//! Encoders and decoders of images without a Jacobian: squeezes and residual blocks.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_flow::{
    Bijection, ConvBlocks, ConvBlocksConfig, FlowError, Network, Noise, SameConv, SameConvConfig,
    Squeeze, SqueezeOrder, WeightInit,
};

use crate::ConfigError;

/// Sizes of an encoder of images, and of the decoder that mirrors it.
///
/// Each stage of the encoder squeezes the image and applies residual blocks: `[batch, c, h, w]` to
/// `[batch, C, h / 2^stages, w / 2^stages]`. The decoder has the same stages in reverse. A stage with
/// four times the channels before it keeps all numbers; otherwise a 1×1 convolution stands between
/// the squeeze and its blocks. Without such convolutions the untrained encoder is the squeezes alone,
/// and the untrained decoder its inverse.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::pyramid::{Pyramid, PyramidConfig};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let config = PyramidConfig::new([3, 16, 16], vec![12, 20], 1);
/// assert_eq!(config.code(), [20, 4, 4]);
/// let code = config.encoder(&mut noise, &device).forward(Tensor::ones([2, 3, 16, 16], &device));
/// let images = config.decoder(&mut noise, &device).forward(code);
/// assert_eq!(images.dims(), [2, 3, 16, 16]);
///
/// // Four times the channels at each stage.
/// let config = PyramidConfig::new([3, 16, 16], vec![12, 48], 1);
/// let encoder: Pyramid = config.encoder(&mut noise, &device);
/// let decoder: Pyramid = config.decoder(&mut noise, &device);
/// let x: Tensor<4> = noise.normal([2, 3, 16, 16], &device, DType::F32);
/// let back = decoder.forward(encoder.forward(x.clone()));
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-6);
/// ```
///
/// # References
///
/// Su, Wu: *f-VAEs: Improve VAEs with conditional flows*, 2018, and its code.
#[derive(Config, Debug, PartialEq)]
pub struct PyramidConfig {
    /// `[channels, height, width]` of the images.
    pub image: [usize; 3],
    /// Channels of each stage, finest first.
    pub channels: Vec<usize>,
    /// Residual blocks of each stage.
    pub blocks: usize,
}

impl PyramidConfig {
    /// `[channels, height, width]` of the code.
    pub fn code(&self) -> [usize; 3] {
        let [channels, height, width] = self.image;
        let stages = self.channels.len();
        let channels = self.channels.last().copied().unwrap_or(channels);
        [channels, height >> stages, width >> stages]
    }

    /// The encoder, its initial weights drawn from `noise`.
    ///
    /// See [`PyramidConfig`] for an example.
    pub fn encoder(&self, noise: &mut Noise, device: &Device) -> Pyramid {
        let stages = self.stages().map(|[squeezed, channels]| {
            let project = project([squeezed, channels], WeightInit::Glorot, noise, device);
            let blocks = self.blocks(channels, noise, device);
            Stage::new(false, blocks, project)
        });
        Pyramid {
            stages: stages.collect(),
        }
    }

    /// The decoder, its initial weights drawn from `noise`.
    ///
    /// See [`PyramidConfig`] for an example.
    pub fn decoder(&self, noise: &mut Noise, device: &Device) -> Pyramid {
        let finest = self.channels.len().saturating_sub(1);
        let stages = self.stages().rev().enumerate();
        let stages = stages.map(|(index, [squeezed, channels])| {
            // The layer that makes the images starts at zero: noise of the first weights costs a
            // density as narrow as that of pixels thousands of nats, and thousands of steps.
            let init = match index == finest {
                true => WeightInit::Zero,
                false => WeightInit::Glorot,
            };
            let blocks = self.blocks(channels, noise, device);
            Stage::new(
                true,
                blocks,
                project([channels, squeezed], init, noise, device),
            )
        });
        Pyramid {
            stages: stages.collect(),
        }
    }

    fn blocks(&self, channels: usize, noise: &mut Noise, device: &Device) -> ConvBlocks {
        ConvBlocksConfig::new(channels, self.blocks).init(noise, device)
    }

    /// Checks that there is a stage and that no size is 0; [`ImageSize`](crate::ImageSize) checks the
    /// halvings.
    pub(crate) fn check(&self, model: &'static str) -> Result<(), ConfigError> {
        ConfigError::check(model, "stages", self.channels.len() as u64, [1, 32])?;
        for channels in &self.channels {
            ConfigError::check(model, "channels of a stage", *channels as u64, [1, 65_536])?;
        }
        ConfigError::check(model, "blocks", self.blocks as u64, [0, 65_536])
    }

    /// The number of trainable values in the encoder; the decoder has the same number, except for the
    /// biases of 1×1 convolutions.
    pub(crate) fn count(&self) -> u128 {
        let stages = self.stages().map(|[squeezed, channels]| {
            let (from, c) = (squeezed as u128, channels as u128);
            let project = if squeezed == channels { 0 } else { from * c };
            project + (10 * c * c + 4 * c).saturating_mul(self.blocks as u128)
        });
        stages.fold(0, u128::saturating_add)
    }

    /// Channels behind the squeeze, and in the blocks, of each stage.
    fn stages(&self) -> impl DoubleEndedIterator<Item = [usize; 2]> + '_ {
        let before = [self.image[0]].into_iter().chain(self.channels.clone());
        let before: Vec<usize> = before.take(self.channels.len()).collect();
        let pairs = before.into_iter().zip(&self.channels);
        let pairs: Vec<[usize; 2]> = pairs.map(|(from, to)| [4 * from, *to]).collect();
        pairs.into_iter()
    }
}

/// A 1×1 convolution where the channels change.
fn project(
    [from, to]: [usize; 2],
    init: WeightInit,
    noise: &mut Noise,
    device: &Device,
) -> Option<SameConv> {
    let config = SameConvConfig::new(from, to, 1).with_init(init);
    (from != to).then(|| config.init(noise, device))
}

/// An encoder or a decoder of images, by [`PyramidConfig`].
///
/// See [`PyramidConfig`] for an example.
#[derive(Module, Debug)]
pub struct Pyramid {
    stages: Vec<Stage>,
}

#[derive(Module, Debug)]
struct Stage {
    squeeze: Squeeze,
    project: Option<SameConv>,
    blocks: ConvBlocks,
    /// Whether the blocks come first and the squeeze is undone.
    decodes: bool,
}

impl Stage {
    fn new(decodes: bool, blocks: ConvBlocks, project: Option<SameConv>) -> Self {
        Self {
            squeeze: Squeeze::with(2, SqueezeOrder::PixelFirst),
            project,
            blocks,
            decodes,
        }
    }

    fn project(&self, x: Tensor<4>) -> Tensor<4> {
        match &self.project {
            Some(project) => project.forward(x),
            None => x,
        }
    }

    /// The input of the blocks.
    fn before(&self, x: Tensor<4>) -> Tensor<4> {
        match self.decodes {
            true => x,
            false => self.project(self.squeeze.forward(x, &()).0),
        }
    }

    /// The output of the stage from the output of the blocks.
    fn after(&self, h: Tensor<4>) -> Tensor<4> {
        match self.decodes {
            true => self.squeeze.inverse(self.project(h), &()).0,
            false => h,
        }
    }
}

impl Pyramid {
    /// The code of each image, or the image of each code.
    ///
    /// # Panics
    ///
    /// For inputs of another size.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let stages = self.stages.iter();
        stages.fold(x, |x, stage| {
            stage.after(stage.blocks.forward(stage.before(x)))
        })
    }
}

impl<C> Network<C, 4> for Pyramid {
    fn apply(&self, x: Tensor<4>, _: &C) -> Tensor<4> {
        self.forward(x)
    }

    fn initialize(mut self, mut x: Tensor<4>, context: &C) -> Result<Self, FlowError> {
        let stages = self.stages.into_iter().map(|mut stage| {
            let h = stage.valid().before(x.clone());
            stage.blocks = stage.blocks.initialize(h.clone(), context)?;
            let plain = stage.valid();
            x = plain.after(plain.blocks.forward(h));
            Ok(stage)
        });
        self.stages = stages.collect::<Result<_, FlowError>>()?;
        Ok(self)
    }
}
