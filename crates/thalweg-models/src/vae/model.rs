//! An autoencoder of images of discrete pixels, and its file.

use std::fmt::Debug;
use std::path::Path;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thalweg_flow::{BitsPerDim, Condition, Dequantize, FlowError, Network, Noise, Warning};

use super::{Autoencoder, VaeConfig};
use crate::door::{assert_count, assert_shape};
use crate::variational::LikelihoodStyle;
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

    /// How many classes the model is given labels of, if it is.
    fn classes(&self) -> Option<usize> {
        None
    }

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
/// Data are levels `0 ..= levels − 1` as floats, `[batch, numbers]`, channel by channel. Every method
/// that takes them looks at them first: a value that is no level is an error, and another number of
/// pixels panics. Bounds are
/// nats an image of what the likelihood is a density of: black and white pixels, dequantized
/// pixels in the unit cube, or levels; [`units`](Self::units) makes bits a dimension of them. The
/// context is `&()` where the model takes none; otherwise it has one row for each image, or one for all.
#[derive(Module, Debug)]
pub struct VaeModel<
    E: Module + ModuleDisplay,
    D: Module + ModuleDisplay,
    K: AutoencoderConfig<Encoder = E, Decoder = D>,
> {
    /// The networks, on what [`observe`](Self::observe) makes of levels.
    pub autoencoder: Autoencoder<E, D>,
    #[module(skip)]
    pub(super) config: K,
    #[module(skip)]
    pub(super) warnings: Vec<Warning>,
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
            warnings: vec![],
        })
    }

    /// What the model was made of.
    pub fn config(&self) -> &K {
        &self.config
    }

    /// What [`initialize`](Self::initialize) found to look wrong with its data.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
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
    ///
    /// # Errors
    ///
    /// A value that is no level.
    ///
    /// # Panics
    ///
    /// For another number of pixels.
    pub fn observe(&self, levels: Tensor<2>, noise: &mut Noise) -> Result<Tensor<2>, FlowError> {
        self.assert_images(&levels);
        let VaeConfig {
            image, likelihood, ..
        } = self.config.vae();
        match likelihood {
            LikelihoodStyle::Bernoulli(binarization) => {
                binarization.apply(levels, image.levels, noise)
            }
            LikelihoodStyle::Gaussian => Ok(self.dequantize().apply(levels, noise)?.0),
            LikelihoodStyle::DiscretizedLogistic => {
                self.dequantize().check(&levels)?;
                Ok(levels.add_scalar(0.5).div_scalar(f64::from(image.levels)))
            }
        }
    }

    pub(super) fn dequantize(&self) -> Dequantize {
        Dequantize::uniform(self.config.vae().image.levels)
    }

    pub(super) fn assert_images(&self, images: &Tensor<2>) {
        let numbers = self.config.vae().image.numbers();
        assert_shape(K::KIND, "takes images", images, &[numbers]);
    }

    fn assert_condition<C: Condition>(&self, context: &C, images: usize) {
        if let Some(rows) = context.rows() {
            assert_count(K::KIND, "the condition", rows, images, true);
        }
    }

    /// What the networks are given, once levels and condition are what the model takes.
    pub(super) fn observed<C: Condition>(
        &self,
        levels: Tensor<2>,
        context: &C,
        noise: &mut Noise,
    ) -> Result<Tensor<2>, FlowError> {
        self.assert_condition(context, levels.dims()[0]);
        context.check(self.config.classes())?;
        self.observe(levels, noise)
    }

    /// Images of the unit cube, on average, of latents `[batch, latents]`.
    ///
    /// # Panics
    ///
    /// For another number of latents, and when the condition has neither one row nor one for each, or
    /// a label is no class.
    pub fn decode<C>(&self, z: Tensor<2>, context: &C) -> Tensor<2>
    where
        C: Condition,
        D: Network<C>,
    {
        assert_shape(K::KIND, "takes latents", &z, &[self.config.vae().latents]);
        self.assert_condition(context, z.dims()[0]);
        self.autoencoder.decode(z, context)
    }

    /// `n` images of the unit cube, on average, see [`Autoencoder::sample`].
    ///
    /// # Panics
    ///
    /// When the condition has neither one row nor `n`, or a label is no class.
    pub fn sample<C>(&self, n: usize, context: &C, temperature: f64, noise: &mut Noise) -> Tensor<2>
    where
        C: Condition,
        D: Network<C>,
    {
        self.assert_condition(context, n);
        self.autoencoder.sample(n, context, temperature, noise)
    }

    /// `draws` images for each row of the condition, row by row.
    ///
    /// # Panics
    ///
    /// When a label is no class.
    pub fn sample_each<C>(
        &self,
        draws: usize,
        context: &C,
        temperature: f64,
        noise: &mut Noise,
    ) -> Tensor<2>
    where
        C: Condition,
        D: Network<C>,
    {
        let n = context.rows().unwrap_or(1) * draws;
        self.sample(n, &context.repeat_each(draws), temperature, noise)
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
