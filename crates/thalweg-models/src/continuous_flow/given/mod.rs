//! A continuous flow under a condition.

mod density;
mod samples;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::bulk::{Work, by_chunks};
use thalweg_flow::{Bijection, Continuous, FlowError, Integration, VectorField};
use thalweg_kernels::Direction;

pub use self::density::Evaluated;
use super::{ContinuousFlowBijection, FieldConfig, FieldFlow};
use crate::door::assert_condition;

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

impl<F: VectorField<K::Context>, K: FieldConfig<Field = F>> GivenField<'_, F, K> {
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

    fn assert_rows(&self, what: &str, x: &Tensor<2>) {
        self.model.assert_rows(what, x);
        self.assert_condition(x.dims()[0]);
    }

    fn assert_condition(&self, samples: usize) {
        self.model.config().assert_context(self.context);
        assert_condition(K::KIND, self.context, samples);
    }
}
