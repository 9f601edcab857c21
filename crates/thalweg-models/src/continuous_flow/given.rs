//! A continuous flow under a condition.

use std::sync::{Mutex, PoisonError};

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use thalweg_flow::bulk::{Work, by_chunks, pieces};
use thalweg_flow::points::{Points, log_probs};
use thalweg_flow::{
    Base, Bijection, Condition, Continuous, FlowError, Integration, IntegrationReport, Noise,
    Regularized, Reversible, VectorField,
};
use thalweg_kernels::Direction;

use super::{ContinuousFlowBijection, ContinuousObjective, FieldConfig, FieldFlow};
use crate::door::{assert_condition, mean, mean_of, weighted_mean};

/// A [`FieldFlow`] under a condition; see [`FieldFlow::given`].
///
/// Large batches are integrated [by chunks](thalweg_flow::bulk). With adaptive steps, each chunk has its own,
/// so a row depends on the others of its chunk, within the tolerance.
///
/// See [`ConditionalContinuousFlow`](super::ConditionalContinuousFlow) for an example.
///
/// # Errors
///
/// Every method that integrates returns [`FlowError::Integration`] where the field is stiff or
/// explodes: with the time reached, the step and the evaluations.
///
/// # Panics
///
/// Every method panics for another number of features, when the condition has other numbers a row
/// than the model takes, and when it has neither one row nor one for each sample.
#[derive(Debug)]
pub struct GivenField<'a, F: Module + ModuleDisplay, K: FieldConfig<Field = F>> {
    pub(super) model: &'a FieldFlow<F, K>,
    pub(super) context: &'a K::Context,
}

/// Log-densities, and the cost of their integration.
///
/// See [`ContinuousFlow`](super::ContinuousFlow) for an example.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// `log p(x)` in nats, `[batch]`.
    pub log_prob: Tensor<1>,
    /// Evaluations of the field, and accepted and rejected steps; the most of a chunk.
    pub report: IntegrationReport,
}

