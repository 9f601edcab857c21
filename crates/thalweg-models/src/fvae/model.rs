//! The paper's f-VAE on images of discrete pixels.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::base::MultiScaleNormal;
use thalweg_flow::bulk::map_by_chunks;
use thalweg_flow::points::{Points, log_probs, no_rows, one_row};
use thalweg_flow::{
    Base, Bijection, BitsPerDim, Dequantize, FlowError, Inverted, Latents, Network, Noise,
    Placement, Squeeze, Warning, chain,
};

use super::{FlowElbo, FlowPosterior, FvaeConfig, Place, elbo::log_noise};
use crate::ModelConfig;
use crate::door::{assert_shape, fit, importance, mean};
use crate::glow::GlowScales;
use crate::model::model;
use crate::pyramid::Pyramid;
use crate::variational::FixedDeviation;

/// The flow of a code: the scales of a Glow, whose first squeeze finds the code as it was.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::fvae::FvaeFlow;
/// use thalweg_models::{FvaeConfig, ImageSize};
///
/// let device = Device::default();
/// let fvae = FvaeConfig::fvae_small(ImageSize::new([1, 8, 8])).init(&device);
/// let flow: &FvaeFlow = &fvae.posterior.flow;
/// let h = Tensor::<4>::ones([1, 16, 2, 2], &device);
/// let (z, log_det) = flow.forward(h.clone(), &());
/// let (back, inverse) = flow.inverse(z, &());
/// assert!((back - h).abs().max().into_scalar::<f32>() < 1e-4);
/// assert!((log_det + inverse).abs().into_scalar::<f32>() < 1e-4);
/// ```
#[derive(Module, Debug)]
pub struct FvaeFlow {
    pub(super) unsqueeze: Inverted<Squeeze>,
    pub(super) scales: GlowScales,
}

chain! { [C] FvaeFlow, given C: Tensor<4> => Latents, by unsqueeze, scales; lowered [C] }

/// An f-VAE on images of discrete pixels.
///
/// `x → E(x) → h = E(x) + σ₁ u → z = F(h)` and `z → h = F⁻¹(z) → G(h)`, with one learned deviation `σ₂`
/// around `G(h)`: encoder and decoder are free networks, the flow `F` is unconditional. The bound of
/// each sample, all constants included, is
///
/// `log N(x; G(h), σ₂²) + log N(F(h); 0, 1) + ln|det ∂F/∂h| + D ln σ₁ − log N(u; 0, 1)`.
///
/// Data are levels `0 ..= levels − 1` as floats, `[batch, channels, height, width]`, dequantized into
/// the unit cube by uniform noise of one bin. Every method that takes levels checks them: a value that
/// is no level is an error, and another size panics. Bounds are in nats an image of dequantized data, so
/// they compare with the densities of an [`ImageFlow`](crate::ImageFlow).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{Fvae, FvaeConfig, ImageSize};
///
/// let device = Device::default();
/// let config = FvaeConfig::fvae_small(ImageSize::new([3, 16, 16]));
/// let fvae: Fvae = config.init(&device);
/// let pixels = Tensor::<4>::ones([4, 3, 16, 16], &device) * 128.0;
/// let (y, _) = fvae.dequantize().apply(pixels.clone(), &mut Noise::seeded(0))?;
/// assert_eq!(fvae.dequantize().quantize(y).to_data(), pixels.to_data());
/// let bits = fvae.units().of_each(fvae.bound(pixels, &mut Noise::seeded(0))?);
/// assert_eq!(bits.dims(), [4]);
/// assert_eq!(fvae.sample(2, 0.8, &mut Noise::seeded(1)).dims(), [2, 3, 16, 16]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Su, Wu: *f-VAEs: Improve VAEs with conditional flows*, arXiv 1809.05861, 2018. Su Jianlin:
/// kexue.fm/archives/5977, 2018.
#[derive(Module, Debug)]
pub struct Fvae {
    /// `E`.
    pub encoder: Pyramid,
    /// From noise to `h`.
    pub place: Place,
    /// `F`, and the prior.
    pub posterior: FlowPosterior<FvaeFlow, MultiScaleNormal>,
    /// `G`.
    pub decoder: Pyramid,
    /// `σ₂`.
    pub likelihood: FixedDeviation,
    #[module(skip)]
    pub(super) config: FvaeConfig,
    #[module(skip)]
    pub(super) warnings: Vec<Warning>,
}

model! { [] Fvae, of FvaeConfig, with warnings }

impl Fvae {
    /// Nats an image to bits a dimension.
    pub fn units(&self) -> BitsPerDim {
        self.dequantize().bits_per_dim(self.config.image.numbers())
    }

    /// The noise in front of the model.
    pub fn dequantize(&self) -> Dequantize {
        Dequantize::uniform(self.config.image.levels)
    }

