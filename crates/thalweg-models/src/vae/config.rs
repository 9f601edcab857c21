//! Sizes and choices of a VAE.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use thalweg_flow::{Activation, Noise, WeightInit};

use super::{Autoencoder, AutoencoderConfig, Vae, VaeDecoder, VaeEncoder, VaeNetwork};
use crate::model::{ModelConfig, init};
use crate::variational::{Binarization, GaussianHead, LikelihoodStyle};
use crate::{ConfigError, ImageSize, SamplingCost};

/// Sizes and choices of a [`Vae`].
///
/// See [`Vae`](super::Vae) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct VaeConfig {
    /// The images.
    pub image: ImageSize,
    /// Of the images, given the decoder's output.
    pub likelihood: LikelihoodStyle,
    /// The dimension of the latents.
    pub latents: usize,
    /// Encoder and decoder.
    #[config(default = "VaeNetwork::Mlp { hidden: vec![200, 200], activation: Activation::Tanh }")]
    pub network: VaeNetwork,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

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
    ///
    /// ```
    /// use thalweg_flow::Activation;
    /// use thalweg_models::vae::VaeNetwork;
    /// use thalweg_models::{ImageSize, VaeConfig};
    ///
    /// let config = VaeConfig::blog(ImageSize::new([1, 28, 28]));
    /// let network = VaeNetwork::Mlp { hidden: vec![256], activation: Activation::Relu };
    /// assert_eq!((config.latents, config.network), (2, network));
    /// ```
    pub fn blog(image: ImageSize) -> Self {
        let network = VaeNetwork::Mlp {
            hidden: vec![256],
            activation: Activation::Relu,
        };
        Self::bernoulli(image, 2).with_network(network)
    }

    /// Networks that take `context` inputs more, wrapped by `encode` and `decode`.
    pub(super) fn networks<E, D>(
        &self,
        context: usize,
        encode: impl FnOnce(VaeEncoder, &mut Noise) -> E,
        decode: impl FnOnce(VaeDecoder, &mut Noise) -> D,
        device: &Device,
    ) -> Autoencoder<E, D>
    where
        E: Module + ModuleDisplay,
        D: Module + ModuleDisplay,
    {
        let noise = &mut Noise::seeded(self.seed);
        let (encoder, features, decoder) =
            self.network
                .init(self.image, self.latents, context, noise, device);
        Autoencoder {
            encoder: encode(encoder, noise),
            head: GaussianHead::new([features, self.latents], WeightInit::FanIn, noise, device),
            decoder: decode(decoder, noise),
            likelihood: self.likelihood.init(self.image.levels, device),
        }
    }
}

init! {
    VaeConfig => Vae,
    "A size of 0, levels outside 2 ..= 65,536, no hidden layer, or an image that cannot be halved once \
     a stage."
}

impl ModelConfig for VaeConfig {
    const KIND: &'static str = "vae";
    type Model = Vae;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::at_least(Self::KIND, [("latents", self.latents, 1)])?;
        self.network.check(Self::KIND, self.image)
    }

    fn count(&self) -> u128 {
        self.network.count(self.image, self.latents)
    }

    fn build(&self, device: &Device) -> Vae {
        Vae::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::DECODER
    }
}

impl AutoencoderConfig for VaeConfig {
    type Encoder = VaeEncoder;
    type Decoder = VaeDecoder;

    fn vae(&self) -> &VaeConfig {
        self
    }

    fn autoencoder(&self, device: &Device) -> Autoencoder<VaeEncoder, VaeDecoder> {
        self.networks(0, |net, _| net, |net, _| net, device)
    }
}
