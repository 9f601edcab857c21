//! The map of an edge Glow.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::{
    ActNorm, Affine, ConvNet, Coupling, Inverted, Invertible1x1, KnownScale, Latents, MultiScale,
    Plu, SameConv, Squeeze, Standardize, WithEdge, chain,
};

use crate::composed::ComposedTransformer;

/// `z_b = (x_b − t) e⁻ʳ`: the inverse of a coupling `x_b = eʳ z_b + t`.
///
/// See [`EdgeGlow`](super::EdgeGlow) for an example of the model.
pub type EdgeCoupling = Inverted<Coupling<ComposedTransformer, ConvNet, 4>>;

/// `z = (x − μ) e⁻ˢ` of the second half of the channels, given the first half and the edge.
///
/// See [`EdgeGlow`](super::EdgeGlow) for an example of the model.
pub type EdgePrior = Inverted<Coupling<Affine<KnownScale>, WithEdge<SameConv>, 4>>;

/// Actnorm, a mixing of the channels, a coupling.
///
/// See [`EdgeGlow`](super::EdgeGlow) for an example of the model.
#[derive(Module, Debug)]
pub struct EdgeStep {
    actnorm: ActNorm<4>,
    mix: Invertible1x1<Plu>,
    coupling: EdgeCoupling,
}

impl EdgeStep {
    /// A step of these layers.
    pub fn new(actnorm: ActNorm<4>, mix: Invertible1x1<Plu>, coupling: EdgeCoupling) -> Self {
        Self {
            actnorm,
            mix,
            coupling,
        }
    }
}

chain! {
    [C] EdgeStep, given C: Tensor<4> => Tensor<4>, by actnorm, mix, coupling; lowered [C]
}

/// A squeeze, then the steps of one scale.
///
/// See [`EdgeGlow`](super::EdgeGlow) for an example of the model.
#[derive(Module, Debug)]
pub struct EdgeSteps {
    squeeze: Squeeze,
    steps: Vec<EdgeStep>,
}

impl EdgeSteps {
    /// A squeeze and these steps.
    pub fn new(steps: Vec<EdgeStep>) -> Self {
        let squeeze = Squeeze::new();
        Self { squeeze, steps }
    }
}

chain! {
    [C] EdgeSteps, given C: Tensor<4> => Tensor<4>, by squeeze, steps; lowered [C]
}

/// The steps of the coarsest scale, then its prior: of the second half of the channels given the first, then of the
/// first given the second.
///
/// See [`EdgeGlow`](super::EdgeGlow) for an example of the model.
#[derive(Module, Debug)]
pub struct EdgeTop {
    pub(super) steps: EdgeSteps,
    pub(super) second: EdgePrior,
    pub(super) first: EdgePrior,
}

chain! {
    [C] EdgeTop, given C: Tensor<4> => Tensor<4>, by steps, second, first; lowered [C]
}

/// The scales of an edge Glow.
///
/// See [`EdgeGlow`](super::EdgeGlow) for an example of the model.
pub type EdgeScales = MultiScale<EdgeSteps, EdgePrior, EdgeTop>;

/// The unit cube centred, then the scales: `ln|det J|` is the sum over all steps and priors.
///
/// See [`EdgeGlow`](super::EdgeGlow) for an example of the model.
#[derive(Module, Debug)]
pub struct EdgeGlowBijection {
    pub(super) centre: Standardize<4>,
    pub(super) scales: EdgeScales,
}

chain! {
    [C] EdgeGlowBijection, given C: Tensor<4> => Latents, by centre, scales; lowered [C]
}
