//! Continuous flows on vectors.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::base::StandardNormal;
use thalweg_flow::compiled::CompiledContext;
use thalweg_flow::{CompiledFlow, Continuous, Flow, FlowError, Lower, VectorField};
use thalweg_models::continuous_flow::{ContinuousFlowBijection, FieldConfig, FieldFlow};
use thalweg_models::model::ModelConfig;

use super::Subject;

impl<F, K> Subject<2> for FieldFlow<F, K>
where
    K: FieldConfig<Field = F>,
    K::Context: CompiledContext,
    F: VectorField<K::Context>,
    Continuous<F>: Lower<K::Context>,
{
    type Context = K::Context;
    type Latent = Tensor<2>;
    type Bijection = ContinuousFlowBijection<Continuous<F>>;
    type Base = StandardNormal;

    fn name(&self) -> String {
        <K as ModelConfig>::KIND.to_owned()
    }

    fn without_tape(&self) -> Self {
        Module::valid(self)
    }

    fn flow(&self) -> &Flow<Self::Bijection, StandardNormal> {
        &self.flow
    }

    fn encode(&self, x: Tensor<2>, context: &K::Context) -> Result<Tensor<2>, FlowError> {
        self.given(context).encode(x)
    }

    fn decode(&self, z: Tensor<2>, context: &K::Context) -> Result<Tensor<2>, FlowError> {
        self.given(context).decode(z)
    }

    fn log_prob(&self, x: Tensor<2>, context: &K::Context) -> Result<Tensor<1>, FlowError> {
        self.given(context).log_prob(x)
    }

    fn compiled(&self) -> Result<CompiledFlow<K::Context>, String> {
        Ok(self.compile())
    }
}
