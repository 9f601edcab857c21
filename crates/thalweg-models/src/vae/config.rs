//! Sizes and choices of a VAE.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use thalweg_flow::{Activation, Noise, WeightInit};

use super::{Autoencoder, AutoencoderConfig, Vae, VaeDecoder, VaeEncoder, VaeNetwork};
use crate::variational::{Binarization, GaussianHead, LikelihoodStyle};
use crate::{ConfigError, ImageSize};

/// Sizes and choices of a [`Vae`].
#[derive(Config, Debug, PartialEq)]
pub struct VaeConfig {
    /// The images.
    pub image: ImageSize,
    /// Of the images, given the decoder's output.
    pub likelihood: LikelihoodStyle,
    /// Numbers in a latent.
    pub latents: usize,
    /// Encoder and decoder.
    #[config(default = "VaeNetwork::Mlp { hidden: vec![200, 200], activation: Activation::Tanh }")]
    pub network: VaeNetwork,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

const KIND: &str = "vae";

impl VaeConfig {
    /// The model that binarized MNIST is compared with: two layers of 200 with `tanh` on each side,
    /// a Bernoulli likelihood, dynamic binarization; 50 latents in the paper.
    ///
    /// Burda, Grosse, Salakhutdinov: *Importance weighted autoencoders*, 2016, section 5.
    pub fn bernoulli(image: ImageSize, latents: usize) -> Self {
        let likelihood = LikelihoodStyle::Bernoulli(Binarization::Dynamic);
        Self::new(image, likelihood, latents)
    }

    /// Su Jianlin's first VAE: one layer of 256 with ReLU on each side, 2 latents, a Bernoulli
    /// likelihood. Its grey pixels taken for probabilities are binarized dynamically here, so that
    /// the loss is a bound.
    ///
    /// *Variational autoencoders 1*, kexue.fm/archives/5253, 2018, and its `vae_keras.py`.
    pub fn blog(image: ImageSize) -> Self {
        let network = VaeNetwork::Mlp {
            hidden: vec![256],
            activation: Activation::Relu,
        };
        Self::bernoulli(image, 2).with_network(network)
    }

    /// The untrained model.
    ///
    /// # Panics
    ///
    /// Where [`try_init`](Self::try_init) returns an error.
    pub fn init(&self, device: &Device) -> Vae {
        self.try_init(device)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// The untrained model.
    ///
    /// # Errors
    ///
    /// A size of 0, levels outside 2 ..= 65,536, no hidden layer, or an image that cannot be halved
    /// once a stage.
    pub fn try_init(&self, device: &Device) -> Result<Vae, ConfigError> {
        Vae::try_new(self, device)
    }

    /// The model with networks that see `context` numbers more and are put into place by `encode`
    /// and `decode`.
    pub(super) fn autoencoder<E, D>(
        &self,
        context: usize,
        encode: impl FnOnce(VaeEncoder, &mut Noise) -> E,
        decode: impl FnOnce(VaeDecoder, &mut Noise) -> D,
        device: &Device,
    ) -> Result<Autoencoder<E, D>, ConfigError>
    where
        E: Module + ModuleDisplay,
        D: Module + ModuleDisplay,
    {
        self.check()?;
        let noise = &mut Noise::seeded(self.seed);
        let (encoder, features, decoder) =
            self.network
                .init(self.image, self.latents, context, noise, device);
        Ok(Autoencoder {
            encoder: encode(encoder, noise),
            head: GaussianHead::new([features, self.latents], WeightInit::FanIn, noise, device),
            decoder: decode(decoder, noise),
            likelihood: self.likelihood.init(self.image.levels, device),
        })
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let any = u64::from(u32::MAX);
        ConfigError::check(KIND, "latents", self.latents as u64, [1, any])?;
        self.network.check(KIND, self.image)
    }
}

impl AutoencoderConfig for VaeConfig {
    const KIND: &'static str = KIND;
    type Encoder = VaeEncoder;
    type Decoder = VaeDecoder;

    fn vae(&self) -> &VaeConfig {
        self
    }

    fn count(&self) -> Result<u128, ConfigError> {
        self.check()?;
        Ok(self.network.count(self.image, self.latents))
    }

    fn try_autoencoder(
        &self,
        device: &Device,
    ) -> Result<Autoencoder<VaeEncoder, VaeDecoder>, ConfigError> {
        self.autoencoder(0, |net, _| net, |net, _| net, device)
    }
}
