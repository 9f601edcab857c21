//! Samples of a continuous flow under a condition.

use burn::tensor::Tensor;
use thalweg_flow::bulk::{Work, by_chunks, pieces};
use thalweg_flow::{Base, Bijection, Condition, FlowError, Integration, Noise, VectorField};
use thalweg_kernels::Direction;

use super::super::FieldConfig;
use super::GivenField;
impl<'a, F: VectorField<K::Context>, K: FieldConfig<Field = F>> GivenField<'a, F, K> {
    /// `n` samples, see [`Flow::sample`](thalweg_flow::Flow::sample), by the configuration's
    /// integration of samples.
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`].
    pub fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> Result<Tensor<2>, FlowError> {
        let integration = self.model.config().settings().sampling;
        self.sample_with(n, integration, temperature, noise)
    }

    /// `n` samples and their [`log_prob`](Self::log_prob): an integration of samples, and one of densities.
    ///
    /// See [`sample_with_drawn_log_prob`](Self::sample_with_drawn_log_prob) for an example.
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`].
    pub fn sample_with_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> Result<(Tensor<2>, Tensor<1>), FlowError> {
        let x = self.sample(n, temperature, noise)?;
        let log_prob = self.log_prob(x.clone())?;
        Ok((x, log_prob))
    }

    /// `n` samples and the log-density of their draw, both by one integration, that of densities: the samples are
    /// the [`decode`](Self::decode)d latents of [`sample`](Self::sample), and their density that of
    /// [`log_prob`](Self::log_prob) within the tolerance.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::Noise;
    /// use thalweg_models::ContinuousFlowConfig;
    ///
    /// let flow = ContinuousFlowConfig::flow_matching(2).init(&Device::default());
    /// let (x, nats) = flow.sample_with_log_prob(5, 1.0, &mut Noise::seeded(0))?;
    /// let (y, drawn) = flow.sample_with_drawn_log_prob(5, 1.0, &mut Noise::seeded(0))?;
    /// assert!((y - x).abs().max().into_scalar::<f32>() < 1e-3);
    /// assert!((drawn - nats).abs().max().into_scalar::<f32>() < 1e-3);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`].
    pub fn sample_with_drawn_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> Result<(Tensor<2>, Tensor<1>), FlowError> {
        let z = self.latents(n, temperature, noise);
        let work = Work::Chains {
            copies: self.continuous().directions(),
        };
        by_chunks(self.model, self.context, z, work, |model, z, context| {
            let flow = &model.flow;
            let log_base = flow.base.log_prob(z.clone(), context);
            let found = flow.bijection.continuous.try_inverse(z, context)?;
            let (x, log_scale) = flow.bijection.standardize.inverse(found.value, &());
            Ok((x, log_base - found.log_det - log_scale))
        })
    }

    /// [`sample`](Self::sample) for samples that are too many for the memory together: in
    /// [pieces](thalweg_flow::bulk::pieces), each drawn when the iterator is asked for it. Together they are the
    /// samples of `sample` from the same noise, within the tolerance.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::ContinuousFlowConfig;
    ///
    /// let flow = ContinuousFlowConfig::flow_matching(2).init(&Device::default());
    /// let mut noise = Noise::seeded(0);
    /// let pieces = flow.sample_chunks(5, 1.0, &mut noise).collect::<Result<Vec<_>, _>>()?;
    /// let all = flow.sample(5, 1.0, &mut Noise::seeded(0))?;
    /// assert!((Tensor::cat(pieces, 0) - all).abs().max().into_scalar::<f32>() < 1e-3);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// That of [`sample`](Self::sample), in the place of a piece.
    ///
    /// # Panics
    ///
    /// When the condition has neither one row nor `n`.
    pub fn sample_chunks<'n>(
        &self,
        n: usize,
        temperature: f64,
        noise: &'n mut Noise,
    ) -> impl Iterator<Item = Result<Tensor<2>, FlowError>> + use<'a, 'n, F, K> {
        self.assert_condition(n);
        let Self { model, context } = *self;
        pieces(n, model.config().features()).map(move |range| {
            let context = context.part_of(range.clone(), n);
            model
                .given(&context)
                .sample(range.len(), temperature, noise)
        })
    }

    /// `n` samples by another integration, such as 1, 2, 4 or 8 steps of Euler's method, from the
    /// same noise.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::{Integration, Noise, Scheme};
    /// use thalweg_models::ContinuousFlowConfig;
    ///
    /// let flow = ContinuousFlowConfig::flow_matching(2).init(&Device::default());
    /// // The untrained field is zero, so that one step is exact.
    /// let one = Integration::fixed(Scheme::Euler, 1);
    /// let fast = flow.sample_with(5, one, 1.0, &mut Noise::seeded(0))?;
    /// let exact = flow.sample(5, 1.0, &mut Noise::seeded(0))?;
    /// assert!((fast - exact).abs().max().into_scalar::<f32>() < 1e-5);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`], and [`FlowError::IntegrationSetting`] for settings that no run can
    /// have.
    pub fn sample_with(
        &self,
        n: usize,
        integration: Integration,
        temperature: f64,
        noise: &mut Noise,
    ) -> Result<Tensor<2>, FlowError> {
        integration.check()?;
        let z = self.latents(n, temperature, noise);
        self.transported(integration, Direction::Inverse, z)
    }

    /// `draws` samples for each row of the condition: those of row `i` are
    /// `i · draws .. (i + 1) · draws`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::ContinuousFlowConfig;
    /// use thalweg_models::continuous_flow::GivenField;
    ///
    /// let device = Device::default();
    /// let flow = ContinuousFlowConfig::flow_matching(2).with_context(1).init(&device);
    /// let conditions = Tensor::<2>::from_floats([[0.0], [1.0]], &device);
    /// let given: GivenField<_, _> = flow.given(&conditions);
    /// let each = given.sample_each(2, 1.0, &mut Noise::seeded(0))?;
    /// let repeated = Tensor::<2>::from_floats([[0.0], [0.0], [1.0], [1.0]], &device);
    /// let all = flow.given(&repeated).sample(4, 1.0, &mut Noise::seeded(0))?;
    /// assert!((each - all).abs().max().into_scalar::<f32>() < 1e-5);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`].
    pub fn sample_each(
        &self,
        draws: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> Result<Tensor<2>, FlowError> {
        let context = self.context.repeat_each(draws);
        let n = self.context.rows().unwrap_or(1) * draws;
        self.model.given(&context).sample(n, temperature, noise)
    }

    /// The ways of `n` samples from noise to data: a batch for each of `times`, which ascend within
    /// `[0, 1]`, in the units of the data. Time 1 has the samples of [`sample`](Self::sample) from
    /// the same noise, within the tolerance.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::Noise;
    /// use thalweg_models::ContinuousFlowConfig;
    ///
    /// let flow = ContinuousFlowConfig::flow_matching(2).init(&Device::default());
    /// let way = flow.path(5, &[0.0, 0.5, 1.0], 1.0, &mut Noise::seeded(0))?;
    /// let end = flow.sample(5, 1.0, &mut Noise::seeded(0))?;
    /// assert_eq!((way.len(), way[1].dims()), (3, [5, 2]));
    /// assert!((way[2].clone() - end).abs().max().into_scalar::<f32>() < 1e-3);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`], and [`FlowError::IntegrationSetting`] for other times.
    pub fn path(
        &self,
        n: usize,
        times: &[f64],
        temperature: f64,
        noise: &mut Noise,
    ) -> Result<Vec<Tensor<2>>, FlowError> {
        let z = self.latents(n, temperature, noise);
        let sampling = self.model.config().settings().sampling;
        by_chunks(
            self.model,
            self.context,
            z,
            Work::Fused,
            |model, z, context| {
                let bijection = &model.flow.bijection;
                let continuous = bijection.continuous.clone().with_integration(sampling);
                let way = continuous.try_trajectory(Direction::Inverse, z, times, context)?;
                let as_given = |x| bijection.standardize.inverse(x, &()).0;
                Ok(way.into_iter().map(as_given).collect())
            },
        )
    }

    /// Latents at a temperature.
    fn latents(&self, n: usize, temperature: f64, noise: &mut Noise) -> Tensor<2> {
        self.assert_condition(n);
        assert!(
            temperature >= 0.0 && temperature.is_finite(),
            "a temperature is a finite number from 0 on, got {temperature}"
        );
        let flow = &self.model.flow;
        let placement = flow.placement();
        match n {
            0 => {
                let shape = [0, self.model.config().features()];
                Tensor::zeros(shape, (&placement.device, placement.dtype))
            }
            _ => flow
                .base
                .sample(n, temperature, noise, &placement, self.context),
        }
    }
}
