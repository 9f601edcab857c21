//! An image flow under a condition.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use thalweg_flow::points::{Points, log_probs, part_of};
use thalweg_flow::{Bijection, Condition, FlowError, Latents, Noise, Reversible};

use super::{ImageConfig, ImageFlow};
use crate::door::{assert_count, mean, mean_of};
use crate::variational::importance_bound;

/// An [`ImageFlow`] under a condition; see [`ImageFlow::given`].
#[derive(Debug)]
pub struct GivenImages<'a, B: Module + ModuleDisplay, K: ImageConfig<Bijection = B>, C> {
    pub(super) model: &'a ImageFlow<B, K>,
    pub(super) context: &'a C,
}

/// How far the two directions of a model are each other's inverse; see
/// [`GivenImages::round_trip`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoundTrip {
    /// The largest error of an image, by way of its latents.
    pub data: f64,
    /// The largest error of a latent, by way of its image.
    pub latents: f64,
}

impl<C, B, K> GivenImages<'_, B, K, C>
where
    C: Condition,
    B: Bijection<C, Data = Tensor<4>, Latent = Latents>,
    K: ImageConfig<Bijection = B>,
{
    /// `log p(y)` in nats, `[batch]`, of levels dequantized into the unit cube by uniform noise of
    /// one bin: a bound on the discrete log-probability, see [`ImageFlow::units`].
    ///
    /// # Errors
    ///
    /// A value that is no level, a label that is no class, a number of the condition that is not finite.
    ///
    /// # Panics
    ///
    /// For images of another size, and when the condition has neither one row nor one for each image.
    pub fn log_prob(&self, levels: Tensor<4>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        let y = self.dequantized(levels, noise)?;
        Ok(self.model.flow.given(self.context).log_prob(y))
    }

    /// [`log_prob`](Self::log_prob) of any number of images, in order, in f64 and in the memory of
    /// `batch` of them; [`ImageFlow::units`] makes bits a dimension of them.
    ///
    /// # Errors
    ///
    /// As there; the error names the row among all.
    ///
    /// # Panics
    ///
    /// As there, and when `batch` is 0.
    pub fn log_probs(
        &self,
        levels: &(impl Points<4> + ?Sized),
        batch: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError> {
        self.context.check(self.model.config.classes())?;
        let (model, count) = (self.model.valid(), levels.count());
        log_probs(levels, batch, &model.flow.placement(), |levels, range| {
            let context = part_of(self.context, range, count);
            model.given(&context).log_prob(levels, noise)
        })
    }

    /// Levels in the unit cube, once they and the condition are what the model takes.
    fn dequantized(&self, levels: Tensor<4>, noise: &mut Noise) -> Result<Tensor<4>, FlowError> {
        self.model.assert_images(&levels);
        self.assert_condition(levels.dims()[0]);
        self.context.check(self.model.config.classes())?;
        Ok(self.model.dequantize().apply(levels, noise)?.0)
    }

    fn assert_condition(&self, images: usize) {
        if let Some(rows) = self.context.rows() {
            assert_count(K::KIND, "the condition", rows, images, true);
        }
    }

    /// The importance-weighted bound of `k` draws of the dequantization's noise for each image, in
    /// nats: closer to the discrete log-probability than [`log_prob`](Self::log_prob), which is the
    /// bound of one. See [`importance_bound`].
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob), and when the device cannot hand over the numbers.
    ///
    /// # Panics
    ///
    /// As there, and when `k` is 0.
    pub fn importance(
        &self,
        levels: Tensor<4>,
        k: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError> {
        if levels.dims()[0] == 0 {
            return Ok(vec![]);
        }
        importance_bound(k, 1, |_| {
            let one = self.log_prob(levels.clone(), noise)?;
            Ok(one.unsqueeze_dim::<2>(0))
        })
    }

    /// What training minimizes: the mean of `−log p` over the batch, `[1]`; 0 for an empty one.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob).
    ///
    /// # Panics
    ///
    /// As there.
    pub fn loss(&self, levels: Tensor<4>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        Ok(mean(self.model, self.log_prob(levels, noise)?).neg())
    }

    /// The [`loss`](Self::loss) and its gradient, in memory that does not grow with the number of
    /// steps a scale.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob).
    ///
    /// # Panics
    ///
    /// As there, and as [`Flow::loss_and_gradients`](thalweg_flow::Flow::loss_and_gradients).
    pub fn loss_and_gradients(
        &self,
        levels: Tensor<4>,
        noise: &mut Noise,
        how: &Reversible,
    ) -> Result<(Tensor<1>, GradientsParams), FlowError> {
        let y = self.dequantized(levels, noise)?;
        let flow = self.model.flow.given(self.context);
        Ok(flow.loss_and_gradients(y, how, |log_prob| mean_of(log_prob).neg()))
    }

    /// Every latent of images in the unit cube: of levels, after
    /// [`Dequantize::apply`](thalweg_flow::Dequantize::apply).
    ///
    /// Rounding to pixels and back is not part of it: whoever saves 8 bits and encodes them again
    /// gets other latents, near the old ones or not.
    ///
    /// # Panics
    ///
    /// For images of another size, and when the condition has neither one row nor one for each image.
    pub fn encode(&self, y: Tensor<4>) -> Latents {
        self.model.assert_images(&y);
        self.assert_condition(y.dims()[0]);
        self.model.flow.given(self.context).encode(y)
    }

    /// Images of latents, the exact inverse of [`encode`](Self::encode): in the unit cube, or a
    /// little outside it where the model is unsure.
    ///
    /// # Panics
    ///
    /// When the latents are those of images of another size.
    pub fn decode(&self, z: Latents) -> Tensor<4> {
        self.model.flow.base.assert_latents(&z);
        self.model.flow.given(self.context).decode(z)
    }

    /// The largest errors of `y → z → y` and of `z → y → z` in absolute value: how far the model is
    /// invertible in the numbers of its dtype. Worth a look after training, and before anyone
    /// relies on latents.
    pub fn round_trip(&self, y: Tensor<4>, z: Latents) -> RoundTrip {
        let largest = |error: Tensor<1>| error.abs().max().into_scalar::<f64>();
        let data = self.decode(self.encode(y.clone())) - y;
        let latents = self.encode(self.decode(z.clone())).flatten() - z.flatten();
        RoundTrip {
            data: largest(data.flatten(0, 3)),
            latents: largest(latents.flatten(0, 1)),
        }
    }

    /// `n` images in the unit cube at one temperature, see [`thalweg_flow::Flow::sample`].
    ///
    /// # Panics
    ///
    /// When the condition has neither one row nor `n`, or a label is no class.
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> Tensor<4> {
        self.assert_condition(n);
        let flow = self.model.flow.given(self.context);
        flow.sample(n, temperature, noise)
    }

    /// `draws` images for each row of the condition, see
    /// [`thalweg_flow::Given::sample_each`].
    pub fn sample_each(&self, draws: usize, temperature: f64, noise: &mut Noise) -> Tensor<4> {
        let flow = self.model.flow.given(self.context);
        flow.sample_each(draws, temperature, noise)
    }

    /// `n` images in the unit cube with a temperature for each scale, finest first.
    ///
    /// # Panics
    ///
    /// Unless there is one temperature a scale, each finite and not negative.
    pub fn sample_scales(&self, n: usize, temperatures: &[f64], noise: &mut Noise) -> Tensor<4> {
        self.assert_condition(n);
        self.decode(self.model.latents(n, temperatures, noise))
    }
}
