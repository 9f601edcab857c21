//! The map of a coupling flow.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::{Coupling, InvertibleLinear, Mlp, Standardize, chain};

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

chain! { [C] Step, given C: Tensor<2> => Tensor<2>, by mix, coupling; lowered [C] }

chain! { [C] CouplingFlowBijection, given C: Tensor<2> => Tensor<2>, by standardize, steps; lowered [C] }
