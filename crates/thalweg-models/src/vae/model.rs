//! An autoencoder of images of discrete pixels, and its file.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use thalweg_flow::{BitsPerDim, Condition, Dequantize, FlowError, Network, Noise, Warning};

use super::{Autoencoder, VaeConfig};
use crate::door::{assert_condition, assert_shape};
use crate::model::{ModelConfig, model};
use crate::variational::LikelihoodStyle;

/// The configuration of a [`VaeModel`].
///
/// ```
/// use thalweg_models::vae::AutoencoderConfig;
/// use thalweg_models::{ConditionalVaeConfig, ImageSize, VaeConfig};
///
/// /// The dimension of the latents, and the classes, if any.
/// fn sizes<K: AutoencoderConfig>(config: &K) -> (usize, Option<usize>) {
///     (config.vae().latents, config.classes())
/// }
///
/// let vae = VaeConfig::bernoulli(ImageSize::new([1, 8, 8]), 4);
/// assert_eq!(sizes(&vae), (4, None));
/// assert_eq!(sizes(&ConditionalVaeConfig::new(vae, 10)), (4, Some(10)));
/// ```
pub trait AutoencoderConfig: ModelConfig {
    /// From data to features.
    type Encoder: Module + ModuleDisplay;
    /// From latents to the likelihood's parameters.
    type Decoder: Module + ModuleDisplay;

    /// The configuration without the condition.
    fn vae(&self) -> &VaeConfig;

    /// The number of classes, for a model with labels as its condition.
    fn classes(&self) -> Option<usize> {
        None
    }

    /// The untrained networks.
    fn autoencoder(&self, device: &Device) -> Autoencoder<Self::Encoder, Self::Decoder>;
}

/// An autoencoder on images of discrete pixels, with the preprocessing of its likelihood in front.
///
/// Data are levels `0 ..= levels − 1` as floats, `[batch, numbers]`, channel by channel. Every method
/// that takes levels checks them: a value that is no level is an error, and another number of pixels
/// panics. Bounds are in nats an image of the data of the likelihood: black and white pixels,
/// dequantized pixels in the unit cube, or levels; [`units`](Self::units) converts them to bits a
/// dimension. The context is `&()` for a model without a condition; otherwise it has one row for each
/// image, or one for all.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::vae::{VaeDecoder, VaeEncoder, VaeModel};
/// use thalweg_models::{ImageSize, VaeConfig};
///
/// let device = Device::default();
/// let config = VaeConfig::bernoulli(ImageSize::new([1, 1, 3]), 2);
/// let vae: VaeModel<VaeEncoder, VaeDecoder, VaeConfig> = config.init(&device);
/// // Binarized, black stays black and white stays white.
/// let levels = Tensor::<2>::from_floats([[0.0, 255.0, 0.0]], &device);
/// let x = vae.observe(levels.clone(), &mut Noise::seeded(0))?;
/// assert_eq!(x.to_data(), (levels / 255.0).to_data());
/// // A fair coin for each pixel is a bit a dimension.
/// assert!((vae.units().from_nats(-3.0 * 2.0_f64.ln()) - 1.0).abs() < 1e-12);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Module, Debug)]
pub struct VaeModel<
    E: Module + ModuleDisplay,
    D: Module + ModuleDisplay,
    K: AutoencoderConfig<Encoder = E, Decoder = D>,
> {
    /// The networks, on the data of [`observe`](Self::observe).
    pub autoencoder: Autoencoder<E, D>,
    #[module(skip)]
    pub(super) config: K,
    #[module(skip)]
    pub(super) warnings: Vec<Warning>,
}

model! {
    [
        E: Module + ModuleDisplay,
        D: Module + ModuleDisplay,
        K: AutoencoderConfig<Encoder = E, Decoder = D>,
    ]
    VaeModel<E, D, K>, of K, with warnings
}

impl<E, D, K> VaeModel<E, D, K>
where
    E: Module + ModuleDisplay,
    D: Module + ModuleDisplay,
    K: AutoencoderConfig<Encoder = E, Decoder = D>,
{
    pub(super) fn new(config: &K, device: &Device) -> Self {
        Self {
            autoencoder: config.autoencoder(device),
            config: config.clone(),
            warnings: vec![],
        }
    }

    /// Converts nats an image to bits a dimension.
    ///
    /// See [`VaeModel`] for an example.
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

    /// The data of the likelihood: levels binarized, dequantized into the unit cube, or as the middles
    /// of their bins.
    ///
    /// See [`VaeModel`] for an example.
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

    /// The data of the networks, after a check of levels and condition.
    pub(super) fn observed<C: Condition>(
        &self,
        levels: Tensor<2>,
        context: &C,
        noise: &mut Noise,
    ) -> Result<Tensor<2>, FlowError> {
        assert_condition(K::KIND, context, levels.dims()[0]);
        context.check(self.config.classes())?;
        self.observe(levels, noise)
    }

    /// The mean images, in the unit cube, of latents `[batch, latents]`.
    ///
    /// # Panics
    ///
    /// For another number of latents, and when the condition has neither one row nor one for each, or
    /// a label is no class.
    pub fn decode<C: Condition>(&self, z: Tensor<2>, context: &C) -> Tensor<2>
    where
        D: Network<C>,
    {
        assert_shape(K::KIND, "takes latents", &z, &[self.config.vae().latents]);
        assert_condition(K::KIND, context, z.dims()[0]);
        self.autoencoder.decode(z, context)
    }

    /// `n` mean images in the unit cube, see [`Autoencoder::sample`].
    ///
    /// # Panics
    ///
    /// When the condition has neither one row nor `n`, or a label is no class.
    pub fn sample<C: Condition>(
        &self,
        n: usize,
        context: &C,
        temperature: f64,
        noise: &mut Noise,
    ) -> Tensor<2>
    where
        D: Network<C>,
    {
        assert_condition(K::KIND, context, n);
        self.autoencoder.sample(n, context, temperature, noise)
    }

    /// `draws` images for each row of the condition, row by row.
    ///
    /// See [`ConditionalVae`](super::ConditionalVae) for an example.
    ///
    /// # Panics
    ///
    /// When a label is no class.
    pub fn sample_each<C: Condition>(
        &self,
        draws: usize,
        context: &C,
        temperature: f64,
        noise: &mut Noise,
    ) -> Tensor<2>
    where
        D: Network<C>,
    {
        let n = context.rows().unwrap_or(1) * draws;
        self.sample(n, &context.repeat_each(draws), temperature, noise)
    }
}
