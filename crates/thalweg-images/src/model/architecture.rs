//! The configuration of a model of images, and the one that suits images of a size.

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_models::vae::VaeNetwork;
use thalweg_models::variational::LikelihoodStyle;
use thalweg_models::{
    ConfigError, ContinuousFlowConfig, FvaeConfig, GlowConfig, ImageSize, ModelConfig, NiceConfig,
    RealNvpConfig, SamplingCost, VaeConfig,
};

use super::ImageModel;
use crate::ImageKind;

/// The configuration of one of the models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Architecture {
    Glow(GlowConfig),
    #[serde(rename = "realnvp")]
    RealNvp(RealNvpConfig),
    Nice(NiceConfig),
    FlowMatching(ContinuousFlowConfig),
    Vae(VaeConfig),
    Fvae(FvaeConfig),
}

/// What a caller says of the sizes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sizes {
    pub(crate) depth: Option<usize>,
    pub(crate) hidden: Option<usize>,
    pub(crate) seed: u64,
}

/// The same function of each configuration.
macro_rules! each {
    ($of:expr, $config:ident => $result:expr) => {
        match $of {
            Architecture::Glow($config) => $result,
            Architecture::RealNvp($config) => $result,
            Architecture::Nice($config) => $result,
            Architecture::FlowMatching($config) => $result,
            Architecture::Vae($config) => $result,
            Architecture::Fvae($config) => $result,
        }
    };
}

/// Up to this many numbers, images are small.
const SMALL: usize = 256;
/// Numbers in a latent of a VAE.
const LATENTS: usize = 32;

impl Architecture {
    /// The sizes that suit images, where the caller says nothing.
    pub(crate) fn of(kind: ImageKind, image: ImageSize, sizes: Sizes) -> Self {
        let Sizes {
            depth,
            hidden,
            seed,
        } = sizes;
        let small = image.numbers() <= SMALL;
        let by_size = |few: usize, many: usize| hidden.unwrap_or(if small { few } else { many });
        let layers = |width: usize, layers: usize| vec![width; depth.unwrap_or(layers)];
        match kind {
            ImageKind::Glow => Self::Glow(
                GlowConfig::openai(image)
                    .with_scales(image.scales())
                    .with_depth(depth.unwrap_or(8))
                    .with_hidden(by_size(64, 128))
                    .with_seed(seed),
            ),
            ImageKind::RealNvp => Self::RealNvp(
                RealNvpConfig::paper(image)
                    .with_scales(image.scales())
                    .with_blocks(depth.unwrap_or(2))
                    .with_hidden(hidden.unwrap_or(32))
                    .with_seed(seed),
            ),
            ImageKind::Nice => {
                let config = NiceConfig::paper(image.numbers(), image.levels);
                let config = config.with_hidden(by_size(256, 500)).with_seed(seed);
                Self::Nice(match depth {
                    Some(depth) => config.with_depth(depth),
                    None => config,
                })
            }
            ImageKind::FlowMatching => Self::FlowMatching(
                ContinuousFlowConfig::flow_matching(image.numbers())
                    .with_hidden(layers(hidden.unwrap_or(512), 2))
                    .with_seed(seed),
            ),
            ImageKind::Vae => {
                let latents = LATENTS.min(image.numbers());
                let config = VaeConfig::new(image, LikelihoodStyle::DiscretizedLogistic, latents);
                let network = VaeNetwork::Mlp {
                    hidden: layers(by_size(200, 500), 2),
                    activation: thalweg_flow::Activation::Silu,
                };
                Self::Vae(config.with_network(network).with_seed(seed))
            }
            ImageKind::Fvae => Self::Fvae(fvae(image, sizes)),
        }
    }

    pub(crate) fn kind(&self) -> ImageKind {
        match self {
            Self::Glow(_) => ImageKind::Glow,
            Self::RealNvp(_) => ImageKind::RealNvp,
            Self::Nice(_) => ImageKind::Nice,
            Self::FlowMatching(_) => ImageKind::FlowMatching,
            Self::Vae(_) => ImageKind::Vae,
            Self::Fvae(_) => ImageKind::Fvae,
        }
    }

