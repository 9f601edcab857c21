//! The bounds of an autoencoder of images, and its fit to data.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::points::zero_of;
use thalweg_flow::points::{Points, log_probs};
use thalweg_flow::{Condition, FlowError, Network, Noise, Placement};

use super::model::{AutoencoderConfig, VaeModel};
use crate::door::fit;
use crate::variational::{Elbo, ElboLoss, KlForm};

/// The methods that take both networks.
impl<E, D, K> VaeModel<E, D, K>
where
    E: Module + ModuleDisplay,
    D: Module + ModuleDisplay,
    K: AutoencoderConfig<Encoder = E, Decoder = D>,
{
    /// Fits the actnorms of convolutional networks to a batch: once, before training. Multilayer
    /// perceptrons do not change.
    ///
    /// ```
    /// use burn::tensor::{DType, Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::{ImageSize, VaeConfig};
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let vae = VaeConfig::bernoulli(ImageSize::new([1, 4, 4]), 2).init(&device);
    /// let y: Tensor<2> = noise.uniform([6, 16], &device, DType::F32);
    /// let fitted = vae.clone().initialize((y * 256.0).floor(), &(), &mut noise)?;
    /// let z = Tensor::<2>::ones([1, 2], &device);
    /// assert_eq!(fitted.decode(z.clone(), &()).to_data(), vae.decode(z, &()).to_data());
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fewer than two images, values that are no levels, or labels that are no classes.
    ///
    /// # Panics
    ///
    /// For another number of pixels, and when the condition has neither one row nor one for each image.
    pub fn initialize<C: Condition>(
        mut self,
        levels: Tensor<2>,
        context: &C,
        noise: &mut Noise,
    ) -> Result<Self, FlowError>
    where
        E: Network<C>,
        D: Network<C>,
    {
        self.assert_images(&levels);
        let mut model = self.autoencoder.clone();
        let (fitted, warnings) = fit(K::KIND, self.dequantize(), &levels, || {
            let x = self.observed(levels.clone(), context, noise)?;
            model.encoder = model.encoder.initialize(x.clone(), context)?;
            let posterior = model.valid().posterior(x, context);
            let z = posterior.draw(KlForm::Analytic, noise).z;
            model.decoder = model.decoder.initialize(z, context)?;
            Ok(model)
        })?;
        self.autoencoder = fitted;
        self.warnings = warnings;
        Ok(self)
    }

    /// The parts of the bound, from one sample an image.
    ///
    /// # Errors
    ///
    /// A value that is no level, a label that is no class, a number of the condition that is not finite.
    ///
    /// # Panics
    ///
    /// For another number of pixels, and when the condition has neither one row nor one for each image.
    pub fn elbo<C: Condition>(
        &self,
        levels: Tensor<2>,
        context: &C,
        form: KlForm,
        noise: &mut Noise,
    ) -> Result<Elbo, FlowError>
    where
        E: Network<C>,
        D: Network<C>,
    {
        let x = self.observed(levels, context, noise)?;
        Ok(self.autoencoder.elbo(x, context, form, noise))
    }

    /// The bound of one sample for each of any number of images, in nats, in order, in f64 and in the
    /// memory of `batch` images; [`units`](Self::units) converts them to bits a dimension. The images are a
    /// tensor, or lie in the host's memory. [`importance`](Self::importance) is closer to `log p(x)`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::variational::KlForm;
    /// use thalweg_models::{ImageSize, VaeConfig};
    ///
    /// let device = Device::default();
    /// let vae = VaeConfig::bernoulli(ImageSize::new([1, 4, 4]), 2).init(&device);
    /// let levels = Tensor::<2>::ones([1, 16], &device) * 128.0;
    /// let nats = vae.log_probs(&levels, &(), 64, &mut Noise::seeded(0))?;
    /// let elbo = vae.elbo(levels, &(), KlForm::Analytic, &mut Noise::seeded(0))?;
    /// assert!((nats[0] - elbo.bound().into_scalar::<f64>()).abs() < 1e-5);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`elbo`](Self::elbo); the error names the row among all.
    ///
    /// # Panics
    ///
    /// As [`elbo`](Self::elbo), and when `batch` is 0.
    pub fn log_probs<C: Condition>(
        &self,
        levels: &(impl Points<2> + ?Sized),
        context: &C,
        batch: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError>
    where
        E: Network<C>,
        D: Network<C>,
    {
        context.check(self.config.classes())?;
        let (model, count) = (self.valid(), levels.count());
        log_probs(levels, batch, &Placement::of(&model), |levels, range| {
            let context = context.part_of(range, count);
            let elbo = model.elbo(levels, &context, KlForm::Analytic, noise)?;
            Ok(elbo.bound())
        })
    }

    /// The training loss, `[1]`; 0 for an empty batch.
    ///
    /// # Errors
    ///
    /// As [`elbo`](Self::elbo).
    ///
    /// # Panics
    ///
    /// As [`elbo`](Self::elbo).
    pub fn loss<C: Condition>(
        &self,
        levels: Tensor<2>,
        context: &C,
        loss: &ElboLoss,
        noise: &mut Noise,
    ) -> Result<Tensor<1>, FlowError>
    where
        E: Network<C>,
        D: Network<C>,
    {
        let empty = levels.dims()[0] == 0;
        let elbo = self.elbo(levels, context, loss.kl, noise)?;
        Ok(match empty {
            true => zero_of(self),
            false => loss.of(elbo),
        })
    }

    /// The importance-weighted bound of `k` samples for each image, in nats, see
    /// [`Autoencoder::importance`](crate::vae::Autoencoder::importance).
    ///
    /// # Errors
    ///
    /// As [`elbo`](Self::elbo), and when the device cannot hand over the numbers.
    ///
    /// # Panics
    ///
    /// As [`elbo`](Self::elbo), and when `k` is 0.
    pub fn importance<C: Condition>(
        &self,
        levels: Tensor<2>,
        context: &C,
        k: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError>
    where
        E: Network<C>,
        D: Network<C>,
    {
        let x = self.observed(levels, context, noise)?;
        self.autoencoder.importance(x, context, k, noise)
    }
}
