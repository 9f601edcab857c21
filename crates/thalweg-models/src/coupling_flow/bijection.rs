//! The map of a coupling flow.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::{Bijection, Coupling, InvertibleLinear, LogDet, Mlp, Standardize};

use super::CouplingTransformer;

/// Standardization, then couplings behind invertible linear maps:
/// `ln|det J| = −Σ ln σ + Σ (ln|det W| + ln|det ∂τ|)`.
#[derive(Module, Debug)]
pub struct CouplingFlowBijection {
    pub(super) standardize: Standardize,
    pub(super) steps: Vec<Step>,
}

#[derive(Module, Debug)]
pub(super) struct Step {
    pub(super) mix: InvertibleLinear,
    pub(super) coupling: Coupling<CouplingTransformer, Mlp>,
}

impl<C> Bijection<C> for Step {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let (h, mix) = self.mix.forward(x, context);
        let (z, coupling) = self.coupling.forward(h, context);
        (z, mix + coupling)
    }

    fn inverse(&self, z: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let (h, coupling) = self.coupling.inverse(z, context);
        let (x, mix) = self.mix.inverse(h, context);
        (x, mix + coupling)
    }
}

impl<C> Bijection<C> for CouplingFlowBijection {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let (h, standardize) = self.standardize.forward(x, context);
        let (z, steps) = self.steps.forward(h, context);
        (z, standardize + steps)
    }

    fn inverse(&self, z: Tensor<2>, context: &C) -> (Tensor<2>, LogDet) {
        let (h, steps) = self.steps.inverse(z, context);
        let (x, standardize) = self.standardize.inverse(h, context);
        (x, standardize + steps)
    }
}