    /// One sample of the bound on `log p(y)` of each image, dequantized into the unit cube, in nats:
    /// `[batch]`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::{FvaeConfig, ImageSize};
    ///
    /// let device = Device::default();
    /// let fvae = FvaeConfig::fvae_small(ImageSize::new([1, 8, 8])).init(&device);
    /// let (pixels, noise) = (Tensor::<4>::ones([1, 1, 8, 8], &device) * 128.0, || Noise::seeded(0));
    /// let bound = fvae.bound(pixels.clone(), &mut noise())?.into_scalar::<f64>();
    /// // The same number, from the same noise.
    /// let loss = fvae.loss(pixels.clone(), &mut noise())?.into_scalar::<f64>();
    /// let each = fvae.log_probs(&pixels, 64, &mut noise())?;
    /// let one = fvae.importance(pixels, 1, &mut noise())?;
    /// for found in [-loss, each[0], one[0]] {
    ///     assert!((found - bound).abs() < 1e-3);
    /// }
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A value that is no level.
    ///
    /// # Panics
    ///
    /// For images of another size.
    pub fn bound(&self, levels: Tensor<4>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        // The networks see [−1, 1], where a density is half as high a dimension.
        let scaling = self.config.image.numbers() as f64 * 2f64.ln();
        let elbo = self.elbo(levels, noise)?;
        Ok(elbo.bound().add_scalar(scaling))
    }

