//! The map of Glow.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::compiled::LowerNetwork;
use thalweg_flow::{
    ActNorm, Affine, Bijection, ConvNet, Coupling, Latents, Lower, MultiScale, Network, SameConv,
    Squeeze, Standardize, chain,
};

use super::Mix;
use crate::CouplingTransformer;

/// Actnorm, a mixing of the channels, a coupling.
///
/// See [`Glow`](super::Glow) for an example of the model.
#[derive(Module, Debug)]
pub struct GlowStep<N: Module + ModuleDisplay = ConvNet> {
    pub(super) actnorm: ActNorm<4>,
    pub(super) mix: Mix,
    pub(super) coupling: Coupling<CouplingTransformer, N, 4>,
}

chain! {
    [C, N: Network<C, 4>] GlowStep<N>, given C: Tensor<4> => Tensor<4>,
    by actnorm, mix, coupling; lowered [C, N: LowerNetwork<C, 4>]
}

/// A squeeze, then the steps of one scale.
///
/// See [`Glow`](super::Glow) for an example of the model.
#[derive(Module, Debug)]
pub struct GlowSteps<N: Module + ModuleDisplay = ConvNet> {
    pub(super) squeeze: Squeeze,
    pub(super) steps: Vec<GlowStep<N>>,
}

chain! {
    [C, N: Network<C, 4>] GlowSteps<N>, given C: Tensor<4> => Tensor<4>,
    by squeeze, steps; lowered [C, N: LowerNetwork<C, 4>]
}

/// The steps of the coarsest scale, then its prior.
///
/// See [`Glow`](super::Glow) for an example of the model.
#[derive(Module, Debug)]
pub struct GlowTop<N: Module + ModuleDisplay = ConvNet, T: Module + ModuleDisplay = ActNorm<4>> {
    pub(super) steps: GlowSteps<N>,
    pub(super) prior: T,
}

chain! {
    [C, N: Network<C, 4>, T: Bijection<C, Data = Tensor<4>, Latent = Tensor<4>>]
    GlowTop<N, T>, given C: Tensor<4> => Tensor<4>,
    by steps, prior;
    lowered [C, N: LowerNetwork<C, 4>, T: Module + ModuleDisplay + Lower<C>]
}

/// The scales of a Glow.
///
/// See [`Glow`](super::Glow) for an example of the model.
pub type GlowScales<N = ConvNet, P = SameConv, T = ActNorm<4>> =
    MultiScale<GlowSteps<N>, Coupling<Affine, P, 4>, GlowTop<N, T>>;

/// The unit cube centred, then Glow's scales: `ln|det J|` is the sum over all steps and priors.
///
/// `N` is the network of the couplings, `P` that of the split priors, `T` the top prior.
///
/// See [`Glow`](super::Glow) for an example of the model.
#[derive(Module, Debug)]
pub struct GlowBijection<
    N: Module + ModuleDisplay = ConvNet,
    P: Module + ModuleDisplay = SameConv,
    T: Module + ModuleDisplay = ActNorm<4>,
> {
    pub(super) centre: Standardize<4>,
    pub(super) scales: GlowScales<N, P, T>,
}

impl GlowBijection {
    /// The scales alone, for data that are centred already.
    pub fn into_scales(self) -> GlowScales {
        self.scales
    }
}

chain! {
    [
        C,
        N: Network<C, 4>,
        P: Network<C, 4>,
        T: Bijection<C, Data = Tensor<4>, Latent = Tensor<4>>,
    ]
    GlowBijection<N, P, T>, given C: Tensor<4> => Latents,
    by centre, scales;
    lowered [
        C,
        N: LowerNetwork<C, 4>,
        P: LowerNetwork<C, 4>,
        T: Module + ModuleDisplay + Lower<C>,
    ]
}
