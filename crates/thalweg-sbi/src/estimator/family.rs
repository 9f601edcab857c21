//! The families of conditional densities.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use serde::{Deserialize, Serialize};
use thalweg_flow::{Activation, CompiledFlow, FlowError, Noise};
use thalweg_models::{
    AutoregressiveFlowConfig, Conditional, ConditionalAutoregressiveFlow,
    ConditionalContinuousFlow, ConditionalCouplingFlow, ConfigError, ContinuousFlowConfig,
    CouplingFlowConfig, CouplingStyle, ModelConfig,
};

/// A family of conditional densities, and the sizes of its networks.
///
/// ```
/// use rand::rngs::ChaCha8Rng;
/// use thalweg_sbi::{Family, Npe, Simulate, Uniform};
///
/// let simulator = |theta: &[f64], _: &mut ChaCha8Rng| theta.to_vec();
/// let simulate = Simulate::new(Uniform::new([[-1.0, 1.0], [-1.0, 1.0]])?, simulator);
/// let family = Family::Spline { couplings: 2, hidden: vec![16] };
/// let npe = Npe::new(simulate.prior()).family(family).members(1).steps(20);
/// let posterior = npe.fit(&simulate.run(300)?)?;
/// assert_eq!(posterior.dims(), 2);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Family {
    /// An autoregressive spline flow with a linear map in front of each transform.
    ///
    /// Durkan, Bekasov, Murray, Papamakarios: *Neural spline flows*, 2019, section 3.2.
    AutoregressiveSpline {
        /// Autoregressive transforms.
        transforms: usize,
        /// Widths of the hidden layers of each transform's network.
        hidden: Vec<usize>,
    },
    /// Spline couplings, which draw faster. The same paper.
    Spline {
        /// Couplings.
        couplings: usize,
        /// Widths of the hidden layers of each coupling's network.
        hidden: Vec<usize>,
    },
    /// A differential equation, learned by regression.
    ///
    /// Lipman, Chen, Ben-Hamu, Nickel, Le: *Flow matching for generative modeling*, 2023; for posteriors, Wildberger and
    /// others: *Flow matching for scalable simulation-based inference*, 2023.
    FlowMatching {
        /// Widths of the hidden layers of the field's network.
        hidden: Vec<usize>,
    },
}

/// Wider than the `[−3, 3]` of the paper: outside of it a spline cannot follow.
const STYLE: CouplingStyle = CouplingStyle::Spline {
    bins: 8,
    bound: 5.0,
};

/// The configuration of a family.
enum Settings {
    Autoregressive(Conditional<AutoregressiveFlowConfig>),
    Coupling(Conditional<CouplingFlowConfig>),
    Continuous(Conditional<ContinuousFlowConfig>),
}

impl Family {
    fn settings(&self, features: usize, context: usize, seed: u64) -> Settings {
        match self.clone() {
            Self::AutoregressiveSpline { transforms, hidden } => {
                let config = AutoregressiveFlowConfig::new(features, STYLE).with_mix(true);
                let config = config.with_transforms(transforms).with_hidden(hidden);
                let config = config.with_activation(Activation::Silu);
                Settings::Autoregressive(config.with_seed(seed).with_context(context))
            }
            Self::Spline { couplings, hidden } => {
                let config = CouplingFlowConfig::new(features, STYLE);
                let config = config.with_couplings(couplings).with_hidden(hidden);
                let config = config.with_activation(Activation::Silu);
                Settings::Coupling(config.with_seed(seed).with_context(context))
            }
            Self::FlowMatching { hidden } => {
                let config = ContinuousFlowConfig::flow_matching(features).with_hidden(hidden);
                Settings::Continuous(config.with_seed(seed).with_context(context))
            }
        }
    }

    pub(super) fn check(&self, features: usize, context: usize) -> Result<(), ConfigError> {
        match self.settings(features, context, 0) {
            Settings::Autoregressive(config) => config.check(),
            Settings::Coupling(config) => config.check(),
            Settings::Continuous(config) => config.check(),
        }
    }

    pub(super) fn count(&self, features: usize, context: usize) -> u128 {
        match self.settings(features, context, 0) {
            Settings::Autoregressive(config) => config.count(),
            Settings::Coupling(config) => config.count(),
            Settings::Continuous(config) => config.count(),
        }
    }

    pub(super) fn build(
        &self,
        features: usize,
        context: usize,
        seed: u64,
        device: &Device,
    ) -> DensityModel {
        match self.settings(features, context, seed) {
            Settings::Autoregressive(config) => DensityModel::Autoregressive(config.build(device)),
            Settings::Coupling(config) => DensityModel::Coupling(config.build(device)),
            Settings::Continuous(config) => DensityModel::Continuous(config.build(device)),
        }
    }
}

/// A conditional density of a family.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // there are few at a time
pub(crate) enum DensityModel {
    Autoregressive(ConditionalAutoregressiveFlow),
    Coupling(ConditionalCouplingFlow),
    Continuous(ConditionalContinuousFlow),
}

impl DensityModel {
    /// Fits the standardization to data.
    pub(super) fn initialize(self, data: &Tensor<2>) -> Result<Self, FlowError> {
        Ok(match self {
            Self::Autoregressive(flow) => Self::Autoregressive(flow.initialize(data)?),
            Self::Coupling(flow) => Self::Coupling(flow.initialize(data)?),
            Self::Continuous(flow) => Self::Continuous(flow.initialize(data)?),
        })
    }

    pub(super) fn log_prob(
        &self,
        u: Tensor<2>,
        context: &Tensor<2>,
    ) -> Result<Tensor<1>, FlowError> {
        match self {
            Self::Autoregressive(flow) => Ok(flow.given(context).log_prob(u)),
            Self::Coupling(flow) => Ok(flow.given(context).log_prob(u)),
            Self::Continuous(flow) => flow.given(context).log_prob(u),
        }
    }

    /// The compiled form; a differential equation has none here.
    pub(super) fn compile(&self) -> Option<CompiledFlow<Tensor<2>>> {
        match self {
            Self::Autoregressive(flow) => Some(flow.compile()),
            Self::Coupling(flow) => Some(flow.compile()),
            Self::Continuous(_) => None,
        }
    }

    /// The training loss, `[1]`: a mean over the batch.
    pub(super) fn loss(
        &self,
        u: Tensor<2>,
        context: &Tensor<2>,
        noise: &mut Noise,
    ) -> Result<Tensor<1>, FlowError> {
        match self {
            Self::Autoregressive(flow) => Ok(flow.given(context).loss(u)),
            Self::Coupling(flow) => Ok(flow.given(context).loss(u)),
            Self::Continuous(flow) => flow.given(context).loss(u, noise),
        }
    }

    pub(super) fn sample(
        &self,
        n: usize,
        context: &Tensor<2>,
        noise: &mut Noise,
    ) -> Result<Tensor<2>, FlowError> {
        match self {
            Self::Autoregressive(flow) => Ok(flow.given(context).sample(n, 1.0, noise)),
            Self::Coupling(flow) => Ok(flow.given(context).sample(n, 1.0, noise)),
            Self::Continuous(flow) => flow.given(context).sample(n, 1.0, noise),
        }
    }
}