    /// [`bound`](Self::bound) of any number of images, in order, in f64 and in the memory of `batch` of
    /// them; [`units`](Self::units) makes bits a dimension of them.
    ///
    /// See [`bound`](Self::bound) for an example.
    ///
    /// # Errors
    ///
    /// As [`bound`](Self::bound); the error names the row among all.
    ///
    /// # Panics
    ///
    /// As [`bound`](Self::bound), and when `batch` is 0.
    pub fn log_probs(
        &self,
        levels: &(impl Points<4> + ?Sized),
        batch: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError> {
        let model = self.valid();
        log_probs(levels, batch, &Placement::of(&model), |levels, _| {
            model.bound(levels, noise)
        })
    }

    /// The parts of the bound, of images in `[−1, 1]`.
    ///
    /// # Errors
    ///
    /// As [`bound`](Self::bound).
    ///
    /// # Panics
    ///
    /// As [`bound`](Self::bound).
    pub fn elbo(&self, levels: Tensor<4>, noise: &mut Noise) -> Result<FlowElbo, FlowError> {
        self.assert_images(&levels);
        if levels.dims()[0] == 0 {
            return Ok(self
                .elbo(one_row(levels), &mut Noise::seeded(0))?
                .of_no_rows());
        }
        let (y, _) = self.dequantize().apply(levels, noise)?;
        let x = centred(y);
        let code = map_by_chunks(self, &(), x.clone(), |model, x, ()| {
            model.encoder.forward(x)
        });
        let u = noise.normal(code.dims(), &code.device(), code.dtype());
        let parts = map_by_chunks(self, &(), (x, code, u), |model, (x, code, u), ()| {
            let (h, placed) = model.place.forward(u.clone(), &code);
            let (z, log_det) = model.posterior.flow.forward(h.clone(), &());
            // G(h), where the general form has G(F⁻¹(z)): no inverse of F is needed.
            let log_likelihood = model.likelihood.log_prob(x, model.image(h));
            let log_prior = model.posterior.prior.log_prob(z, &());
            (log_likelihood, log_prior, placed + log_det, log_noise(u))
        });
        let (log_likelihood, log_prior, log_det, log_noise) = parts;
        Ok(FlowElbo {
            log_likelihood,
            log_prior,
            log_det,
            log_noise,
        })
    }

    fn assert_images(&self, images: &Tensor<4>) {
        let each = self.config.image.shape();
        assert_shape(FvaeConfig::KIND, "takes images", images, &each);
    }

    /// The training loss, `[1]`: the mean of `−bound` over the batch; 0 for an empty batch.
    ///
    /// See [`bound`](Self::bound) for an example.
    ///
    /// # Errors
    ///
    /// As [`bound`](Self::bound).
    ///
    /// # Panics
    ///
    /// As [`bound`](Self::bound).
    pub fn loss(&self, levels: Tensor<4>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        Ok(mean(self, self.bound(levels, noise)?).neg())
    }

    /// The importance-weighted bound of `k` samples for each image, in nats, see
    /// [`importance_bound`](crate::variational::importance_bound). Each sample has its own dequantization, which is one more latent.
    ///
    /// See [`bound`](Self::bound) for an example.
    ///
    /// # Errors
    ///
    /// As [`bound`](Self::bound), and when the device cannot hand over the numbers.
    ///
    /// # Panics
    ///
    /// As [`bound`](Self::bound), and when `k` is 0.
    pub fn importance(
        &self,
        levels: Tensor<4>,
        k: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError> {
        importance(levels, k, |levels| self.bound(levels, noise))
    }

    /// The latents of images in the unit cube, `F(E(x))`: those of the posterior's middle for
    /// [`FvaeStyle::Scalar`](super::FvaeStyle::Scalar), which the noise of training is around.
    ///
    /// # Panics
    ///
    /// For images of another size.
    pub fn encode(&self, y: Tensor<4>) -> Latents {
        self.assert_images(&y);
        if y.dims()[0] == 0 {
            return no_rows(self.encode(one_row(y)));
        }
        map_by_chunks(self, &(), y, |model, y, ()| {
            model.posterior.flow.forward(model.middle(y), &()).0
        })
    }

    /// The images of latents, `G(F⁻¹(z))`, in the unit cube or a little outside it.
    pub fn decode(&self, z: Latents) -> Tensor<4> {
        if z.batch_size() == 0 {
            return no_rows(self.decode(one_row(z)));
        }
        map_by_chunks(self, &(), z, |model, z, ()| {
            let (h, _) = model.posterior.flow.inverse(z, &());
            uncentred(model.image(h))
        })
    }

    /// Images by way of their codes, `G(E(x))`, the flow and its noise left out.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_models::{FvaeConfig, ImageSize};
    ///
    /// let device = Device::default();
    /// let fvae = FvaeConfig::fvae_small(ImageSize::new([3, 16, 16])).init(&device);
    /// let y = Tensor::<4>::ones([2, 3, 16, 16], &device) * 0.5;
    /// // By way of the code, and by way of the latents of that code.
    /// let (direct, around) = (fvae.reconstruct(y.clone()), fvae.decode(fvae.encode(y)));
    /// assert!((direct - around).abs().max().into_scalar::<f32>() < 1e-3);
    /// ```
    ///
    /// # Panics
    ///
    /// For images of another size.
    pub fn reconstruct(&self, y: Tensor<4>) -> Tensor<4> {
        self.assert_images(&y);
        if y.dims()[0] == 0 {
            return y;
        }
        map_by_chunks(self, &(), y, |model, y, ()| {
            uncentred(model.image(model.middle(y)))
        })
    }

    /// The middle of the posterior's `h`, of images in the unit cube.
    fn middle(&self, y: Tensor<4>) -> Tensor<4> {
        let code = self.encoder.forward(centred(y));
        self.place.forward(code.zeros_like(), &code).0
    }

    /// `n` images at a temperature, which multiplies the width of the prior; without the noise `σ₂`
    /// around them.
    ///
    /// # Panics
    ///
    /// When `temperature` is negative or not finite.
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> Tensor<4> {
        let placement = Placement::of(self);
        let z = self
            .posterior
            .prior
            .sample(n, temperature, noise, &placement, &());
        self.decode(z)
    }

    /// Fits the actnorms of all networks to a batch of levels: once, before training.
    ///
    /// ```
    /// use burn::tensor::{DType, Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::{FvaeConfig, ImageSize};
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let fvae = FvaeConfig::fvae_small(ImageSize::new([1, 8, 8])).init(&device);
    /// let y: Tensor<4> = noise.uniform([4, 1, 8, 8], &device, DType::F32);
    /// let pixels = (y * 256.0).floor();
    /// // One image has no deviation.
    /// assert!(fvae.clone().initialize(pixels.clone().narrow(0, 0, 1), &mut noise).is_err());
    /// let fvae = fvae.initialize(pixels, &mut noise)?;
    /// assert!(fvae.warnings().is_empty());
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fewer than two images, or values that are no levels.
    ///
    /// # Panics
    ///
    /// For images of another size.
    pub fn initialize(mut self, levels: Tensor<4>, noise: &mut Noise) -> Result<Self, FlowError> {
        self.assert_images(&levels);
        let dequantize = self.dequantize();
        let (mut fitted, warnings) = fit(FvaeConfig::KIND, dequantize, &levels, || {
            let (y, _) = dequantize.apply(levels.clone(), noise)?;
            let x = centred(y);
            self.encoder = self.encoder.initialize(x.clone(), &())?;
            let code = self.encoder.valid().forward(x);
            let u = noise.normal(code.dims(), &code.device(), code.dtype());
            let (place, h) = self.place.initialize(u, &code)?;
            self.place = place;
            self.decoder = self.decoder.initialize(h.clone(), &())?;
            let (flow, _) = self.posterior.flow.initialize(h, &())?;
            self.posterior.flow = flow;
            Ok(self)
        })?;
        fitted.warnings = warnings;
        Ok(fitted)
    }

    /// `G(h)`.
    fn image(&self, h: Tensor<4>) -> Tensor<4> {
        let image = self.decoder.forward(h);
        match self.config.tanh {
            true => image.tanh(),
            false => image,
        }
    }
}

/// The unit cube as `[−1, 1]`.
fn centred(y: Tensor<4>) -> Tensor<4> {
    y.mul_scalar(2.0).sub_scalar(1.0)
}

/// The inverse of [`centred`].
fn uncentred(x: Tensor<4>) -> Tensor<4> {
    x.add_scalar(1.0).mul_scalar(0.5)
}
