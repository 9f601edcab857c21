//! The map of RealNVP.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::compiled::LowerNetwork;
use thalweg_flow::{
    ActNorm, Affine, Checkerboard, Conditioner, Coupling, Identity, Latents, Logit, MultiScale,
    ResidualConvNet, Squeeze, TanhLearned, chain,
};

/// A coupling between neighbouring pixels, then a normalization.
#[derive(Module, Debug)]
pub struct CheckerboardStep<N: Module + ModuleDisplay = ResidualConvNet> {
    pub(super) coupling: Checkerboard<Affine<TanhLearned>, N>,
    pub(super) actnorm: ActNorm<4>,
}

chain! {
    [C, N: Conditioner<C, 4>] CheckerboardStep<N>, given C: Tensor<4> => Tensor<4>,
    by coupling, actnorm; lowered [C, N: LowerNetwork<C, 4>]
}

/// A coupling between the halves of the channels, then a normalization.
#[derive(Module, Debug)]
pub struct ChannelStep<N: Module + ModuleDisplay = ResidualConvNet> {
    pub(super) coupling: Coupling<Affine<TanhLearned>, N, 4>,
    pub(super) actnorm: ActNorm<4>,
}

chain! {
    [C, N: Conditioner<C, 4>] ChannelStep<N>, given C: Tensor<4> => Tensor<4>,
    by coupling, actnorm; lowered [C, N: LowerNetwork<C, 4>]
}

/// Couplings between pixels, a squeeze, couplings between channels.
#[derive(Module, Debug)]
pub struct RealNvpLevel<N: Module + ModuleDisplay = ResidualConvNet> {
    pub(super) pixels: Vec<CheckerboardStep<N>>,
    pub(super) squeeze: Squeeze,
    pub(super) channels: Vec<ChannelStep<N>>,
}

chain! {
    [C, N: Conditioner<C, 4>] RealNvpLevel<N>, given C: Tensor<4> => Tensor<4>,
    by pixels, squeeze, channels; lowered [C, N: LowerNetwork<C, 4>]
}

/// The logit, then RealNVP's scales, of which the last couples pixels alone.
#[derive(Module, Debug)]
pub struct RealNvpBijection<N: Module + ModuleDisplay = ResidualConvNet> {
    pub(super) logit: Logit<4>,
    pub(super) scales: MultiScale<RealNvpLevel<N>, Identity<4>, Vec<CheckerboardStep<N>>>,
}

chain! {
    [C, N: Conditioner<C, 4>] RealNvpBijection<N>, given C: Tensor<4> => Latents,
    by logit, scales; lowered [C, N: LowerNetwork<C, 4>]
}
