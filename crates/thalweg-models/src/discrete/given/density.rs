//! Densities and latents under a condition.

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use thalweg_flow::points::{Points, log_probs};
use thalweg_flow::{Base, Bijection, Condition, FlowError, Noise, Reversible};

use super::GivenDiscrete;
use crate::discrete::DiscreteConfig;
use crate::door::{assert_condition, importance, mean, mean_of};

impl<'a, C, B, P, K, const D: usize> GivenDiscrete<'a, B, P, K, C, D>
where
    C: Condition,
    B: Bijection<C, Data = Tensor<D>, Latent = K::Latent>,
    P: Base<C, Latent = K::Latent>,
    K: DiscreteConfig<D, Bijection = B, Base = P>,
{
    /// `log p(y)` in nats, `[batch]`, of levels dequantized into the unit cube by uniform noise of
    /// one bin: a bound on the discrete log-probability, see [`units`](crate::DiscreteFlow::units).
    ///
    /// See [`GivenDiscrete`] for an example.
    ///
    /// # Errors
    ///
    /// A value that is no level, a label that is no class, a number of the condition that is not
    /// finite.
    ///
    /// # Panics
    ///
    /// For samples of another shape, and when the condition has neither one row nor one for each
    /// sample.
    pub fn log_prob(&self, levels: Tensor<D>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        let (x, log_det) = self
            .model
            .config()
            .rescale(self.dequantized(levels, noise)?);
        let log_prob = self.model.flow.given(self.context).log_prob(x);
        Ok(log_prob.add_scalar(log_det))
    }

    /// [`log_prob`](Self::log_prob) of any number of samples, in order, in f64 and in the memory of
    /// `batch` samples. The samples are a tensor, or lie in the host's memory.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::NiceConfig;
    ///
    /// let device = Device::default();
    /// let (nice, noise) = (NiceConfig::paper(2, 256).with_hidden(8).init(&device), &mut Noise::seeded(0));
    /// let levels = Tensor::<2>::from_floats([[0.0, 9.0], [0.0, 250.0], [0.5, 3.0]], &device);
    /// assert_eq!(nice.log_probs(&levels.clone().narrow(0, 0, 2), 64, noise)?.len(), 2);
    /// let error = nice.log_probs(&levels, 64, noise).unwrap_err(); // 0.5 is no level
    /// assert!(error.to_string().contains("row 2"));
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob), with the row among all samples; and rows of several lengths.
    ///
    /// # Panics
    ///
    /// As [`log_prob`](Self::log_prob), and when `batch` is 0.
    pub fn log_probs(
        &self,
        levels: &(impl Points<D> + ?Sized),
        batch: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError> {
        self.context.check(self.model.config().classes())?;
        let (model, count) = (self.model.valid(), levels.count());
        log_probs(levels, batch, &model.flow.placement(), |levels, range| {
            let context = self.context.part_of(range, count);
            model.given(&context).log_prob(levels, noise)
        })
    }

    /// Checks levels and condition.
    fn check(&self, levels: &Tensor<D>) -> Result<(), FlowError> {
        self.model.assert_samples(levels);
        self.assert_condition(levels.dims()[0]);
        self.context.check(self.model.config().classes())
    }

    /// Levels in the unit cube.
    fn dequantized(&self, levels: Tensor<D>, noise: &mut Noise) -> Result<Tensor<D>, FlowError> {
        self.check(&levels)?;
        Ok(self.model.dequantize().apply(levels, noise)?.0)
    }

    pub(crate) fn assert_condition(&self, samples: usize) {
        assert_condition(K::KIND, self.context, samples);
    }

    /// The importance-weighted bound of `k` draws of the dequantization's noise for each sample, in
    /// nats: closer to the discrete log-probability than [`log_prob`](Self::log_prob), the bound of
    /// one draw. See [`importance_bound`](crate::variational::importance_bound).
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::NiceConfig;
    ///
    /// let device = Device::default();
    /// let nice = NiceConfig::paper(2, 256).with_hidden(8).init(&device);
    /// let levels = Tensor::<2>::from_floats([[0.0, 250.0]], &device);
    /// let one = nice.importance(levels.clone(), 1, &mut Noise::seeded(0))?;
    /// let nats = nice.log_prob(levels, &mut Noise::seeded(0))?.into_scalar::<f64>();
    /// assert!((one[0] - nats).abs() < 1e-6);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob), and when the device cannot hand over the numbers.
    ///
    /// # Panics
    ///
    /// As [`log_prob`](Self::log_prob), and when `k` is 0.
    pub fn importance(
        &self,
        levels: Tensor<D>,
        k: usize,
        noise: &mut Noise,
    ) -> Result<Vec<f64>, FlowError> {
        importance(levels, k, |levels| self.log_prob(levels, noise))
    }

    /// The training loss, `[1]`: the mean of `−log p` over the batch, under the noise of the
    /// configuration; 0 for an empty batch.
    ///
    /// See [`GivenDiscrete`] for an example.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob).
    ///
    /// # Panics
    ///
    /// As [`log_prob`](Self::log_prob).
    pub fn loss(&self, levels: Tensor<D>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        self.check(&levels)?;
        let (x, log_det) = self.model.config().training_data(levels, noise)?;
        let log_prob = self.model.flow.given(self.context).log_prob(x);
        Ok(mean(self.model, log_prob.add_scalar(log_det)).neg())
    }

    /// The [`loss`](Self::loss) and its gradient, in memory that does not grow with the depth of the
    /// flow.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{Noise, Reversible};
    /// use thalweg_models::NiceConfig;
    ///
    /// let device = Device::default();
    /// let nice = NiceConfig::paper(2, 256).with_hidden(8).init(&device.clone().autodiff());
    /// let levels = Tensor::<2>::from_floats([[0.0, 9.0], [0.0, 250.0]], &device);
    /// let (noise, how) = (|| Noise::seeded(0), Reversible::new());
    /// let (loss, gradients) = nice.loss_and_gradients(levels.clone(), &mut noise(), &how)?;
    /// let expected = nice.loss(levels, &mut noise())?.into_scalar::<f32>();
    /// assert!((loss.into_scalar::<f32>() - expected).abs() < 1e-5);
    /// assert!(gradients.len() > 0);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob).
    ///
    /// # Panics
    ///
    /// As [`log_prob`](Self::log_prob), and as [`Flow::loss_and_gradients`](thalweg_flow::Flow::loss_and_gradients).
    pub fn loss_and_gradients(
        &self,
        levels: Tensor<D>,
        noise: &mut Noise,
        how: &Reversible,
    ) -> Result<(Tensor<1>, GradientsParams), FlowError> {
        self.check(&levels)?;
        let (x, log_det) = self.model.config().training_data(levels, noise)?;
        let loss = |log_prob: Tensor<1>| mean_of(log_prob.add_scalar(log_det)).neg();
        let flow = self.model.flow.given(self.context);
        Ok(flow.loss_and_gradients(x, how, loss))
    }

    /// The latents of data in the unit cube: of levels after
    /// [`Dequantize::apply`](thalweg_flow::Dequantize::apply).
    ///
    /// It does not round: an image that is saved with 8 bits and encoded again has other latents.
    ///
    /// See [`decode`](Self::decode) for an example.
    ///
    /// # Panics
    ///
    /// For samples of another shape, and when the condition has neither one row nor one for each
    /// sample.
    pub fn encode(&self, y: Tensor<D>) -> K::Latent {
        self.model.assert_samples(&y);
        self.assert_condition(y.dims()[0]);
        let (x, _) = self.model.config().rescale(y);
        self.model.flow.given(self.context).encode(x)
    }

    /// The latents of dequantized levels.
    ///
    /// See [`decode`](Self::decode) for an example.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob).
    ///
    /// # Panics
    ///
    /// As [`log_prob`](Self::log_prob).
    pub fn encode_levels(
        &self,
        levels: Tensor<D>,
        noise: &mut Noise,
    ) -> Result<K::Latent, FlowError> {
        Ok(self.encode(self.dequantized(levels, noise)?))
    }

    /// Data of latents, the exact inverse of [`encode`](Self::encode): in the unit cube, or a little
    /// outside it where the model is unsure.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::NiceConfig;
    ///
    /// let device = Device::default();
    /// let nice = NiceConfig::paper(2, 256).with_hidden(8).init(&device);
    /// let y = Tensor::<2>::from_floats([[0.1, 0.9]], &device);
    /// let back = nice.decode(nice.encode(y.clone()));
    /// assert!((back - y).abs().max().into_scalar::<f32>() < 1e-6);
    /// // Levels are found again, whatever the noise within their bins.
    /// let levels = Tensor::<2>::from_floats([[0.0, 250.0]], &device);
    /// let z = nice.encode_levels(levels.clone(), &mut Noise::seeded(0))?;
    /// assert_eq!(nice.quantize(nice.decode(z)).to_data(), levels.to_data());
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// When the latents belong to samples of another shape.
    pub fn decode(&self, z: K::Latent) -> Tensor<D> {
        self.model.config().assert_latents(&z);
        let x = self.model.flow.given(self.context).decode(z);
        self.model.config().unscale(x)
    }
}
