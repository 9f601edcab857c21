//! An autoencoder of images of discrete pixels, and its file.

use std::fmt::Debug;
use std::path::Path;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor, TensorReadError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thalweg_flow::{BitsPerDim, Conditioner, Dequantize, FlowError, Noise};

use super::{Autoencoder, VaeConfig};
use crate::variational::{Elbo, ElboLoss, KlForm, LikelihoodStyle, Repeat};
use crate::{ConfigError, ModelFileError, file};

/// A configuration of a [`VaeModel`].
pub trait AutoencoderConfig:
    Debug + Clone + Send + Sync + Serialize + DeserializeOwned + 'static
{
    /// What the model is called in its file.
    const KIND: &'static str;
    /// From data to features.
    type Encoder: Module + ModuleDisplay;
    /// From latents to the likelihood's parameters.
    type Decoder: Module + ModuleDisplay;

    /// The model apart from its condition.
    fn vae(&self) -> &VaeConfig;

    /// How many numbers the parameters are at least.
    ///
    /// # Errors
    ///
    /// What [`try_autoencoder`](Self::try_autoencoder) returns.
    fn count(&self) -> Result<u128, ConfigError>;

    /// The untrained networks.
    ///
    /// # Errors
    ///
    /// A size that is out of its bounds.
    fn try_autoencoder(
        &self,
        device: &Device,
    ) -> Result<Autoencoder<Self::Encoder, Self::Decoder>, ConfigError>;
}

/// An autoencoder on images of discrete pixels, with what its likelihood does to their levels in
/// front.
///
/// Data are levels `0 ..= levels − 1` as floats, `[batch, numbers]`, channel by channel. Bounds are
/// nats an image of what the likelihood is a density of: black and white pixels, dequantized
/// pixels in the unit cube, or levels; [`units`](Self::units) makes bits a dimension of them. The
/// context is `&()` where the model takes none.
#[derive(Module, Debug)]
pub struct VaeModel<
    E: Module + ModuleDisplay,
    D: Module + ModuleDisplay,
    K: AutoencoderConfig<Encoder = E, Decoder = D>,
> {
    /// The networks, on what [`observe`](Self::observe) makes of levels.
    pub autoencoder: Autoencoder<E, D>,
    #[module(skip)]
    config: K,
}

impl<E, D, K> VaeModel<E, D, K>
where
    E: Module + ModuleDisplay,
    D: Module + ModuleDisplay,
    K: AutoencoderConfig<Encoder = E, Decoder = D>,
{
    pub(super) fn try_new(config: &K, device: &Device) -> Result<Self, ConfigError> {
        Ok(Self {
            autoencoder: config.try_autoencoder(device)?,
            config: config.clone(),
        })
    }

    /// What the model was made of.
    pub fn config(&self) -> &K {
        &self.config
    }

    /// Nats an image to bits a dimension.
    pub fn units(&self) -> BitsPerDim {
        let VaeConfig {
            image, likelihood, ..
        } = self.config.vae();
        match likelihood {
            LikelihoodStyle::Gaussian => BitsPerDim::new(image.numbers(), image.levels),
            // Probabilities, not densities: nothing to add for the width of a bin.
            LikelihoodStyle::Bernoulli(_) | LikelihoodStyle::DiscretizedLogistic => {
                BitsPerDim::new(image.numbers(), 1)
            }
        }
    }

    /// What the likelihood is a density of: levels binarized, dequantized into the unit cube, or as
    /// the middles of their bins.
    pub fn observe(&self, levels: Tensor<2>, noise: &mut Noise) -> Tensor<2> {
        let VaeConfig {
            image, likelihood, ..
        } = self.config.vae();
        match likelihood {
            LikelihoodStyle::Bernoulli(binarization) => {
                binarization.apply(levels, image.levels, noise)
            }
            LikelihoodStyle::Gaussian => Dequantize::uniform(image.levels).apply(levels, noise).0,
            LikelihoodStyle::DiscretizedLogistic => {
                levels.add_scalar(0.5).div_scalar(f64::from(image.levels))
            }
        }
    }

    /// Images of the unit cube, on average, of latents `[batch, latents]`.
    pub fn decode<C>(&self, z: Tensor<2>, context: &C) -> Tensor<2>
    where
        D: Conditioner<C>,
    {
        self.autoencoder.decode(z, context)
    }

    /// `n` images of the unit cube, on average, see [`Autoencoder::sample`].
    pub fn sample<C>(&self, n: usize, context: &C, temperature: f64, noise: &mut Noise) -> Tensor<2>
    where
        D: Conditioner<C>,
    {
        self.autoencoder.sample(n, context, temperature, noise)
    }

    /// Saves configuration, preprocessing and weights in one file.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), ModelFileError> {
        file::save(path.as_ref(), K::KIND, &self.config, self)
    }

    /// The model in a file, on `device`.
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered model of this kind and of this or an earlier
    /// version.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, ModelFileError> {
        let init = |config: &K| Self::try_new(config, device);
        let (_, model) = file::load(path.as_ref(), K::KIND, K::count, init)?;
        Ok(model)
    }
}

/// What takes both networks.
impl<E, D, K> VaeModel<E, D, K>
where
    E: Module + ModuleDisplay,
    D: Module + ModuleDisplay,
    K: AutoencoderConfig<Encoder = E, Decoder = D>,
{
    /// Fits what depends on data, the actnorms of convolutional networks, to a batch. Wanted once,
    /// before training; nothing happens to multilayer perceptrons.
    ///
    /// # Errors
    ///
    /// Fewer than two images, or values that are no levels.
    pub fn initialize<C>(
        mut self,
        levels: Tensor<2>,
        context: &C,
        noise: &mut Noise,
    ) -> Result<Self, FlowError>
    where
        E: Conditioner<C>,
        D: Conditioner<C>,
    {
        Dequantize::uniform(self.config.vae().image.levels).check(&levels)?;
        let x = self.observe(levels, noise);
        let model = &mut self.autoencoder;
        model.encoder = model.encoder.clone().initialize(x.clone(), context)?;
        let posterior = model.valid().posterior(x, context);
        let z = posterior.draw(KlForm::Analytic, noise).z;
        model.decoder = model.decoder.clone().initialize(z, context)?;
        Ok(self)
    }

    /// The parts of the bound, from one sample an image.
    pub fn elbo<C>(&self, levels: Tensor<2>, context: &C, form: KlForm, noise: &mut Noise) -> Elbo
    where
        E: Conditioner<C>,
        D: Conditioner<C>,
    {
        let x = self.observe(levels, noise);
        self.autoencoder.elbo(x, context, form, noise)
    }

    /// What training minimizes, `[1]`.
    pub fn loss<C>(
        &self,
        levels: Tensor<2>,
        context: &C,
        loss: &ElboLoss,
        noise: &mut Noise,
    ) -> Tensor<1>
    where
        E: Conditioner<C>,
        D: Conditioner<C>,
    {
        loss.of(self.elbo(levels, context, loss.kl, noise))
    }

    /// The importance-weighted bound of `k` samples for each image, in nats, see
    /// [`Autoencoder::importance`].
    ///
    /// # Errors
    ///
    /// When the device cannot hand over the numbers.
    ///
    /// # Panics
    ///
    /// When `k` is 0.
    pub fn importance<C: Repeat>(
        &self,
        levels: Tensor<2>,
        context: &C,
        k: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, TensorReadError>
    where
        E: Conditioner<C>,
        D: Conditioner<C>,
    {
        let x = self.observe(levels, noise);
        self.autoencoder.importance(x, context, k, noise)
    }
}
