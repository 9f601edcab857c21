//! Encoders and decoders of images without a Jacobian: squeezes and residual blocks.

mod decoder;
mod encoder;

pub use decoder::ImageDecoder;
pub use encoder::ImageEncoder;

use burn::config::Config;
use burn::tensor::Device;
use thalweg_flow::{ConvBlocks, ConvBlocksConfig, Noise, SameConv, SameConvConfig, WeightInit};

use crate::ConfigError;

/// Sizes of an [`ImageEncoder`] and of the [`ImageDecoder`] that mirrors it.
///
/// Each stage halves the image. Where a stage has four times the channels before it, it keeps all
/// numbers; where it has others, a 1×1 convolution stands between the squeeze and its blocks.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::pyramid::PyramidConfig;
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let config = PyramidConfig::new([3, 16, 16], vec![12, 20], 1);
/// assert_eq!(config.code(), [20, 4, 4]);
/// let code = config.encoder(&mut noise, &device).forward(Tensor::ones([2, 3, 16, 16], &device));
/// let images = config.decoder(&mut noise, &device).forward(code);
/// assert_eq!(images.dims(), [2, 3, 16, 16]);
/// ```
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
    pub fn encoder(&self, noise: &mut Noise, device: &Device) -> ImageEncoder {
        ImageEncoder::new(self, noise, device)
    }

    /// The decoder, its initial weights drawn from `noise`.
    pub fn decoder(&self, noise: &mut Noise, device: &Device) -> ImageDecoder {
        ImageDecoder::new(self, noise, device)
    }

    /// Whether there is a stage and no size is 0. That the image can be halved is for
    /// [`ImageSize`](crate::ImageSize) to say.
    pub(crate) fn check(&self, model: &'static str) -> Result<(), ConfigError> {
        ConfigError::check(model, "stages", self.channels.len() as u64, [1, 32])?;
        for channels in &self.channels {
            ConfigError::check(model, "channels of a stage", *channels as u64, [1, 65_536])?;
        }
        ConfigError::check(model, "blocks", self.blocks as u64, [0, 65_536])
    }

    /// How many numbers train in the encoder, and as many in the decoder but for the biases of
    /// 1×1 convolutions.
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

fn blocks(channels: usize, blocks: usize, noise: &mut Noise, device: &Device) -> ConvBlocks {
    ConvBlocksConfig::new(channels, blocks).init(noise, device)
}
