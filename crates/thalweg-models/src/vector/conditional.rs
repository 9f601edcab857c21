//! Vector flows under a condition.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::{Flow, FlowError, Standardize, Warning};

use super::VectorConfig;
use crate::door::assert_shape;
use crate::model::{ModelConfig, init};
use crate::{ConfigError, SamplingCost};

/// A configuration whose model also comes conditional on vectors.
///
/// ```
/// use thalweg_models::vector::ConditionalConfig;
/// use thalweg_models::{AutoregressiveFlowConfig, Conditional, CouplingFlowConfig, ModelConfig};
///
/// /// A model given two numbers.
/// fn given_two<K: ConditionalConfig>(flow: K) -> Conditional<K> {
///     Conditional { flow, context: 2 }
/// }
///
/// let config = CouplingFlowConfig::nsf(3);
/// assert_eq!(given_two(config.clone()), config.with_context(2));
/// let config = AutoregressiveFlowConfig::maf(3);
/// assert_eq!(given_two(config.clone()), config.with_context(2));
/// assert_eq!(Conditional::<CouplingFlowConfig>::KIND, "conditional coupling flow");
/// ```
pub trait ConditionalConfig: VectorConfig<Context = ()> {
    /// The name of the conditional model in its file and in its errors.
    const CONDITIONAL: &'static str;
    /// The map of the conditional model.
    type Conditional: Module + ModuleDisplay + AsMut<Standardize>;
    /// The conditional model.
    type Given: Module;

    /// A lower bound on the number of values in all parameters of the conditional model; see
    /// [`ModelConfig::count`].
    fn conditional_count(&self, context: usize) -> u128;

    /// `Ok` when the model has a conditional form, given vectors of this many numbers.
    ///
    /// # Errors
    ///
    /// As [`ModelConfig::check`].
    fn check_given(&self, _context: usize) -> Result<(), ConfigError> {
        self.check()
    }

    /// The untrained conditional flow.
    fn conditional_flow(
        &self,
        context: usize,
        device: &Device,
    ) -> Flow<Self::Conditional, Self::Base>;

    /// The untrained conditional model of a configuration that passes [`ModelConfig::check`].
    fn build_given(config: &Conditional<Self>, device: &Device) -> Self::Given;
}

/// A model, and the width of the vectors that it is conditional on. Every network sees the condition.
///
/// The condition goes into the networks as it is: standardize it where its numbers are far from
/// mean 0 and deviation 1.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::CouplingFlowConfig;
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let flow = CouplingFlowConfig::nsf(2).with_context(3).init(&device);
/// let context: Tensor<2> = noise.normal([5, 3], &device, DType::F32);
/// let x = flow.given(&context).sample(5, 1.0, &mut noise);
/// assert_eq!(flow.given(&context).log_prob(x).dims(), [5]);
/// ```
///
/// Without the condition it does not compile:
///
/// ```compile_fail,E0271
/// # use burn::tensor::Device;
/// # use thalweg_flow::Noise;
/// # use thalweg_models::CouplingFlowConfig;
/// let flow = CouplingFlowConfig::nsf(2).with_context(3).init(&Device::default());
/// flow.sample(5, 1.0, &mut Noise::seeded(0));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conditional<K> {
    /// The model.
    pub flow: K,
    /// The numbers of a condition.
    pub context: usize,
}

init! {
    [K: ConditionalConfig] Conditional<K>
        => K::Given,
    "As `try_init` of the model without the condition, and for a condition of no numbers."
}

impl<K: ConditionalConfig> ModelConfig for Conditional<K> {
    const KIND: &'static str = K::CONDITIONAL;
    type Model = K::Given;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::at_least(Self::KIND, [("context", self.context, 1)])?;
        self.flow.check_given(self.context)
    }

    fn count(&self) -> u128 {
        self.flow.conditional_count(self.context)
    }

    fn build(&self, device: &Device) -> K::Given {
        K::build_given(self, device)
    }

    fn complete(config: &mut serde_json::Value) {
        if let Some(flow) = config.get_mut("flow") {
            K::complete(flow);
        }
    }

    fn sampling_cost(&self) -> SamplingCost {
        self.flow.sampling_cost()
    }
}

impl<K: ConditionalConfig> VectorConfig for Conditional<K> {
    type Bijection = K::Conditional;
    type Base = K::Base;
    type Context = Tensor<2>;

    fn features(&self) -> usize {
        self.flow.features()
    }

    fn context(&self) -> usize {
        self.context
    }

    fn flow(&self, device: &Device) -> Flow<K::Conditional, K::Base> {
        self.flow.conditional_flow(self.context, device)
    }

    fn standardize(&self, data: &Tensor<2>) -> Result<Option<Standardize>, FlowError> {
        self.flow.standardize(data)
    }

    fn support(&self) -> Option<[f64; 2]> {
        self.flow.support()
    }

    fn assert_context(&self, context: &Tensor<2>) {
        assert_shape(Self::KIND, "takes conditions", context, &[self.context]);
    }

    fn warnings(&self) -> Vec<Warning> {
        self.flow.warnings()
    }
}
