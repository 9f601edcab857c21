//! The VAE of labelled images.

use burn::config::Config;
use burn::tensor::Device;
use thalweg_flow::{Embedded, LabelEmbedding, Noise, WithContext};

use super::{Autoencoder, AutoencoderConfig, VaeConfig, VaeDecoder, VaeEncoder, VaeModel};
use crate::ConfigError;

/// A [`Vae`](super::Vae) given class labels, which encoder and decoder see, each through an
/// embedding of its own: `log p(x|y) ≥ E[log p(x|z, y)] − KL(q(z|x, y) ‖ p(z))`.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{ConditionalVaeConfig, ImageSize, VaeConfig};
///
/// let device = Device::default();
/// let vae = VaeConfig::bernoulli(ImageSize::new([1, 8, 8]).with_levels(17), 4);
/// let model = ConditionalVaeConfig::new(vae, 10).init(&device);
/// let labels = Tensor::<1, Int>::from_ints([7, 7, 1], &device);
/// assert_eq!(model.sample(3, &labels, 1.0, &mut Noise::seeded(0)).dims(), [3, 64]);
/// ```
///
/// # References
///
/// Sohn, Lee, Yan: *Learning structured output representation using deep conditional generative
/// models*, 2015, eq. 4; with a prior that does not look at the label.
pub type ConditionalVae =
    VaeModel<Labelled<VaeEncoder>, Labelled<VaeDecoder>, ConditionalVaeConfig>;

/// A network given labels.
type Labelled<N> = Embedded<LabelEmbedding, WithContext<N>>;

/// A VAE, and the classes that it is conditioned on.
#[derive(Config, Debug, PartialEq)]
pub struct ConditionalVaeConfig {
    /// The model.
    pub vae: VaeConfig,
    /// Labels are `0 .. classes`.
    pub classes: usize,
    /// Numbers that a label is embedded as.
    #[config(default = 8)]
    pub width: usize,
}

const KIND: &str = "conditional vae";

impl ConditionalVaeConfig {
    /// The untrained model.
    ///
    /// # Panics
    ///
    /// Where [`try_init`](Self::try_init) returns an error.
    pub fn init(&self, device: &Device) -> ConditionalVae {
        self.try_init(device)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// The untrained model.
    ///
    /// # Errors
    ///
    /// As [`VaeConfig::try_init`], and for no classes or an embedding of no width.
    pub fn try_init(&self, device: &Device) -> Result<ConditionalVae, ConfigError> {
        ConditionalVae::try_new(self, device)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let most = u64::from(u32::MAX);
        ConfigError::check(KIND, "classes", self.classes as u64, [1, most])?;
        ConfigError::check(KIND, "width", self.width as u64, [1, 65_536])?;
        self.vae.check()
    }
}

impl AutoencoderConfig for ConditionalVaeConfig {
    const KIND: &'static str = KIND;
    type Encoder = Labelled<VaeEncoder>;
    type Decoder = Labelled<VaeDecoder>;

    fn vae(&self) -> &VaeConfig {
        &self.vae
    }

    fn classes(&self) -> Option<usize> {
        Some(self.classes)
    }

    fn count(&self) -> Result<u128, ConfigError> {
        self.check()?;
        let tables = 2 * self.classes as u128 * self.width as u128;
        Ok(self.vae.count()?.saturating_add(tables))
    }

    fn try_autoencoder(
        &self,
        device: &Device,
    ) -> Result<Autoencoder<Self::Encoder, Self::Decoder>, ConfigError> {
        self.check()?;
        let labels =
            |noise: &mut Noise| LabelEmbedding::new(self.classes, self.width, noise, device);
        self.vae.autoencoder(
            self.width,
            |net, noise| Embedded::new(labels(noise), WithContext::new(net)),
            |net, noise| Embedded::new(labels(noise), WithContext::new(net)),
            device,
        )
    }
}
