//! RealNVP for images.

mod config;

pub use config::RealNvpConfig;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::compiled::LowerNetwork;
use thalweg_flow::{
    ActNorm, Affine, Checkerboard, Coupling, Identity, Latents, Logit, MultiScale, Network,
    ResidualConvNet, Squeeze, TanhLearned, chain,
};

use crate::ImageFlow;

/// RealNVP on images of discrete pixels; for vectors see
/// [`CouplingFlowConfig::realnvp`](crate::CouplingFlowConfig::realnvp).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{ImageSize, RealNvp, RealNvpConfig};
///
/// let device = Device::default();
/// let config = RealNvpConfig::paper(ImageSize::new([3, 8, 8])).with_scales(2);
/// let model: RealNvp = config.with_hidden(8).with_blocks(1).init(&device);
/// let mut noise = Noise::seeded(0);
/// let pixels = Tensor::<4>::ones([2, 3, 8, 8], &device) * 128.0;
/// assert_eq!(model.log_prob(pixels, &mut noise)?.dims(), [2]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017.
pub type RealNvp = ImageFlow<RealNvpBijection, RealNvpConfig>;

/// A coupling between neighbouring pixels, then a normalization.
///
/// See [`RealNvp`] for an example of the model.
#[derive(Module, Debug)]
pub struct CheckerboardStep<N: Module + ModuleDisplay = ResidualConvNet> {
    coupling: Checkerboard<Affine<TanhLearned>, N>,
    actnorm: ActNorm<4>,
}

chain! {
    [C, N: Network<C, 4>] CheckerboardStep<N>, given C: Tensor<4> => Tensor<4>,
    by coupling, actnorm; lowered [C, N: LowerNetwork<C, 4>]
}

/// A coupling between the halves of the channels, then a normalization.
///
/// See [`RealNvp`] for an example of the model.
#[derive(Module, Debug)]
pub struct ChannelStep<N: Module + ModuleDisplay = ResidualConvNet> {
    coupling: Coupling<Affine<TanhLearned>, N, 4>,
    actnorm: ActNorm<4>,
}

chain! {
    [C, N: Network<C, 4>] ChannelStep<N>, given C: Tensor<4> => Tensor<4>,
    by coupling, actnorm; lowered [C, N: LowerNetwork<C, 4>]
}

/// Couplings between pixels, a squeeze, couplings between channels.
///
/// See [`RealNvp`] for an example of the model.
#[derive(Module, Debug)]
pub struct RealNvpLevel<N: Module + ModuleDisplay = ResidualConvNet> {
    pixels: Vec<CheckerboardStep<N>>,
    squeeze: Squeeze,
    channels: Vec<ChannelStep<N>>,
}

chain! {
    [C, N: Network<C, 4>] RealNvpLevel<N>, given C: Tensor<4> => Tensor<4>,
    by pixels, squeeze, channels; lowered [C, N: LowerNetwork<C, 4>]
}

/// The logit, then RealNVP's scales; the last has couplings between pixels only.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::realnvp::RealNvpBijection;
/// use thalweg_models::{ImageSize, RealNvpConfig};
///
/// let device = Device::default();
/// let config = RealNvpConfig::paper(ImageSize::new([1, 4, 4])).with_scales(2);
/// let model = config.with_hidden(4).with_blocks(1).init(&device);
/// let bijection: &RealNvpBijection = &model.flow.bijection;
/// let y = Tensor::<4>::full([1, 1, 4, 4], 0.7, &device);
/// let (z, log_det) = bijection.forward(y.clone(), &());
/// let (back, inverse) = bijection.inverse(z, &());
/// assert!((back - y).abs().max().into_scalar::<f32>() < 1e-5);
/// assert!((log_det + inverse).abs().into_scalar::<f32>() < 1e-4);
/// ```
#[derive(Module, Debug)]
pub struct RealNvpBijection<N: Module + ModuleDisplay = ResidualConvNet> {
    logit: Logit<4>,
    scales: MultiScale<RealNvpLevel<N>, Identity<4>, Vec<CheckerboardStep<N>>>,
}

chain! {
    [C, N: Network<C, 4>] RealNvpBijection<N>, given C: Tensor<4> => Latents,
    by logit, scales; lowered [C, N: LowerNetwork<C, 4>]
}
