//! Densities of a continuous flow under a condition, and the losses that train it.

use std::sync::{Mutex, PoisonError};

use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::Tensor;
use thalweg_flow::bulk::{Work, by_chunks};
use thalweg_flow::points::{Points, log_probs};
use thalweg_flow::{
    Base, Bijection, Condition, FlowError, Integration, IntegrationReport, Noise, Regularized,
    Reversible, VectorField,
};

use super::super::{ContinuousObjective, FieldConfig};
use super::GivenField;
use crate::door::{mean, mean_of, weighted_mean};

/// Log-densities, and the cost of their integration.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Integration, Scheme};
/// use thalweg_models::ContinuousFlowConfig;
/// use thalweg_models::continuous_flow::Evaluated;
///
/// let device = Device::default();
/// let flow = ContinuousFlowConfig::flow_matching(2).init(&device);
/// let x = Tensor::<2>::zeros([3, 2], &device);
/// let euler = Integration::fixed(Scheme::Euler, 4);
/// let Evaluated { log_prob, report } = flow.evaluate_with(x.clone(), euler)?;
/// assert_eq!((report.evaluations, report.rejected), (4, 0));
/// // The untrained field is zero, so that any steps give the standard normal density.
/// for nats in [log_prob, flow.evaluate(x.clone())?.log_prob, flow.log_prob(x)?] {
///     assert!((nats + std::f32::consts::TAU.ln()).abs().max().into_scalar::<f32>() < 1e-5);
/// }
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// `log p(x)` in nats, `[batch]`.
    pub log_prob: Tensor<1>,
    /// Evaluations of the field, and accepted and rejected steps; the most of a chunk.
    pub report: IntegrationReport,
}
impl<F: VectorField<K::Context>, K: FieldConfig<Field = F>> GivenField<'_, F, K> {
    /// `log p(x)` in nats, `[batch]`, within the tolerance of the configuration.
    ///
    /// See [`Evaluated`] for an example.
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`].
    pub fn log_prob(&self, x: Tensor<2>) -> Result<Tensor<1>, FlowError> {
        Ok(self.evaluate(x)?.log_prob)
    }

    /// [`log_prob`](Self::log_prob), and its cost.
    ///
    /// See [`Evaluated`] for an example.
    ///
    /// # Errors
    ///
    /// [`FlowError::Integration`].
    pub fn evaluate(&self, x: Tensor<2>) -> Result<Evaluated, FlowError> {
        self.evaluate_with(x, self.model.config().settings().integration)
    }

    /// [`evaluate`](Self::evaluate) by another integration.
    ///
    /// See [`Evaluated`] for an example.
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
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_models::ContinuousFlowConfig;
    ///
    /// let flow = ContinuousFlowConfig::flow_matching(2).init(&Device::default());
    /// let rows = vec![[0.0, 0.0], [f64::NAN, 0.0]];
    /// // The untrained model is a standard normal density.
    /// let nats = flow.log_probs(&rows[..1], 64)?;
    /// assert!((nats[0] + std::f64::consts::TAU.ln()).abs() < 1e-5);
    /// let error = flow.log_probs(&rows, 64).unwrap_err();
    /// assert!(error.to_string().starts_with("row 1, feature 0 is NaN"));
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
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
    /// See [`loss_weighted`](Self::loss_weighted) for an example.
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
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::{ContinuousFlowConfig, ContinuousObjective};
    ///
    /// let device = Device::default();
    /// let objective = ContinuousObjective::Likelihood { kinetic: 0.0, jacobian: 0.0 };
    /// let flow = ContinuousFlowConfig::new(2, objective).with_hidden(vec![8]).init(&device);
    /// let x = Tensor::<2>::from_floats([[0.5, 1.0], [9.0, 9.0]], &device);
    /// // The second row does not count.
    /// let (weights, noise) = (Tensor::from_floats([2.0, 0.0], &device), &mut Noise::seeded(0));
    /// let weighted = flow.loss_weighted(x.clone(), weights, noise)?;
    /// let first = flow.loss(x.narrow(0, 0, 1), noise)?;
    /// assert!((weighted - first).abs().into_scalar::<f32>() < 1e-5);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
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

    /// The mean of `−ln p(x)`, without energies, and its gradient, in memory that does not grow with
    /// the steps of the integration: each step is taken again on a tape of its own.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Reversible;
    /// use thalweg_models::ContinuousFlowConfig;
    ///
    /// let device = Device::default();
    /// let config = ContinuousFlowConfig::ffjord(2).with_hidden(vec![8]);
    /// let flow = config.init(&device.clone().autodiff());
    /// let x = Tensor::<2>::ones([5, 2], &device);
    /// let (loss, gradients) = flow.loss_and_gradients(x.clone(), &Reversible::new());
    /// // Those of the weights and biases of two layers.
    /// assert_eq!(gradients.len(), 4);
    /// let nats = flow.log_prob(x)?.mean().into_scalar::<f32>();
    /// assert!((loss.into_scalar::<f32>() + nats).abs() < 1e-5);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
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
}
