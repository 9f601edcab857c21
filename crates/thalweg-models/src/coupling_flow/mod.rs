//! Flows of couplings for vectors: RealNVP and neural spline flows.

mod config;
mod transformer;

pub use config::CouplingFlowConfig;
pub use transformer::{
    ConditionalNetwork, CouplingFlowBase, CouplingNetwork, CouplingStyle, CouplingTransformer,
};

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::compiled::LowerNetwork;
use thalweg_flow::{
    Bijection, Coupling, FlowError, InvertibleLinear, Lower, Network, Standardize, chain,
};

use crate::autoregressive_flow::{ConditionalMasked, Masked};
use crate::vector::{Conditional, VectorFlow};

/// A density of vectors: standardization, couplings behind learned linear maps, a standard normal
/// base. With [`CouplingStyle::CircularSpline`] it is one of angles: couplings alone, on a uniform base.
///
/// One feature is legal: no coupling could keep a part of it, so each is an elementwise transformer
/// with learned parameters, and [`warnings`](VectorFlow::warnings) says so. For a condition, see
/// [`CouplingFlowConfig::with_context`]. The methods are those of every [`VectorFlow`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{CouplingFlow, CouplingFlowConfig};
///
/// let device = Device::default();
/// let data: Tensor<2> = Noise::seeded(0).normal([100, 3], &device, burn::tensor::DType::F32) * 5.0;
/// let flow: CouplingFlow = CouplingFlowConfig::nsf(3).init(&device).initialize(&data)?;
/// assert_eq!(flow.log_prob(data).dims(), [100]);
/// assert_eq!(flow.sample(7, 1.0, &mut Noise::seeded(1)).dims(), [7, 3]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017. Durkan, Bekasov,
/// Murray, Papamakarios: *Neural spline flows*, 2019.
pub type CouplingFlow = VectorFlow<CouplingFlowBijection, CouplingFlowBase, CouplingFlowConfig>;

/// A [`CouplingFlow`] given vectors, which every network sees; see
/// [`CouplingFlowConfig::with_context`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::coupling_flow::ConditionalCouplingBijection;
/// use thalweg_models::{ConditionalCouplingFlow, CouplingFlowConfig};
///
/// let device = Device::default();
/// let flow: ConditionalCouplingFlow = CouplingFlowConfig::nsf(2).with_context(3).init(&device);
/// let (context, x) = (Tensor::<2>::ones([1, 3], &device), Tensor::<2>::ones([5, 2], &device));
/// let z = flow.given(&context).encode(x.clone());
/// let bijection: &ConditionalCouplingBijection = &flow.flow.bijection;
/// let (back, _) = bijection.inverse(z, &context);
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
pub type ConditionalCouplingFlow =
    VectorFlow<ConditionalCouplingBijection, CouplingFlowBase, Conditional<CouplingFlowConfig>>;

/// Standardization, then couplings behind invertible linear maps:
/// `ln|det J| = −Σ ln σ + Σ (ln|det W| + ln|det ∂τ|)`. A flow of one feature has elementwise
/// transformers `L` instead.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::CouplingFlowConfig;
/// use thalweg_models::coupling_flow::CouplingFlowBijection;
///
/// let device = Device::default();
/// let flow = CouplingFlowConfig::nsf(3).init(&device);
/// let bijection: &CouplingFlowBijection = &flow.flow.bijection;
/// let x = Tensor::<2>::ones([5, 3], &device);
/// let (z, log_det) = bijection.forward(x.clone(), &());
/// let (back, inverse) = bijection.inverse(z, &());
/// assert!((back - x).abs().max().into_scalar::<f32>() < 1e-4);
/// assert!((log_det + inverse).abs().max().into_scalar::<f32>() < 1e-4);
/// ```
#[derive(Module, Debug)]
pub struct CouplingFlowBijection<
    N: Module + ModuleDisplay = CouplingNetwork,
    L: Module + ModuleDisplay = Masked,
> {
    standardize: Standardize,
    steps: Option<Vec<Step<N>>>,
    /// Masked networks of one feature see none of it: their outputs are biases, or a network of the
    /// condition.
    elementwise: Option<Vec<L>>,
}

/// The map of a [`ConditionalCouplingFlow`].
///
/// See [`ConditionalCouplingFlow`] for an example.
pub type ConditionalCouplingBijection =
    CouplingFlowBijection<ConditionalNetwork, ConditionalMasked>;

#[derive(Module, Debug)]
struct Step<N: Module + ModuleDisplay> {
    /// Angles are not mixed: a sum of angles is another angle only for whole weights.
    mix: Option<InvertibleLinear>,
    coupling: Coupling<CouplingTransformer, N>,
}

chain! {
    [C, N: Network<C>] Step<N>, given C: Tensor<2> => Tensor<2>,
    by mix, coupling; lowered [C, N: LowerNetwork<C>]
}

chain! {
    [C, N: Network<C>, L: Bijection<C, Data = Tensor<2>, Latent = Tensor<2>>]
    CouplingFlowBijection<N, L>, given C: Tensor<2> => Tensor<2>,
    by standardize, steps, elementwise;
    lowered [C, N: LowerNetwork<C>, L: Module + ModuleDisplay + Lower<C>]
}

impl<N: Module + ModuleDisplay, L: Module + ModuleDisplay> AsMut<Standardize>
    for CouplingFlowBijection<N, L>
{
    fn as_mut(&mut self) -> &mut Standardize {
        &mut self.standardize
    }
}

/// # Errors
///
/// An angle outside the circle from `−bound` to `bound`, as the dtype rounds it.
fn check_angles(data: &Tensor<2>, bound: f64) -> Result<(), FlowError> {
    let [_, features] = data.dims();
    let slack = 1e-6 * bound;
    let numbers = data.to_data();
    let outside = |(_, value): &(usize, f64)| value.abs() > bound + slack;
    match numbers.iter::<f64>().enumerate().find(outside) {
        None => Ok(()),
        Some((index, value)) => Err(FlowError::OutsideCircle {
            row: index / features,
            feature: index % features,
            value,
            bound,
        }),
    }
}