impl<'a, F: VectorField<K::Context>, K: FieldConfig<Field = F>> GivenField<'a, F, K> {
    /// `log p(x)` in nats, `[batch]`, within the tolerance of the configuration.
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`].
    pub fn log_prob(&self, x: Tensor<2>) -> Result<Tensor<1>, FlowError> {
        Ok(self.evaluate(x)?.log_prob)
    }

    /// [`log_prob`](Self::log_prob), and its cost.
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`].
    pub fn evaluate(&self, x: Tensor<2>) -> Result<Evaluated, FlowError> {
        self.evaluate_with(x, self.model.config().settings().integration)
    }

    /// [`evaluate`](Self::evaluate) by another integration.
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`], and [`FlowError::IntegrationSetting`] for settings that no run can
    /// have.
    pub fn evaluate_with(
        &self,
        x: Tensor<2>,
        integration: Integration,
    ) -> Result<Evaluated, FlowError> {
        integration.check()?;
        self.assert_rows("takes rows", &x);
        let most = Mutex::new(IntegrationReport::default());
        let work = Work::Chains {
            copies: self.continuous().directions(),
        };
        let log_prob = by_chunks(self.model, self.context, x, work, |model, x, context| {
            let flow = &model.flow;
            let (x, log_scale) = flow.bijection.standardize.forward(x, &());
            let continuous = flow.bijection.continuous.clone();
            let found = continuous
                .with_integration(integration)
                .try_forward(x, context)?;
            let mut most = most.lock().unwrap_or_else(PoisonError::into_inner);
            *most = most.most(found.report);
            let log_base = flow.base.log_prob(found.value, context);
            Ok::<_, FlowError>(log_base + found.log_det + log_scale)
        })?;
        Ok(Evaluated {
            log_prob,
            report: most.into_inner().unwrap_or_else(PoisonError::into_inner),
        })
    }

    /// [`log_prob`](Self::log_prob) of any number of rows, in order, in f64 and in the memory of
    /// `batch` rows. The rows are a tensor, or lie in the host's memory.
    ///
    /// With adaptive steps a density depends on the others of its batch within the tolerance.
    ///
    /// # Errors
    ///
    /// A number that is not finite, named by its row, rows of several lengths, and
    /// [`FlowError::Integration`].
    ///
    /// # Panics
    ///
    /// When `batch` is 0, and as the other methods.
    pub fn log_probs(
        &self,
        rows: &(impl Points<2> + ?Sized),
        batch: usize,
    ) -> Result<Vec<f64>, FlowError> {
        self.context.check(None)?;
        let (plain, count) = (self.model.valid(), rows.count());
        log_probs(rows, batch, &plain.flow.placement(), |x, range| {
            x.check(None)?;
            let context = self.context.part_of(range, count);
            plain.given(&context).log_prob(x)
        })
    }

    /// The training loss of the configuration, `[1]`, a mean over the batch; 0 for an empty batch.
    /// See [`ContinuousObjective`].
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`], for maximum likelihood.
    pub fn loss(&self, x: Tensor<2>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        Ok(mean(self.model, self.losses(x, noise)?))
    }

    /// The [`loss`](Self::loss) of rows that count with weights from 0 on, `[batch]`: the weighted mean; 0 where
    /// no row counts.
    ///
    /// # Errors
    ///
    /// As [`loss`](Self::loss).
    ///
    /// # Panics
    ///
    /// For another number of weights than rows, and as the other methods.
    pub fn loss_weighted(
        &self,
        x: Tensor<2>,
        weights: Tensor<1>,
        noise: &mut Noise,
    ) -> Result<Tensor<1>, FlowError> {
        Ok(weighted_mean(self.model, self.losses(x, noise)?, weights))
    }

    /// The training loss of each row, `[batch]`.
    fn losses(&self, x: Tensor<2>, noise: &mut Noise) -> Result<Tensor<1>, FlowError> {
        Ok(match self.model.config().settings().objective {
            ContinuousObjective::FlowMatching(matching) => {
                let (x, _) = self.standardized(x);
                matching.losses(&self.continuous().field, x, self.context, noise)
            }
            ContinuousObjective::Likelihood { kinetic, jacobian } => match (kinetic, jacobian) {
                (0.0, 0.0) => self.log_prob(x)?.neg(),
                weights => self.regularized(x, weights, noise)?,
            },
        })
    }

    /// `−ln p` with weighted energies, a row each.
    fn regularized(
        &self,
        x: Tensor<2>,
        (kinetic, jacobian): (f64, f64),
        noise: &mut Noise,
    ) -> Result<Tensor<1>, FlowError> {
        let (x, log_scale) = self.standardized(x);
        let found = self.continuous().regularized(x, self.context, noise)?;
        let Regularized { value, log_det, .. } = found;
        let log_base = self.model.flow.base.log_prob(value, self.context);
        let energies = found.kinetic.mul_scalar(kinetic) + found.jacobian.mul_scalar(jacobian);
        Ok(energies - log_base - log_det - log_scale)
    }

    /// The mean of `−ln p(x)`, without energies, and its gradient, in memory that does not grow with
    /// the steps of the integration: each step is taken again on a tape of its own.
    ///
    /// # Panics
    ///
    /// Where [`log_prob`](Self::log_prob) returns an error, as
    /// [`Flow::loss_and_gradients`](thalweg_flow::Flow::loss_and_gradients), and as the other methods.
    pub fn loss_and_gradients(
        &self,
        x: Tensor<2>,
        how: &Reversible,
    ) -> (Tensor<1>, GradientsParams) {
        self.assert_rows("takes rows", &x);
        let flow = self.model.flow.given(self.context);
        flow.loss_and_gradients(x, how, |log_prob| mean_of(log_prob).neg())
    }

    /// The latents of data.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_models::ContinuousFlowConfig;
    ///
    /// let device = Device::default();
    /// let flow = ContinuousFlowConfig::flow_matching(2).init(&device);
    /// let x = Tensor::<2>::ones([3, 2], &device);
    /// let back = flow.decode(flow.encode(x.clone())?)?;
    /// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-3);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`].
    pub fn encode(&self, x: Tensor<2>) -> Result<Tensor<2>, FlowError> {
        self.assert_rows("takes rows", &x);
        self.transported(self.continuous().integration(), Direction::Forward, x)
    }

    /// The data of latents, by the integration of [`encode`](Self::encode), whose inverse it is
    /// within the tolerance.
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`].
    pub fn decode(&self, z: Tensor<2>) -> Result<Tensor<2>, FlowError> {
        self.assert_rows("takes latents", &z);
        self.transported(self.continuous().integration(), Direction::Inverse, z)
    }

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

    /// The velocity `dx/dt` at a time from 0, noise, to 1, data, at points in the units of the data:
    /// for pictures of the field.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_models::ContinuousFlowConfig;
    ///
    /// let device = Device::default();
    /// let data = Tensor::<2>::from_floats([[1.0, 5.0], [3.0, 9.0]], &device);
    /// let flow = ContinuousFlowConfig::flow_matching(2).init(&device).initialize(&data)?;
    /// // The untrained field is zero.
    /// let velocity: Vec<f32> = flow.velocity(0.5, data).into_data().iter().collect();
    /// assert_eq!(velocity, [0.0; 4]);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    pub fn velocity(&self, time: f64, x: Tensor<2>) -> Tensor<2> {
        let (x, _) = self.standardized(x);
        let time = Tensor::<2>::full([1, 1], time, (&x.device(), x.dtype()));
        let field = &self.continuous().field;
        let velocity = field.velocity(time, x, self.context);
        let origin = velocity.zeros_like();
        self.as_given(velocity) - self.as_given(origin)
    }

    fn continuous(&self) -> &Continuous<F> {
        &self.model.flow.bijection.continuous
    }

    /// Data as the field sees them, and the log-determinant of that map.
    fn standardized(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<1>) {
        self.assert_rows("takes rows", &x);
        self.model.flow.bijection.standardize.forward(x, &())
    }

    /// The inverse of [`standardized`](Self::standardized).
    fn as_given(&self, x: Tensor<2>) -> Tensor<2> {
        self.model.flow.bijection.standardize.inverse(x, &()).0
    }

    /// The latents of data, or the data of latents.
    fn transported(
        &self,
        integration: Integration,
        direction: Direction,
        x: Tensor<2>,
    ) -> Result<Tensor<2>, FlowError> {
        by_chunks(
            self.model,
            self.context,
            x,
            Work::Fused,
            |model, x, context| {
                let ContinuousFlowBijection {
                    standardize,
                    continuous,
                } = &model.flow.bijection;
                let continuous = continuous.clone().with_integration(integration);
                let transport = |x| continuous.try_transport(direction, x, context);
                Ok(match direction {
                    Direction::Forward => transport(standardize.forward(x, &()).0)?.0,
                    Direction::Inverse => standardize.inverse(transport(x)?.0, &()).0,
                })
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

    fn assert_rows(&self, what: &str, x: &Tensor<2>) {
        self.model.assert_rows(what, x);
        self.assert_condition(x.dims()[0]);
    }

    fn assert_condition(&self, samples: usize) {
        self.model.config().assert_context(self.context);
        assert_condition(K::KIND, self.context, samples);
    }
}
