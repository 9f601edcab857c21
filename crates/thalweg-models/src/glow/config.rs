//! Sizes and choices of a Glow.

use burn::config::Config;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_flow::{ActNorm, Noise, Split, SqueezeOrder, Transformer};

use super::{Glow, GlowBijection};
use crate::coupling_flow::CouplingStyle;
use crate::image::{ImageConfig, ImageSize};
use crate::model::{ModelConfig, init};
use crate::{ConfigError, SamplingCost};

/// The mixing of the channels before each coupling.
///
/// See [`GlowConfig::blog`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mixing {
    /// A learned 1×1 convolution by its PLU factors, from a random rotation.
    Plu,
    /// A learned 1×1 convolution by its entries, from a random rotation.
    Full,
    /// A learned rotation, as a product of reflections.
    Householder,
    /// A fixed random rotation.
    Rotation,
    /// A fixed random order.
    Shuffle,
}

/// The start of the actnorms.
///
/// See [`GlowConfig::blog`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActNormInit {
    /// The statistics of the batch that the model is initialized with.
    Data,
    /// The identity.
    Zero,
}

/// Sizes and choices of a [`Glow`].
///
/// See [`Glow`](super::Glow) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct GlowConfig {
    /// The images.
    pub image: ImageSize,
    /// The transformer of the couplings.
    pub coupling: CouplingStyle,
    /// Before each coupling.
    pub mixing: Mixing,
    /// The start of the actnorms.
    pub actnorm: ActNormInit,
    /// The order of the channels after a squeeze.
    pub squeeze: SqueezeOrder,
    /// Actnorms inside the couplings' networks, and gains `exp(3 g)` behind them and behind those
    /// of the split priors.
    pub normalized_networks: bool,
    /// The unit cube becomes `[−w/2, w/2]` in each direction.
    pub data_width: f64,
    /// Scales: L in the paper.
    #[config(default = 3)]
    pub scales: usize,
    /// Steps a scale: K in the paper.
    #[config(default = 32)]
    pub depth: usize,
    /// Channels of the networks' hidden layers.
    #[config(default = 512)]
    pub hidden: usize,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

impl GlowConfig {
    /// The model of the paper's code: affine couplings of scale `σ(s + 2)`, actnorms that start
    /// from data, also inside the networks, learned 1×1 convolutions, conditional split priors, a
    /// learned top prior; 3 scales of 32 steps, 512 hidden channels.
    ///
    /// Kingma, Dhariwal: *Glow*, 2018, and github.com/openai/glow. Two choices are ours: the split
    /// priors' log-deviations are bounded softly, and the networks pad with zeros alone, without
    /// the code's channel that marks the padding.
    pub fn openai(image: ImageSize) -> Self {
        Self::new(
            image,
            CouplingStyle::SigmoidShift,
            Mixing::Plu,
            ActNormInit::Data,
            SqueezeOrder::ChannelFirst,
            true,
            1.0,
        )
    }

    /// Su Jianlin's model: additive couplings, actnorms that start as the identity, a fixed random
    /// order of the channels, split priors of one 3×3 convolution; 3 scales of 10 steps, 512 hidden
    /// channels; 11,771,232 parameters on colour images of 64 × 64.
    ///
    /// *Flow 2: RealNVP and Glow*, kexue.fm/archives/5807, 2018, and its `glow.py`. Its noise is
    /// half as wide as a bin, so that its loss is no likelihood of pixels; here it is a whole bin.
    ///
    /// ```
    /// use thalweg_models::glow::{ActNormInit, Mixing};
    /// use thalweg_models::{GlowConfig, ImageSize};
    ///
    /// let config = GlowConfig::blog(ImageSize::new([3, 64, 64]));
    /// assert_eq!((config.scales, config.depth, config.hidden), (3, 10, 512));
    /// assert_eq!((config.mixing, config.actnorm), (Mixing::Shuffle, ActNormInit::Zero));
    /// assert_eq!(config.temperature(), 0.8);
    /// ```
    pub fn blog(image: ImageSize) -> Self {
        let config = Self::new(
            image,
            CouplingStyle::Additive,
            Mixing::Shuffle,
            ActNormInit::Zero,
            SqueezeOrder::PixelFirst,
            false,
            2.0,
        );
        config.with_depth(10)
    }

    /// The temperature that the authors sample at.
    ///
    /// See [`blog`](Self::blog) for an example.
    pub fn temperature(&self) -> f64 {
        match self.actnorm {
            ActNormInit::Data => 0.7,
            ActNormInit::Zero => 0.8,
        }
    }

    /// `[channels, height, width]` of each scale, before a part of it leaves.
    pub(crate) fn scale_shapes(&self) -> Vec<[usize; 3]> {
        let (mut channels, height, width) =
            (self.image.channels, self.image.height, self.image.width);
        let shape = |scale: usize| {
            let shape = [4 * channels, height >> (scale + 1), width >> (scale + 1)];
            (channels, _) = Split::half().sizes(4 * channels);
            shape
        };
        (0..self.scales).map(shape).collect()
    }

    /// A lower bound on the number of values in the networks of the couplings.
    pub(crate) fn network_numbers(&self) -> u128 {
        let (hidden, depth) = (self.hidden as u128, self.depth as u128);
        let each = self.coupling.transformer().parameters_per_feature() as u128;
        let of_scale = |shape: [usize; 3]| {
            let channels = shape[0] as u128;
            let (kept, transformed) = (channels / 2, channels.div_ceil(2));
            let outer = 9 * hidden * (kept + each * transformed);
            let mix = match self.mixing {
                Mixing::Shuffle => channels,
                _ => channels * channels,
            };
            let step = outer.saturating_add(hidden * hidden + mix);
            step.saturating_mul(depth)
        };
        let scales = self.scale_shapes().into_iter().map(of_scale);
        scales.fold(0, u128::saturating_add)
    }
}

init! {
    GlowConfig => Glow,
    "A size of 0, levels outside 2 ..= 65,536, an image that cannot be halved once a scale (the numbers \
     of scales that work are named), or a width that is not positive."
}

impl ModelConfig for GlowConfig {
    const KIND: &'static str = "glow";
    type Model = Glow;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::check(Self::KIND, "scales", self.scales as u64, [1, 32])?;
        let sizes = [("depth", self.depth, 1), ("hidden", self.hidden, 1)];
        ConfigError::at_least(Self::KIND, sizes)?;
        self.image.check(Self::KIND, self.scales, self.scales)?;
        self.coupling.check(Self::KIND)?;
        ConfigError::check_positive(Self::KIND, "data_width", self.data_width)
    }

    fn count(&self) -> u128 {
        self.network_numbers()
    }

    fn build(&self, device: &Device) -> Glow {
        Glow::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::ONE_PASS
    }
}

impl ImageConfig for GlowConfig {
    type Bijection = GlowBijection;

    fn image(&self) -> ImageSize {
        self.image
    }

    fn temperature(&self) -> f64 {
        Self::temperature(self)
    }

    fn latent_shapes(&self) -> Vec<[usize; 3]> {
        let mut shapes = self.scale_shapes();
        let last = shapes.len().saturating_sub(1);
        for [channels, _, _] in &mut shapes[..last] {
            (_, *channels) = Split::half().sizes(*channels);
        }
        shapes
    }

    fn bijection(&self, device: &Device) -> GlowBijection {
        let top = |channels, _: &mut Noise| ActNorm::identity(channels, device);
        self.map(0, |net| net, |net| net, top, device)
    }
}
