//! The map of a diagonal Glow.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::{MultiScale, PositionAffine, chain};

use crate::edge_glow::EdgeSteps;

/// The steps of the coarsest scale, then its prior.
///
/// See [`diagonal_scales`](super::diagonal_scales) for an example.
#[derive(Module, Debug)]
pub struct DiagonalTop {
    pub(super) steps: EdgeSteps,
    pub(super) prior: PositionAffine,
}

chain! {
    [C] DiagonalTop, given C: Tensor<4> => Tensor<4>, by steps, prior; lowered [C]
}

/// The scales of a diagonal Glow, of the unit cube as it is: the first actnorm centres it.
///
/// `ln|det J|` is the sum over all steps and priors. A prior has places for all channels of its scale, and moves those that
/// stay too.
///
/// See [`diagonal_scales`](super::diagonal_scales) for an example.
pub type DiagonalGlowScales = MultiScale<EdgeSteps, PositionAffine, DiagonalTop>;
