//! Sizes of a RealNVP.

use burn::config::Config;
use burn::tensor::Device;
use thalweg_flow::{
    ActNorm, Affine, Checkerboard, Coupling, Identity, Level, Logit, MultiScale, Noise,
    ResidualConvNet, ResidualConvNetConfig, Split, Squeeze, TanhLearned,
};

use super::{ChannelStep, CheckerboardStep, RealNvp, RealNvpBijection, RealNvpLevel};
use crate::image::{ImageConfig, ImageSize};
use crate::model::{ModelConfig, init};
use crate::{ConfigError, SamplingCost};

/// Sizes of a [`RealNvp`].
///
/// See [`RealNvp`](super::RealNvp) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct RealNvpConfig {
    /// The images.
    pub image: ImageSize,
    /// Scales; all except the last halve the image.
    #[config(default = 3)]
    pub scales: usize,
    /// Channels of the networks' hidden layers.
    #[config(default = 32)]
    pub hidden: usize,
    /// Residual blocks of each network.
    #[config(default = 4)]
    pub blocks: usize,
    /// The distance of the logit from the ends of the unit interval.
    #[config(default = 0.05)]
    pub alpha: f64,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

/// Couplings between pixels, and between channels, of each scale but the last.
const COUPLINGS: usize = 3;
/// Couplings between pixels of the last scale.
const LAST_COUPLINGS: usize = 4;

impl RealNvpConfig {
    /// The paper's model for images of 32 × 32: three couplings between pixels and three between
    /// channels a scale, four between pixels in the last, residual networks of 4 blocks of 32
    /// channels, logits with α = 0.05, scales `exp(a tanh s)`.
    ///
    /// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, section 4.1. Where
    /// the paper normalizes by running statistics of batches, here are actnorms, whose maps depend
    /// on one sample alone; the logit treats black and white alike, see [`Logit`].
    pub fn paper(image: ImageSize) -> Self {
        Self::new(image)
    }

    /// `[channels, height, width]` at the start of each scale.
    fn scale_shapes(&self) -> Vec<[usize; 3]> {
        let mut next = [self.image.channels, self.image.height, self.image.width];
        let shape = |_| {
            let shape = next;
            let [channels, height, width] = shape;
            let (stays, _) = Split::half().sizes(4 * channels);
            next = [stays, height / 2, width / 2];
            shape
        };
        (0..self.scales).map(shape).collect()
    }

    fn network(
        &self,
        inputs: usize,
        transformed: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> ResidualConvNet {
        ResidualConvNetConfig::new(inputs, self.hidden, self.blocks, 2 * transformed)
            .with_actnorm(true)
            .init(noise, device)
    }

    fn between_pixels(
        &self,
        count: usize,
        channels: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> Vec<CheckerboardStep> {
        let step = |index| {
            let transformer = Affine::with_scale_map(TanhLearned::new(channels, device));
            let network = self.network(channels, channels, noise, device);
            CheckerboardStep {
                coupling: Checkerboard::new(transformer, network).alternating(index),
                actnorm: ActNorm::new(channels, device),
            }
        };
        (0..count).map(step).collect()
    }

    fn between_channels(
        &self,
        channels: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> Vec<ChannelStep> {
        let step = |index| {
            let split = Split::half().alternating(index);
            let (kept, transformed) = split.sizes(channels);
            let transformer = Affine::with_scale_map(TanhLearned::new(transformed, device));
            let network = self.network(kept, transformed, noise, device);
            ChannelStep {
                coupling: Coupling::new(split, transformer, network),
                actnorm: ActNorm::new(channels, device),
            }
        };
        (0..COUPLINGS).map(step).collect()
    }
}

init! {
    RealNvpConfig => RealNvp,
    "A size of 0, levels outside 2 ..= 65,536, an image that cannot be halved in each scale but the \
     last (the numbers of scales that work are named), or an α outside `0 ..< ½`."
}

impl ModelConfig for RealNvpConfig {
    const KIND: &'static str = "realnvp";
    type Model = RealNvp;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::check(Self::KIND, "scales", self.scales as u64, [1, 32])?;
        let sizes = [("hidden", self.hidden, 1), ("blocks", self.blocks, 1)];
        ConfigError::at_least(Self::KIND, sizes)?;
        self.image.check(Self::KIND, self.scales, self.scales - 1)?;
        // A last scale of one pixel has nothing to couple.
        let last = self.image.width >> (self.scales - 1);
        ConfigError::at_least(Self::KIND, [("width of the last scale", last, 2)])?;
        ConfigError::check_range(Self::KIND, "alpha", self.alpha, [0.0, 0.499])
    }

    fn count(&self) -> u128 {
        let (hidden, blocks) = (self.hidden as u128, self.blocks as u128);
        let inner = (18 * hidden * hidden).saturating_mul(blocks);
        // The channels double from scale to scale. Of each network's first and last layer, one value a channel.
        let of_scale = |scale: usize| {
            let network = inner.saturating_add((self.image.channels as u128) << scale);
            let networks = match scale + 1 == self.scales {
                true => LAST_COUPLINGS,
                false => 2 * COUPLINGS,
            };
            network.saturating_mul(networks as u128)
        };
        (0..self.scales).map(of_scale).fold(0, u128::saturating_add)
    }

    fn build(&self, device: &Device) -> RealNvp {
        RealNvp::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::ONE_PASS
    }
}

impl ImageConfig for RealNvpConfig {
    type Bijection = RealNvpBijection;

    fn image(&self) -> ImageSize {
        self.image
    }

    fn latent_shapes(&self) -> Vec<[usize; 3]> {
        let mut shapes = self.scale_shapes();
        let last = shapes.len().saturating_sub(1);
        for [channels, height, width] in &mut shapes[..last] {
            (_, *channels) = Split::half().sizes(4 * *channels);
            (*height, *width) = (*height / 2, *width / 2);
        }
        shapes
    }

    fn bijection(&self, device: &Device) -> RealNvpBijection {
        let noise = &mut Noise::seeded(self.seed);
        let mut channels: Vec<usize> = self.scale_shapes().iter().map(|shape| shape[0]).collect();
        let coarsest = channels.pop().unwrap_or(0); // `check` found a scale or more
        let levels = channels.into_iter().map(|channels| {
            let level = RealNvpLevel {
                pixels: self.between_pixels(COUPLINGS, channels, noise, device),
                squeeze: Squeeze::new(),
                channels: self.between_channels(4 * channels, noise, device),
            };
            Level::new(level, Identity {}, Split::half())
        });
        let levels = levels.collect();
        let last = self.between_pixels(LAST_COUPLINGS, coarsest, noise, device);
        RealNvpBijection {
            logit: Logit::new(self.alpha),
            scales: MultiScale::new(levels, last),
        }
    }
}
