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
/// See [`edge_scales`](super::edge_scales) for an example.
pub type EdgeCoupling = Inverted<Coupling<ComposedTransformer, ConvNet, 4>>;

/// `z = (x − μ) e⁻ˢ` of the second half of the channels, given the first half and the edge.
///
/// See [`EdgeGlow`](super::EdgeGlow) for an example of the model.
pub type EdgePrior = Inverted<Coupling<Affine<KnownScale>, WithEdge<SameConv>, 4>>;

/// Actnorm, a mixing of the channels, a coupling.
///
/// See [`edge_scales`](super::edge_scales) for an example.
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
/// See [`edge_scales`](super::edge_scales) for an example.
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
/// See [`edge_scales`](super::edge_scales) for an example.
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
/// See [`edge_scales`](super::edge_scales) for an example.
pub type EdgeScales = MultiScale<EdgeSteps, EdgePrior, EdgeTop>;

/// The unit cube centred, then the scales: `ln|det J|` is the sum over all steps and priors.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::edge_glow::EdgeGlowBijection;
/// use thalweg_models::{EdgeGlowConfig, ImageSize};
///
/// let device = Device::default();
/// let config = EdgeGlowConfig::new(ImageSize::new([1, 4, 4]), false);
/// let glow = config.with_scales(2).with_depth(1).with_hidden(4).init(&device);
/// let bijection: &EdgeGlowBijection = &glow.flow.bijection;
/// let y = Tensor::<4>::full([1, 1, 4, 4], 0.7, &device);
/// let (z, log_det) = bijection.forward(y.clone(), &());
/// let (back, inverse) = bijection.inverse(z, &());
/// assert!((back - y).abs().max().into_scalar::<f32>() < 1e-5);
/// assert!((log_det + inverse).abs().into_scalar::<f32>() < 1e-4);
/// ```
#[derive(Module, Debug)]
pub struct EdgeGlowBijection {
    pub(super) centre: Standardize<4>,
    pub(super) scales: EdgeScales,
}

chain! {
    [C] EdgeGlowBijection, given C: Tensor<4> => Latents, by centre, scales; lowered [C]
}
