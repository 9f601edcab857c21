//! Glow of labelled images.

use burn::config::Config;
use burn::tensor::Device;
use thalweg_flow::{
    Affine, ContextTransform, ConvNet, Embedded, LabelEmbedding, Mlp, MlpConfig, Noise, SameConv,
    WeightInit, WithContext,
};

use super::{GlowBijection, GlowConfig};
use crate::ConfigError;
use crate::image::{ImageConfig, ImageFlow, ImageSize};

/// A [`Glow`](super::Glow) given class labels, which every coupling, every split prior and the top
/// prior see through one embedding.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{ConditionalGlowConfig, GlowConfig, ImageSize};
///
/// let device = Device::default();
/// let glow = GlowConfig::openai(ImageSize::new([1, 8, 8]).with_levels(17));
/// let config = ConditionalGlowConfig::new(glow.with_scales(2).with_depth(2).with_hidden(16), 10);
/// let model = config.init(&device);
/// let digits = Tensor::<1, Int>::from_ints([7, 7, 1], &device);
/// let images = model.given(&digits).sample(3, 0.7, &mut Noise::seeded(0));
/// assert_eq!(images.dims(), [3, 1, 8, 8]);
/// ```
///
/// Without labels it does not compile:
///
/// ```compile_fail,E0271
/// # use burn::tensor::Device;
/// # use thalweg_flow::Noise;
/// # use thalweg_models::{ConditionalGlowConfig, GlowConfig, ImageSize};
/// let glow = GlowConfig::openai(ImageSize::new([1, 8, 8]));
/// let model = ConditionalGlowConfig::new(glow, 10).init(&Device::default());
/// model.sample(3, 0.7, &mut Noise::seeded(0));
/// ```
pub type ConditionalGlow = ImageFlow<ConditionalGlowBijection, ConditionalGlowConfig>;

/// The map of a [`ConditionalGlow`].
pub type ConditionalGlowBijection = Embedded<
    LabelEmbedding,
    GlowBijection<WithContext<ConvNet>, WithContext<SameConv>, ContextTransform<Affine, Mlp, 4>>,
>;

/// A Glow, and the classes that it is conditioned on.
#[derive(Config, Debug, PartialEq)]
pub struct ConditionalGlowConfig {
    /// The model.
    pub glow: GlowConfig,
    /// Labels are `0 .. classes`.
    pub classes: usize,
    /// Numbers that a label is embedded as.
    #[config(default = 8)]
    pub width: usize,
}

const KIND: &str = "conditional glow";

impl ConditionalGlowConfig {
    /// The untrained model.
    ///
    /// # Panics
    ///
    /// Where [`try_init`](Self::try_init) returns an error.
    pub fn init(&self, device: &Device) -> ConditionalGlow {
        self.try_init(device)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// The untrained model.
    ///
    /// # Errors
    ///
    /// As [`GlowConfig::try_init`], and for no classes or an embedding of no width.
    pub fn try_init(&self, device: &Device) -> Result<ConditionalGlow, ConfigError> {
        ConditionalGlow::try_new(self, device)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let most = u64::from(u32::MAX);
        ConfigError::check(KIND, "classes", self.classes as u64, [1, most])?;
        ConfigError::check(KIND, "width", self.width as u64, [1, 65_536])
    }
}

impl ImageConfig for ConditionalGlowConfig {
    const KIND: &'static str = KIND;
    type Bijection = ConditionalGlowBijection;

    fn image(&self) -> ImageSize {
        self.glow.image
    }

    fn classes(&self) -> Option<usize> {
        Some(self.classes)
    }

    fn latent_shapes(&self) -> Vec<[usize; 3]> {
        self.glow.latent_shapes()
    }

    fn count(&self) -> Result<u128, ConfigError> {
        self.check()?;
        let table = self.classes as u128 * self.width as u128;
        Ok(self.glow.network_numbers()?.saturating_add(table))
    }

    fn try_bijection(&self, device: &Device) -> Result<ConditionalGlowBijection, ConfigError> {
        self.check()?;
        let top = |channels, noise: &mut Noise| {
            let net = MlpConfig::new(self.width, vec![], 2 * channels)
                .with_output_init(WeightInit::Zero)
                .init(noise, device);
            ContextTransform::new(Affine::new(), net)
        };
        let glow =
            self.glow
                .bijection(self.width, WithContext::new, WithContext::new, top, device)?;
        let mut noise = Noise::seeded(self.glow.seed ^ LABELS);
        let labels = LabelEmbedding::new(self.classes, self.width, &mut noise, device);
        Ok(Embedded::new(labels, glow))
    }
}

/// So that the embedding does not repeat the numbers of the first weights.
const LABELS: u64 = 0x6c61_6265_6c73;
