//! Autoregressive flows for vectors: MAF, IAF and autoregressive neural spline flows.

mod config;
mod order;
mod step;

pub use config::{AutoregressiveFlowConfig, FastSide};
pub(crate) use config::{masked, numbers, one_feature};
pub use order::FeatureOrder;
pub use step::{AutoregressiveStep, ConditionalAutoregressiveStep, ConditionalMasked, Masked};

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{Bijection, InvertibleLinear, Lower, Standardize, chain};

use crate::vector::{Conditional, VectorFlow};

/// A density of vectors: standardization, transforms of each feature by those before it in an order, a
/// standard normal base.
///
/// | preset | transformer | density | sample |
/// |---|---|---|---|
/// | [`AutoregressiveFlowConfig::maf`] | affine | 1 pass | D steps |
/// | [`AutoregressiveFlowConfig::nsf_ar`] | spline | 1 pass | D steps |
/// | [`AutoregressiveFlowConfig::iaf`] | affine | D steps | 1 pass |
///
/// The D steps of a transform together multiply as often as one pass, but they come one after the other.
/// Take the first two to fit data and evaluate densities, the last where a program draws many samples
/// and asks for the density of those. One feature is legal: each transform then has learned
/// parameters, and [`warnings`](VectorFlow::warnings) says so. For a condition, see
/// [`AutoregressiveFlowConfig::with_context`]. The methods are those of every [`VectorFlow`].
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{AutoregressiveFlow, AutoregressiveFlowConfig};
///
/// let device = Device::default();
/// let data: Tensor<2> = Noise::seeded(0).normal([100, 3], &device, DType::F32) * 5.0;
/// let flow: AutoregressiveFlow = AutoregressiveFlowConfig::maf(3).init(&device).initialize(&data)?;
/// assert_eq!(flow.log_prob(data).dims(), [100]);
/// assert_eq!(flow.sample(7, 1.0, &mut Noise::seeded(1)).dims(), [7, 3]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Papamakarios, Pavlakou, Murray: *Masked autoregressive flow for density estimation*, 2017. Durkan,
/// Bekasov, Murray, Papamakarios: *Neural spline flows*, 2019. Kingma, Salimans, Jozefowicz, Chen,
/// Sutskever, Welling: *Improved variational inference with inverse autoregressive flow*, 2016.
pub type AutoregressiveFlow =
    VectorFlow<AutoregressiveFlowBijection, StandardNormal, AutoregressiveFlowConfig>;

/// An [`AutoregressiveFlow`] given vectors, which every network sees; see
/// [`AutoregressiveFlowConfig::with_context`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{AutoregressiveFlowConfig, ConditionalAutoregressiveFlow};
///
/// let device = Device::default();
/// let config = AutoregressiveFlowConfig::maf(2).with_context(3);
/// let flow: ConditionalAutoregressiveFlow = config.init(&device);
/// let context = Tensor::<2>::ones([1, 3], &device);
/// let given = flow.given(&context);
/// let x = given.sample(5, 1.0, &mut Noise::seeded(0));
/// let back = given.decode(given.encode(x.clone()));
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
pub type ConditionalAutoregressiveFlow = VectorFlow<
    AutoregressiveFlowBijection<ConditionalAutoregressiveStep>,
    StandardNormal,
    Conditional<AutoregressiveFlowConfig>,
>;

/// Standardization, then autoregressive transforms, each behind a linear map or not:
/// `ln|det J| = −Σ ln σ + Σ (ln|det W| + ln|det ∂τ|)`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::AutoregressiveFlowConfig;
/// use thalweg_models::autoregressive_flow::{AutoregressiveFlowBijection, AutoregressiveStep};
///
/// let device = Device::default();
/// let flow = AutoregressiveFlowConfig::nsf_ar(3).init(&device);
/// let bijection: &AutoregressiveFlowBijection<AutoregressiveStep> = &flow.flow.bijection;
/// let x = Tensor::<2>::ones([5, 3], &device);
/// let (z, log_det) = bijection.forward(x.clone(), &());
/// let (back, inverse) = bijection.inverse(z, &());
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-4);
/// assert!((log_det + inverse).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
#[derive(Module, Debug)]
pub struct AutoregressiveFlowBijection<L: Module + ModuleDisplay = AutoregressiveStep> {
    standardize: Standardize,
    steps: Vec<Mixed<L>>,
}

/// A transform, behind a linear map or not.
#[derive(Module, Debug)]
struct Mixed<L: Module + ModuleDisplay> {
    mix: Option<InvertibleLinear>,
    transform: L,
}

chain! {
    [C, L: Bijection<C, Data = Tensor<2>, Latent = Tensor<2>>]
    Mixed<L>, given C: Tensor<2> => Tensor<2>,
    by mix, transform; lowered [C, L: Module + ModuleDisplay + Lower<C>]
}

chain! {
    [C, L: Bijection<C, Data = Tensor<2>, Latent = Tensor<2>>]
    AutoregressiveFlowBijection<L>, given C: Tensor<2> => Tensor<2>,
    by standardize, steps; lowered [C, L: Module + ModuleDisplay + Lower<C>]
}

impl<L: Module + ModuleDisplay> AsMut<Standardize> for AutoregressiveFlowBijection<L> {
    fn as_mut(&mut self) -> &mut Standardize {
        &mut self.standardize
    }
}