    /// Whether it is a model of such images.
    pub(crate) fn fits(&self, image: ImageSize) -> bool {
        let numbers = |features| Some(features) == checked_numbers(image);
        match self {
            Self::Glow(config) => config.image == image,
            Self::RealNvp(config) => config.image == image,
            Self::Nice(config) => numbers(config.features) && config.levels == image.levels,
            Self::FlowMatching(config) => numbers(config.features),
            // The nats of other likelihoods are of other data.
            Self::Vae(config) => {
                config.image == image && config.likelihood == LikelihoodStyle::DiscretizedLogistic
            }
            Self::Fvae(config) => config.image == image,
        }
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        each!(self, config => config.check())
    }

    pub(crate) fn count(&self) -> u128 {
        each!(self, config => config.count())
    }

    pub(crate) fn sampling_cost(&self) -> SamplingCost {
        each!(self, config => config.sampling_cost())
    }

    pub(crate) fn build(&self, device: &Device) -> ImageModel {
        match self {
            Self::Glow(config) => ImageModel::Glow(config.build(device)),
            Self::RealNvp(config) => ImageModel::RealNvp(config.build(device)),
            Self::Nice(config) => ImageModel::Nice(config.build(device)),
            Self::FlowMatching(config) => ImageModel::FlowMatching(config.build(device)),
            Self::Vae(config) => ImageModel::Vae(config.build(device)),
            Self::Fvae(config) => ImageModel::Fvae(config.build(device)),
        }
    }

    /// Its sizes in words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Glow(c) => format!(
                "{} scales of {} steps, {} hidden channels",
                c.scales, c.depth, c.hidden
            ),
            Self::RealNvp(c) => format!(
                "{} scales, networks of {} residual blocks of {} channels",
                c.scales, c.blocks, c.hidden
            ),
            Self::Nice(c) => format!(
                "{} couplings, networks of {} layers of {}",
                c.couplings, c.depth, c.hidden
            ),
            Self::FlowMatching(c) => format!("a field with hidden layers {:?}", c.hidden),
            Self::Vae(c) => match &c.network {
                VaeNetwork::Mlp { hidden, .. } => {
                    format!("{} latents, hidden layers {hidden:?}", c.latents)
                }
                VaeNetwork::Conv { channels, blocks } => format!(
                    "{} latents, stages of {channels:?} channels and {blocks} blocks",
                    c.latents
                ),
            },
            Self::Fvae(c) => format!(
                "stages of {:?} channels and {} blocks, a flow of {} scales of {} steps, {} hidden channels",
                c.channels, c.blocks, c.flow.scales, c.flow.depth, c.flow.hidden
            ),
        }
    }
}

/// The numbers of an image of any size, as a file may say it.
fn checked_numbers(image: ImageSize) -> Option<usize> {
    let area = image.height.checked_mul(image.width)?;
    area.checked_mul(image.channels)
}

/// An f-VAE whose code has a third or half of an image's numbers; its decoder smooths what the code leaves out.
fn fvae(image: ImageSize, sizes: Sizes) -> FvaeConfig {
    let grey = image.channels == 1;
    let finest = sizes.hidden.unwrap_or(48);
    let stages = match (image.halvings(), grey) {
        (0 | 1, _) => vec![8],
        (_, true) => vec![finest, 8],
        (_, false) => vec![finest, 16],
    };
    let mut config = FvaeConfig::fvae_small(image)
        .with_seed(sizes.seed)
        .with_stages(stages);
    config.blocks = sizes.depth.unwrap_or(4);
    // The flow sees the code with each pixel a block of 2 × 2, so one scale always fits.
    let [_, height, width] = config.code();
    if grey || !height.is_multiple_of(2) || !width.is_multiple_of(2) {
        config.flow = config.flow.with_scales(1).with_depth(12);
    }
    if let Some(hidden) = sizes.hidden {
        config.flow = config.flow.with_hidden(hidden);
    }
    config
}
