//! Glow of labelled images.

use burn::config::Config;
use burn::tensor::Device;
use thalweg_flow::{
    Affine, ContextTransform, ConvNet, Embedded, LabelEmbedding, Mlp, MlpConfig, Noise, SameConv,
    WeightInit, WithContext,
};

use super::{GlowBijection, GlowConfig};
use crate::image::{ImageConfig, ImageFlow, ImageSize};
use crate::model::{ModelConfig, init};
use crate::{ConfigError, SamplingCost};

/// A [`Glow`](super::Glow) given class labels, which every coupling, every split prior and the top
/// prior see through one embedding.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::{Bijection, Noise};
/// use thalweg_models::glow::ConditionalGlowBijection;
/// use thalweg_models::{ConditionalGlow, ConditionalGlowConfig, GlowConfig, ImageSize};
///
/// let device = Device::default();
/// let glow = GlowConfig::openai(ImageSize::new([1, 8, 8]).with_levels(17));
/// let config = ConditionalGlowConfig::new(glow.with_scales(2).with_depth(2).with_hidden(16), 10);
/// let model: ConditionalGlow = config.init(&device);
/// let digits = Tensor::<1, Int>::from_ints([7, 7, 1], &device);
/// let images = model.given(&digits).sample(3, 0.7, &mut Noise::seeded(0));
/// assert_eq!(images.dims(), [3, 1, 8, 8]);
/// let bijection: &ConditionalGlowBijection = &model.flow.bijection;
/// let (back, _) = bijection.inverse(model.given(&digits).encode(images.clone()), &digits);
/// assert!((back - images).abs().max().into_scalar::<f32>() < 1e-4);
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
///
/// See [`ConditionalGlow`] for an example.
pub type ConditionalGlowBijection = Embedded<
    LabelEmbedding,
    GlowBijection<WithContext<ConvNet>, WithContext<SameConv>, ContextTransform<Affine, Mlp, 4>>,
>;

/// A Glow, and the classes that it is conditioned on.
///
/// See [`ConditionalGlow`] for an example.
#[derive(Config, Debug, PartialEq)]
pub struct ConditionalGlowConfig {
    /// The model.
    pub glow: GlowConfig,
    /// Labels are `0 .. classes`.
    pub classes: usize,
    /// The width of the embedding of a label.
    #[config(default = 8)]
    pub width: usize,
}

init! {
    ConditionalGlowConfig => ConditionalGlow,
    "As [`GlowConfig::try_init`], and for no classes or an embedding of no width."
}

impl ModelConfig for ConditionalGlowConfig {
    const KIND: &'static str = "conditional glow";
    type Model = ConditionalGlow;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::at_least(Self::KIND, [("classes", self.classes, 1)])?;
        ConfigError::check(Self::KIND, "width", self.width as u64, [1, 65_536])?;
        self.glow.check()
    }

    fn count(&self) -> u128 {
        let table = self.classes as u128 * self.width as u128;
        self.glow.network_numbers().saturating_add(table)
    }

    fn build(&self, device: &Device) -> ConditionalGlow {
        ConditionalGlow::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::ONE_PASS
    }
}

impl ImageConfig for ConditionalGlowConfig {
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

    fn bijection(&self, device: &Device) -> ConditionalGlowBijection {
        let top = |channels, noise: &mut Noise| {
            let net = MlpConfig::new(self.width, vec![], 2 * channels)
                .with_output_init(WeightInit::Zero)
                .init(noise, device);
            ContextTransform::new(Affine::new(), net)
        };
        let (couple, split) = (WithContext::new, WithContext::new);
        let glow = self.glow.map(self.width, couple, split, top, device);
        let mut noise = Noise::seeded(self.glow.seed ^ LABELS);
        let labels = LabelEmbedding::new(self.classes, self.width, &mut noise, device);
        Embedded::new(labels, glow)
    }
}

/// Distinguishes the noise of the embedding from that of the first weights.
const LABELS: u64 = 0x6c61_6265_6c73;
