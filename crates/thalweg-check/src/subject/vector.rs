//! Couplings and autoregressive flows on vectors.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::compiled::{CompiledContext, LowerBase};
use thalweg_flow::{Base, Bijection, CompiledFlow, Flow, Lower};
use thalweg_models::VectorFlow;
use thalweg_models::model::ModelConfig;
use thalweg_models::vector::VectorConfig;

use super::Subject;

impl<B, P, K> Subject<2> for VectorFlow<B, P, K>
where
    K: VectorConfig<Bijection = B, Base = P>,
    K::Context: CompiledContext,
    B: Bijection<K::Context, Data = Tensor<2>, Latent = Tensor<2>> + Lower<K::Context>,
    P: Base<K::Context, Latent = Tensor<2>> + LowerBase<K::Context>,
{
    type Context = K::Context;
    type Latent = Tensor<2>;
    type Bijection = B;
    type Base = P;

    fn name(&self) -> String {
        <K as ModelConfig>::KIND.to_owned()
    }

    fn without_tape(&self) -> Self {
        Module::valid(self)
    }

    fn flow(&self) -> &Flow<B, P> {
        &self.flow
    }

    fn support(&self) -> Option<[f64; 2]> {
        self.config().support()
    }

    fn compiled(&self) -> Result<CompiledFlow<K::Context>, String> {
        Ok(self.compile())
    }
}
