//! The VAE of labelled images.

use burn::config::Config;
use burn::tensor::Device;
use thalweg_flow::{Embedded, LabelEmbedding, Noise, WithContext};

use super::{Autoencoder, AutoencoderConfig, VaeConfig, VaeDecoder, VaeEncoder, VaeModel};
use crate::model::{ModelConfig, init};
use crate::{ConfigError, SamplingCost};

/// A [`Vae`](super::Vae) given class labels, which encoder and decoder see, each through an
/// embedding of its own: `log p(x|y) ≥ E[log p(x|z, y)] − KL(q(z|x, y) ‖ p(z))`.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{ConditionalVae, ConditionalVaeConfig, ImageSize, VaeConfig};
///
/// let device = Device::default();
/// let vae = VaeConfig::bernoulli(ImageSize::new([1, 8, 8]).with_levels(17), 4);
/// let model: ConditionalVae = ConditionalVaeConfig::new(vae, 10).init(&device);
/// let labels = Tensor::<1, Int>::from_ints([7, 7, 1, 1], &device);
/// let images = model.sample(4, &labels, 1.0, &mut Noise::seeded(0));
/// assert_eq!(images.dims(), [4, 64]);
/// // Two images of each label.
/// let labels = Tensor::<1, Int>::from_ints([7, 1], &device);
/// let each = model.sample_each(2, &labels, 1.0, &mut Noise::seeded(0));
/// assert!((each - images).abs().max().into_scalar::<f32>() < 1e-6);
/// ```
///
/// # References
///
/// Sohn, Lee, Yan: *Learning structured output representation using deep conditional generative
/// models*, 2015, eq. 4; with a prior that does not depend on the label.
pub type ConditionalVae =
    VaeModel<Labelled<VaeEncoder>, Labelled<VaeDecoder>, ConditionalVaeConfig>;

/// A network given labels.
type Labelled<N> = Embedded<LabelEmbedding, WithContext<N>>;

/// A VAE, and the classes that it is conditioned on.
///
/// See [`ConditionalVae`] for an example.
#[derive(Config, Debug, PartialEq)]
pub struct ConditionalVaeConfig {
    /// The model.
    pub vae: VaeConfig,
    /// Labels are `0 .. classes`.
    pub classes: usize,
    /// The width of the embedding of a label.
    #[config(default = 8)]
    pub width: usize,
}

init! {
    ConditionalVaeConfig => ConditionalVae,
    "As [`VaeConfig::try_init`], and for no classes or an embedding of no width."
}

impl ModelConfig for ConditionalVaeConfig {
    const KIND: &'static str = "conditional vae";
    type Model = ConditionalVae;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::at_least(Self::KIND, [("classes", self.classes, 1)])?;
        ConfigError::check(Self::KIND, "width", self.width as u64, [1, 65_536])?;
        self.vae.check()
    }

    fn count(&self) -> u128 {
        let tables = 2 * self.classes as u128 * self.width as u128;
        self.vae.count().saturating_add(tables)
    }

    fn build(&self, device: &Device) -> ConditionalVae {
        ConditionalVae::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::DECODER
    }
}

impl AutoencoderConfig for ConditionalVaeConfig {
    type Encoder = Labelled<VaeEncoder>;
    type Decoder = Labelled<VaeDecoder>;

    fn vae(&self) -> &VaeConfig {
        &self.vae
    }

    fn classes(&self) -> Option<usize> {
        Some(self.classes)
    }

    fn autoencoder(&self, device: &Device) -> Autoencoder<Self::Encoder, Self::Decoder> {
        let labels =
            |noise: &mut Noise| LabelEmbedding::new(self.classes, self.width, noise, device);
        self.vae.networks(
            self.width,
            |net, noise| Embedded::new(labels(noise), WithContext::new(net)),
            |net, noise| Embedded::new(labels(noise), WithContext::new(net)),
            device,
        )
    }
}
