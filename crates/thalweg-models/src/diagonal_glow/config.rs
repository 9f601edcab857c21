//! Sizes and choices of a diagonal Glow.

use burn::config::Config;
use burn::tensor::Device;
use thalweg_flow::base::MultiScaleNormal;
use thalweg_flow::{Activation, Flow};

use super::{DiagonalGlow, DiagonalGlowScales};
use crate::composed::{ScaleConfig, TransformerConfig, check_activation};
use crate::image::{ImageConfig, ImageSize};
use crate::model::{ModelConfig, init};
use crate::{ConfigError, CouplingStyle, GlowConfig, SamplingCost};

/// Sizes and choices of a [`DiagonalGlow`].
///
/// See [`DiagonalGlow`](super::DiagonalGlow) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct DiagonalGlowConfig {
    /// The images.
    pub image: ImageSize,
    /// Couplings that shift, and do not scale.
    #[config(default = false)]
    pub additive: bool,
    /// The scale of the couplings, from latents to data.
    #[config(default = "ScaleConfig::InverseSigmoid { shift: 2.0 }")]
    pub scale: ScaleConfig,
    /// Of the networks.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Scales: L in the paper.
    #[config(default = 3)]
    pub scales: usize,
    /// Steps a scale: K in the paper.
    #[config(default = 16)]
    pub depth: usize,
    /// Channels of the networks' hidden layers.
    #[config(default = 256)]
    pub hidden: usize,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

impl DiagonalGlowConfig {
    /// The transformer of the couplings, from latents to data.
    ///
    /// See [`diagonal_scales`](super::diagonal_scales) for an example.
    pub fn transformer(&self) -> TransformerConfig {
        match self.additive {
            true => TransformerConfig::Additive,
            false => TransformerConfig::Affine { scale: self.scale },
        }
    }

    /// `[channels, height, width]` of each scale, finest first, behind its squeeze and before a part of it leaves.
    ///
    /// ```
    /// use thalweg_models::{DiagonalGlowConfig, ImageSize};
    ///
    /// let config = DiagonalGlowConfig::new(ImageSize::new([3, 8, 8])).with_scales(2);
    /// assert_eq!(config.scale_shapes(), [[12, 4, 4], [24, 2, 2]]);
    /// ```
    pub fn scale_shapes(&self) -> Vec<[usize; 3]> {
        self.plain().scale_shapes()
    }

    /// A Glow of the same sizes.
    fn plain(&self) -> GlowConfig {
        let mut config = GlowConfig::openai(self.image);
        config.coupling = match self.additive {
            true => CouplingStyle::Additive,
            false => CouplingStyle::SigmoidShift,
        };
        config
            .with_scales(self.scales)
            .with_depth(self.depth)
            .with_hidden(self.hidden)
    }
}

init! {
    DiagonalGlowConfig => DiagonalGlow,
    "A size of 0, levels outside 2 ..= 65,536, an image that cannot be halved once a scale (the numbers of scales that \
     work are named), or a scale or an activation out of its bounds."
}

impl ModelConfig for DiagonalGlowConfig {
    const KIND: &'static str = "diagonal glow";
    type Model = DiagonalGlow;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::check(Self::KIND, "scales", self.scales as u64, [1, 32])?;
        let sizes = [("depth", self.depth, 1), ("hidden", self.hidden, 1)];
        ConfigError::at_least(Self::KIND, sizes)?;
        self.image.check(Self::KIND, self.scales, self.scales)?;
        check_activation(Self::KIND, self.activation)?;
        self.transformer().check(Self::KIND)
    }

    fn count(&self) -> u128 {
        let priors = self.scale_shapes().into_iter();
        let priors =
            priors.map(|shape| 2 * shape.iter().map(|side| *side as u128).product::<u128>());
        priors.fold(self.plain().network_numbers(), u128::saturating_add)
    }

    fn build(&self, device: &Device) -> DiagonalGlow {
        DiagonalGlow::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::ONE_PASS
    }
}

impl ImageConfig for DiagonalGlowConfig {
    type Bijection = DiagonalGlowScales;

    fn image(&self) -> ImageSize {
        self.image
    }

    fn latent_shapes(&self) -> Vec<[usize; 3]> {
        self.plain().latent_shapes()
    }

    fn bijection(&self, device: &Device) -> DiagonalGlowScales {
        self.untrained(device)
    }
}

impl DiagonalGlow {
    /// The model of given scales, which the configuration describes, such as those of another library.
    ///
    /// See [`diagonal_scales`](crate::diagonal_glow::diagonal_scales) for an example.
    ///
    /// # Errors
    ///
    /// As [`DiagonalGlowConfig::try_init`].
    pub fn from_scales(
        config: &DiagonalGlowConfig,
        scales: DiagonalGlowScales,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let base = MultiScaleNormal::new(config.latent_shapes());
        Ok(Self::of_flow(config, Flow::new(scales, base)))
    }
}
