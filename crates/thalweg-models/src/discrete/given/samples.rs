//! Samples under a condition.

use burn::tensor::Tensor;
use thalweg_flow::{Base, Bijection, Condition, Noise};

use super::GivenDiscrete;
use crate::discrete::DiscreteConfig;

impl<'a, C, B, P, K, const D: usize> GivenDiscrete<'a, B, P, K, C, D>
where
    C: Condition,
    B: Bijection<C, Data = Tensor<D>, Latent = K::Latent>,
    P: Base<C, Latent = K::Latent>,
    K: DiscreteConfig<D, Bijection = B, Base = P>,
{
    /// `n` samples in the unit cube at one temperature, see [`thalweg_flow::Flow::sample`].
    ///
    /// # Panics
    ///
    /// When the condition has neither one row nor `n`, or a label is no class.
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> Tensor<D> {
        self.assert_condition(n);
        let flow = self.model.flow.given(self.context);
        let x = flow.sample(n, temperature, noise);
        self.model.config().unscale(x)
    }

    /// `n` samples in the unit cube and their log-density there, in nats; see
    /// [`Flow::sample_with_log_prob`](thalweg_flow::Flow::sample_with_log_prob).
    ///
    /// See [`sample_with_drawn_log_prob`](Self::sample_with_drawn_log_prob) for an example.
    ///
    /// # Panics
    ///
    /// As [`sample`](Self::sample).
    pub fn sample_with_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> (Tensor<D>, Tensor<1>) {
        let y = self.sample(n, temperature, noise);
        let (x, log_det) = self.model.config().rescale(y.clone());
        let log_prob = self.model.flow.given(self.context).log_prob(x);
        (y, log_prob.add_scalar(log_det))
    }

    /// `n` samples in the unit cube and the log-density of their draw, in nats and in one pass; see
    /// [`Flow::sample_with_drawn_log_prob`](thalweg_flow::Flow::sample_with_drawn_log_prob).
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::Noise;
    /// use thalweg_models::NiceConfig;
    ///
    /// let nice = NiceConfig::paper(2, 256).with_hidden(8).init(&Device::default());
    /// let (x, nats) = nice.sample_with_log_prob(5, 1.0, &mut Noise::seeded(0));
    /// let (y, drawn) = nice.sample_with_drawn_log_prob(5, 1.0, &mut Noise::seeded(0));
    /// assert!((y - x).abs().max().into_scalar::<f32>() < 1e-6);
    /// assert!((drawn - nats).abs().max().into_scalar::<f32>() < 1e-4);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`sample`](Self::sample).
    pub fn sample_with_drawn_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> (Tensor<D>, Tensor<1>) {
        self.assert_condition(n);
        let flow = self.model.flow.given(self.context);
        let (x, log_prob) = flow.sample_with_drawn_log_prob(n, temperature, noise);
        let config = self.model.config();
        let y = config.unscale(x);
        let (_, log_det) = config.rescale(y.clone());
        (y, log_prob.add_scalar(log_det))
    }

    /// Samples that are too many for the memory together, see [`thalweg_flow::Given::sample_chunks`].
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::NiceConfig;
    ///
    /// let nice = NiceConfig::paper(2, 256).with_hidden(8).init(&Device::default());
    /// let pieces: Vec<Tensor<2>> = nice.sample_chunks(5, 1.0, &mut Noise::seeded(0)).collect();
    /// let all = nice.sample(5, 1.0, &mut Noise::seeded(0));
    /// assert!((Tensor::cat(pieces, 0) - all).abs().max().into_scalar::<f32>() < 1e-6);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`sample`](Self::sample).
    pub fn sample_chunks<'n>(
        &self,
        n: usize,
        temperature: f64,
        noise: &'n mut Noise,
    ) -> impl Iterator<Item = Tensor<D>> + use<'a, 'n, C, B, P, K, D> {
        self.assert_condition(n);
        let model = self.model;
        let flow = model.flow.given(self.context);
        let pieces = flow.sample_chunks(n, temperature, noise);
        pieces.map(|x| model.config().unscale(x))
    }

    /// `draws` samples for each row of the condition, see [`thalweg_flow::Given::sample_each`].
    ///
    /// ```
    /// use burn::tensor::{Device, Int, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::{ConditionalGlowConfig, GlowConfig, ImageSize};
    ///
    /// let device = Device::default();
    /// let glow = GlowConfig::openai(ImageSize::new([1, 4, 4]));
    /// let glow = glow.with_scales(1).with_depth(1).with_hidden(4);
    /// let model = ConditionalGlowConfig::new(glow, 10).init(&device);
    /// let digits = Tensor::<1, Int>::from_ints([7, 1], &device);
    /// let each = model.given(&digits).sample_each(2, 0.7, &mut Noise::seeded(0));
    /// let repeated = Tensor::<1, Int>::from_ints([7, 7, 1, 1], &device);
    /// let all = model.given(&repeated).sample(4, 0.7, &mut Noise::seeded(0));
    /// assert!((each - all).abs().max().into_scalar::<f32>() < 1e-6);
    /// ```
    ///
    /// # Panics
    ///
    /// When a label is no class.
    pub fn sample_each(&self, draws: usize, temperature: f64, noise: &mut Noise) -> Tensor<D> {
        let flow = self.model.flow.given(self.context);
        let x = flow.sample_each(draws, temperature, noise);
        self.model.config().unscale(x)
    }
}
