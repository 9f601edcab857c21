//! Sizes and choices of an edge Glow.

use burn::config::Config;
use burn::tensor::{DType, Device};
use thalweg_flow::Flow;
use thalweg_flow::base::MultiScaleNormal;

use super::{EdgeGlow, EdgeGlowBijection, EdgeScales};
use crate::composed::{ScaleConfig, TransformerConfig};
use crate::coupling_flow::CouplingStyle;
use crate::image::{ImageConfig, ImageSize};
use crate::model::{ModelConfig, init};
use crate::{ConfigError, GlowConfig, SamplingCost};

/// Sizes and choices of an [`EdgeGlow`].
///
/// See [`EdgeGlow`](super::EdgeGlow) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct EdgeGlowConfig {
    /// The images.
    pub image: ImageSize,
    /// Couplings that shift, and do not scale.
    pub additive: bool,
    /// Scales: L in the paper.
    #[config(default = 4)]
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

impl EdgeGlowConfig {
    /// The transformer of the couplings, from latents to data: their scale is `1 / σ(s + 2)`.
    ///
    /// See [`edge_scales`](super::edge_scales) for an example.
    pub fn transformer(&self) -> TransformerConfig {
        match self.additive {
            true => TransformerConfig::Additive,
            false => TransformerConfig::Affine {
                scale: ScaleConfig::InverseSigmoid { shift: 2.0 },
            },
        }
    }

    /// A Glow of the same sizes.
    pub(super) fn plain(&self) -> GlowConfig {
        let coupling = match self.additive {
            true => CouplingStyle::Additive,
            false => CouplingStyle::SigmoidShift,
        };
        let mut config = GlowConfig::openai(self.image);
        config.coupling = coupling;
        config
            .with_scales(self.scales)
            .with_depth(self.depth)
            .with_hidden(self.hidden)
    }
}

init! {
    EdgeGlowConfig => EdgeGlow,
    "A size of 0, levels outside 2 ..= 65,536, or an image that cannot be halved once a scale (the numbers of scales \
     that work are named)."
}

impl ModelConfig for EdgeGlowConfig {
    const KIND: &'static str = "edge glow";
    type Model = EdgeGlow;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::check(Self::KIND, "scales", self.scales as u64, [1, 32])?;
        let sizes = [("depth", self.depth, 1), ("hidden", self.hidden, 1)];
        ConfigError::at_least(Self::KIND, sizes)?;
        self.image.check(Self::KIND, self.scales, self.scales)
    }

    fn count(&self) -> u128 {
        self.plain().count()
    }

    fn build(&self, device: &Device) -> EdgeGlow {
        EdgeGlow::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::ONE_PASS
    }
}

impl ImageConfig for EdgeGlowConfig {
    type Bijection = EdgeGlowBijection;

    fn image(&self) -> ImageSize {
        self.image
    }

    fn temperature(&self) -> f64 {
        self.plain().temperature()
    }

    fn latent_shapes(&self) -> Vec<[usize; 3]> {
        self.plain().latent_shapes()
    }

    fn bijection(&self, device: &Device) -> EdgeGlowBijection {
        self.untrained(device)
    }
}

impl EdgeGlow {
    /// The model of given scales, which the configuration describes, such as those of another library.
    ///
    /// See [`edge_scales`](crate::edge_glow::edge_scales) for an example.
    ///
    /// # Errors
    ///
    /// As [`EdgeGlowConfig::try_init`].
    pub fn from_scales(
        config: &EdgeGlowConfig,
        scales: EdgeScales,
        (device, dtype): (&Device, DType),
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let bijection = config.centred(scales, (device, dtype));
        let base = MultiScaleNormal::new(config.latent_shapes());
        Ok(Self::of_flow(config, Flow::new(bijection, base)))
    }
}
