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
/// See [`GlowBijection::into_scales`] for an example.
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
/// See [`GlowBijection::into_scales`] for an example.
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
/// See [`GlowBijection::into_scales`] for an example.
pub type GlowScales<N = ConvNet, P = SameConv, T = ActNorm<4>> =
    MultiScale<GlowSteps<N>, Coupling<Affine, P, 4>, GlowTop<N, T>>;

/// The unit cube centred, then Glow's scales: `ln|det J|` is the sum over all steps and priors.
///
/// `N` is the network of the couplings, `P` that of the split priors, `T` the top prior.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::glow::GlowBijection;
/// use thalweg_models::{GlowConfig, ImageSize};
///
/// let device = Device::default();
/// let config = GlowConfig::openai(ImageSize::new([1, 4, 4]));
/// let glow = config.with_scales(2).with_depth(1).with_hidden(4).init(&device);
/// let bijection: &GlowBijection = &glow.flow.bijection;
/// let y = Tensor::<4>::full([1, 1, 4, 4], 0.7, &device);
/// let (z, log_det) = bijection.forward(y.clone(), &());
/// let (back, inverse) = bijection.inverse(z, &());
/// assert!((back - y).abs().max().into_scalar::<f32>() < 1e-5);
/// assert!((log_det + inverse).abs().into_scalar::<f32>() < 1e-4);
/// ```
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
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Bijection;
    /// use thalweg_models::glow::{GlowScales, GlowSteps, GlowTop};
    /// use thalweg_models::{GlowConfig, ImageSize};
    ///
    /// let device = Device::default();
    /// let config = GlowConfig::openai(ImageSize::new([1, 8, 8]));
    /// let glow = config.with_scales(2).with_depth(1).with_hidden(4).init(&device);
    /// let scales: GlowScales = glow.flow.bijection.into_scales();
    /// let (steps, top): (&GlowSteps, &GlowTop) = (&scales.levels[0].steps, &scales.last);
    /// let (h, _) = steps.forward(Tensor::<4>::ones([1, 1, 8, 8], &device), &());
    /// assert_eq!(h.dims(), [1, 4, 4, 4]);
    /// // Half of the channels leave.
    /// let (z, _) = top.forward(h.narrow(1, 0, 2), &());
    /// assert_eq!(z.dims(), [1, 8, 2, 2]);
    /// ```
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
