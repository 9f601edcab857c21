//! A flow on discrete data under a condition.

mod density;
mod samples;

use burn::module::{Module, ModuleDisplay};

use super::{DiscreteConfig, DiscreteFlow};

/// A [`DiscreteFlow`] under a condition; see [`DiscreteFlow::given`].
///
/// Without a tape, every method takes any number of samples, [by chunks](thalweg_flow::bulk).
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::NiceConfig;
/// use thalweg_models::discrete::GivenDiscrete;
///
/// let device = Device::default();
/// let nice = NiceConfig::paper(2, 256).with_hidden(8).init(&device);
/// let given: GivenDiscrete<_, _, _, (), 2> = nice.given(&());
/// let levels = Tensor::<2>::from_floats([[0.0, 9.0], [0.0, 250.0]], &device);
/// let nats = given.log_prob(levels.clone(), &mut Noise::seeded(0))?;
/// let loss = given.loss(levels, &mut Noise::seeded(0))?;
/// assert!((loss + nats.mean()).abs().into_scalar::<f32>() < 1e-5);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Debug)]
pub struct GivenDiscrete<
    'a,
    B: Module + ModuleDisplay,
    P: Module + ModuleDisplay,
    K: DiscreteConfig<D, Bijection = B, Base = P>,
    C,
    const D: usize,
> {
    pub(crate) model: &'a DiscreteFlow<B, P, K, D>,
    pub(crate) context: &'a C,
}
