//! A conditional density whose condition a network may shorten first.

mod embedding;
mod family;
mod members;
mod mixture;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::{CompiledFlow, FlowError, Noise};
use thalweg_models::ConfigError;

pub use embedding::Embedding;
use embedding::{EmbeddingNet, embed};
use family::DensityModel;
pub use family::Family;
pub(crate) use members::{build_all, check_members, count_all, damaged};
pub(crate) use mixture::Mixture;

/// Sizes of a conditional density.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Architecture {
    pub(crate) family: Family,
    pub(crate) embedding: Embedding,
    /// The numbers whose density it is.
    pub(crate) features: usize,
    /// The numbers of a condition, before the embedding.
    pub(crate) conditions: usize,
    pub(crate) seed: u64,
}

impl Architecture {
    fn context(&self) -> usize {
        self.embedding.outputs(self.conditions)
    }

    pub(crate) fn check(&self, model: &'static str) -> Result<(), ConfigError> {
        let sizes = [("conditions", self.conditions, 1)];
        ConfigError::at_least(model, sizes)?;
        self.embedding.check(model, self.conditions)?;
        self.family.check(self.features, self.context())
    }

    /// A lower bound on the number of values in all parameters.
    pub(crate) fn count(&self) -> u128 {
        let density = self.family.count(self.features, self.context());
        density.saturating_add(self.embedding.count(self.conditions))
    }

    pub(crate) fn build(&self, device: &Device) -> Estimator {
        let noise = &mut Noise::seeded(self.seed ^ EMBEDDING);
        Estimator {
            embedding: self.embedding.build(self.conditions, noise, device),
            density: self
                .family
                .build(self.features, self.context(), self.seed, device),
        }
    }
}

/// Distinguishes the first weights of the embedding from those of the density.
const EMBEDDING: u64 = 0x656d_6265_6464_6564;

/// A conditional density: `p(u | e(x))` with an embedding `e`.
#[derive(Module, Debug)]
pub(crate) struct Estimator {
    embedding: Option<EmbeddingNet>,
    density: DensityModel,
}

impl Estimator {
    /// Fits the standardization of the features to data.
    pub(crate) fn initialize(mut self, u: &Tensor<2>) -> Result<Self, FlowError> {
        self.density = self.density.initialize(u)?;
        Ok(self)
    }

    /// `ln p(u | x)`: `[batch]`.
    pub(crate) fn log_prob(&self, u: Tensor<2>, x: Tensor<2>) -> Result<Tensor<1>, FlowError> {
        self.density.log_prob(u, &self.context(x))
    }

    /// What the density sees of conditions, `[batch, conditions]`.
    pub(crate) fn context(&self, x: Tensor<2>) -> Tensor<2> {
        embed(self.embedding.as_ref(), x)
    }

    /// The compiled density, under what [`context`](Self::context) gives; `None` for a differential equation.
    pub(crate) fn compile(&self) -> Option<CompiledFlow<Tensor<2>>> {
        self.density.compile()
    }

    /// The training loss, `[1]`: a mean over the batch.
    pub(crate) fn loss(
        &self,
        u: Tensor<2>,
        x: Tensor<2>,
        noise: &mut Noise,
    ) -> Result<Tensor<1>, FlowError> {
        self.density.loss(u, &self.context(x), noise)
    }

    /// `n` draws under one condition, `[1, conditions]`.
    pub(crate) fn sample(
        &self,
        n: usize,
        x: Tensor<2>,
        noise: &mut Noise,
    ) -> Result<Tensor<2>, FlowError> {
        self.density.sample(n, &self.context(x), noise)
    }
}
