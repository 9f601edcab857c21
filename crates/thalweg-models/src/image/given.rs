//! An image flow under a condition.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::{Tensor, TensorReadError};
use thalweg_flow::{Bijection, Latents, Noise, Reversible};

use super::{ImageConfig, ImageFlow};
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
    B: Bijection<C, Data = Tensor<4>, Latent = Latents>,
    K: ImageConfig<Bijection = B>,
{
    /// `log p(y)` in nats, `[batch]`, of levels dequantized into the unit cube by uniform noise of
    /// one bin: a bound on the discrete log-probability, see [`ImageFlow::units`].
    pub fn log_prob(&self, levels: Tensor<4>, noise: &mut Noise) -> Tensor<1> {
        let (y, _) = self.model.dequantize().apply(levels, noise);
        self.model.flow.given(self.context).log_prob(y)
    }

    /// The importance-weighted bound of `k` draws of the dequantization's noise for each image, in
    /// nats: closer to the discrete log-probability than [`log_prob`](Self::log_prob), which is the
    /// bound of one. See [`importance_bound`].
    ///
    /// # Errors
    ///
    /// When the device cannot hand over the numbers.
    ///
    /// # Panics
    ///
    /// When `k` is 0.
    pub fn importance(
        &self,
        levels: Tensor<4>,
        k: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, TensorReadError> {
        importance_bound(k, 1, |_| {
            self.log_prob(levels.clone(), noise).unsqueeze_dim::<2>(0)
        })
    }

    /// What training minimizes: the mean of `−log p` over the batch, `[1]`.
    pub fn loss(&self, levels: Tensor<4>, noise: &mut Noise) -> Tensor<1> {
        self.log_prob(levels, noise).mean().neg()
    }

    /// The [`loss`](Self::loss) and its gradient, in memory that does not grow with the number of
    /// steps a scale.
    ///
    /// # Panics
    ///
    /// As [`Flow::loss_and_gradients`](thalweg_flow::Flow::loss_and_gradients).
    pub fn loss_and_gradients(
        &self,
        levels: Tensor<4>,
        noise: &mut Noise,
        how: &Reversible,
    ) -> (Tensor<1>, GradientsParams) {
        let (y, _) = self.model.dequantize().apply(levels, noise);
        let flow = self.model.flow.given(self.context);
        flow.loss_and_gradients(y, how, |log_prob| log_prob.mean().neg())
    }

    /// Every latent of images in the unit cube: of levels, after
    /// [`Dequantize::apply`](thalweg_flow::Dequantize::apply).
    ///
    /// Rounding to pixels and back is not part of it: whoever saves 8 bits and encodes them again
    /// gets other latents, near the old ones or not.
    pub fn encode(&self, y: Tensor<4>) -> Latents {
        self.model.flow.given(self.context).encode(y)
    }

    /// Images of latents, the exact inverse of [`encode`](Self::encode): in the unit cube, or a
    /// little outside it where the model is unsure.
    pub fn decode(&self, z: Latents) -> Tensor<4> {
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
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> Tensor<4> {
        let flow = self.model.flow.given(self.context);
        flow.sample(n, temperature, noise)
    }

    /// `n` images in the unit cube with a temperature for each scale, finest first.
    ///
    /// # Panics
    ///
    /// Unless there is one temperature a scale, each finite and not negative.
    pub fn sample_scales(&self, n: usize, temperatures: &[f64], noise: &mut Noise) -> Tensor<4> {
        self.decode(self.model.latents(n, temperatures, noise))
    }
}
