//! Sizes, objective and integration of a continuous flow.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{
    Activation, Continuous, Divergence, Flow, FlowMatching, Integration, Noise, Standardize,
    TimeMlp, TimeMlpConfig, WeightInit, WithContext,
};

use super::{ConditionalContinuousFlow, ContinuousFlow, ContinuousFlowBijection, FieldFlow};
use crate::config::perceptron;
use crate::model::{ModelConfig, init};
use crate::vector::{Conditional, ConditionalConfig, VectorConfig};
use crate::{ConfigError, Passes, SamplingCost};

/// The training loss of a [`ContinuousFlow`].
///
/// ```
/// use thalweg_models::{ContinuousFlowConfig, ContinuousObjective};
///
/// let objective = ContinuousFlowConfig::ffjord(2).objective;
/// let ContinuousObjective::Likelihood { kinetic, jacobian } = objective else { panic!() };
/// assert_eq!((kinetic, jacobian), (0.01, 0.01));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum ContinuousObjective {
    /// A regression on the velocities of straight paths from noise to data, without an integration.
    FlowMatching(FlowMatching),
    /// `−ln p + λ_K ∫ ‖v‖² dt + λ_J ∫ ‖J‖² dt` in the units of the standardized data. With a weight
    /// above 0, the divergence and `J` are estimated by one probe a row; without, the divergence is
    /// that of the configuration.
    ///
    /// Finlay, Jacobsen, Nurbekyan, Oberman: *How to train your neural ODE: the world of Jacobian and
    /// kinetic regularization*, 2020, eq. 10.
    Likelihood {
        /// `λ_K`.
        kinetic: f64,
        /// `λ_J`.
        jacobian: f64,
    },
}

/// Sizes, objective and integration of a [`ContinuousFlow`].
///
/// See [`ContinuousFlow`](super::ContinuousFlow) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct ContinuousFlowConfig {
    /// The number of features.
    pub features: usize,
    /// The training loss.
    pub objective: ContinuousObjective,
    /// Widths of the hidden layers of the field's network. Four train better than two of twice the
    /// width; with one or two, the exact divergence costs about as much as the field, whatever the number
    /// of features.
    #[config(default = "vec![128, 128, 128, 128]")]
    pub hidden: Vec<usize>,
    /// Frequencies of the time that the network sees: `cos kπt` and `sin kπt` for `k` from 1 on.
    #[config(default = 3)]
    pub frequencies: usize,
    /// After each hidden layer. A smooth one needs fewer evaluations.
    #[config(default = "Activation::Silu")]
    pub activation: Activation,
    /// The integration of densities, latents and the data of latents.
    #[config(default = "Integration::default()")]
    pub integration: Integration,
    /// The integration of samples.
    #[config(default = "Integration::default()")]
    pub sampling: Integration,
    /// The divergence of the field.
    #[config(default = "Divergence::Auto")]
    pub divergence: Divergence,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

impl ContinuousFlowConfig {
    /// Flow matching: straight paths that each row of the data has with its own noise, `σ = 1e-4`.
    ///
    /// Lipman, Chen, Ben-Hamu, Nickel, Le: *Flow matching for generative modeling*, 2023, section 4.1.
    pub fn flow_matching(features: usize) -> Self {
        let matching = FlowMatching::default();
        Self::new(features, ContinuousObjective::FlowMatching(matching))
    }

    /// FFJORD: maximum likelihood, with a weight of 0.01 on each energy, which keeps the number of
    /// evaluations low.
    ///
    /// Grathwohl, Chen, Bettencourt, Sutskever, Duvenaud: *FFJORD: Free-form continuous dynamics for
    /// scalable reversible generative models*, 2019, section 3. The weights are those of Finlay and
    /// others, 2020, section 5.
    pub fn ffjord(features: usize) -> Self {
        let (kinetic, jacobian) = (0.01, 0.01);
        Self::new(
            features,
            ContinuousObjective::Likelihood { kinetic, jacobian },
        )
    }

    /// The same model conditional on vectors of `context` numbers.
    ///
    /// See [`ConditionalContinuousFlow`] for an example.
    pub fn with_context(self, context: usize) -> Conditional<Self> {
        Conditional {
            flow: self,
            context,
        }
    }

    fn flow_of<F>(
        &self,
        context: usize,
        field: impl FnOnce(TimeMlp) -> F,
        device: &Device,
    ) -> Flow<ContinuousFlowBijection<Continuous<F>>, StandardNormal>
    where
        F: Module + ModuleDisplay,
    {
        let net = TimeMlpConfig::new(self.features, self.hidden.clone())
            .with_context(context)
            .with_frequencies(self.frequencies)
            .with_activation(self.activation)
            // The untrained flow is the standardization.
            .with_output_init(WeightInit::Zero)
            .init(&mut Noise::seeded(self.seed), device);
        let bijection = ContinuousFlowBijection {
            standardize: Standardize::identity(self.features, device),
            continuous: Continuous::new(field(net))
                .with_integration(self.integration)
                .with_divergence(self.divergence),
        };
        Flow::new(bijection, StandardNormal::new(self.features))
    }

    fn count_with(&self, context: usize) -> u128 {
        let inputs = self.features + 2 * self.frequencies + context;
        let hidden = self.hidden.iter().copied();
        let network = perceptron([inputs].into_iter().chain(hidden).chain([self.features]));
        network.saturating_add(2 * self.features as u128)
    }
}

init! {
    ContinuousFlowConfig => ContinuousFlow,
    "No features, a layer of width 0, `σ` outside `0 ..= ½`, a negative weight, or settings that \
     [`Integration::check`] or [`Divergence::check`] refuses."
}

impl ModelConfig for ContinuousFlowConfig {
    const KIND: &'static str = "continuous flow";
    type Model = ContinuousFlow;

    fn check(&self) -> Result<(), ConfigError> {
        let widths = self.hidden.iter().map(|width| ("hidden", *width, 1));
        ConfigError::at_least(
            Self::KIND,
            [("features", self.features, 1)].into_iter().chain(widths),
        )?;
        ConfigError::check(
            Self::KIND,
            "frequencies",
            self.frequencies as u64,
            [0, 65_536],
        )?;
        match self.objective {
            ContinuousObjective::FlowMatching(matching) => {
                ConfigError::check_range(Self::KIND, "sigma_min", matching.sigma_min, [0.0, 0.5])?;
            }
            ContinuousObjective::Likelihood { kinetic, jacobian } => {
                for (field, weight) in [("kinetic", kinetic), ("jacobian", jacobian)] {
                    ConfigError::check_range(Self::KIND, field, weight, [0.0, f64::MAX])?;
                }
            }
        }
        let settings = [
            ("integration", self.integration.check()),
            ("sampling", self.sampling.check()),
            ("divergence", self.divergence.check()),
        ];
        settings.into_iter().try_for_each(|(field, checked)| {
            checked.map_err(|error| ConfigError::Setting {
                model: Self::KIND,
                field,
                problem: error.to_string(),
            })
        })
    }

    fn count(&self) -> u128 {
        self.count_with(0)
    }

    fn build(&self, device: &Device) -> ContinuousFlow {
        FieldFlow::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        // The exact divergence of a perceptron with one or two hidden layers costs about one pass more.
        let is_cheap = matches!(self.hidden.len(), 1 | 2);
        let tangents = match self.divergence {
            Divergence::Hutchinson { probes, .. } => probes,
            exact if exact.is_exact(self.features, is_cheap) && !is_cheap => self.features,
            _ => 1,
        };
        SamplingCost {
            density: Passes::of_solver(&self.integration, tangents),
            sample: Passes::of_solver(&self.sampling, 0),
        }
    }
}

impl VectorConfig for ContinuousFlowConfig {
    type Bijection = ContinuousFlowBijection;
    type Base = StandardNormal;
    type Context = ();

    fn features(&self) -> usize {
        self.features
    }

    fn flow(&self, device: &Device) -> Flow<ContinuousFlowBijection, StandardNormal> {
        self.flow_of(0, |field| field, device)
    }

    fn assert_context(&self, (): &()) {}
}

impl ConditionalConfig for ContinuousFlowConfig {
    const CONDITIONAL: &'static str = "conditional continuous flow";
    type Conditional = ContinuousFlowBijection<Continuous<WithContext<TimeMlp>>>;
    type Given = ConditionalContinuousFlow;

    fn conditional_count(&self, context: usize) -> u128 {
        self.count_with(context)
    }

    fn conditional_flow(
        &self,
        context: usize,
        device: &Device,
    ) -> Flow<Self::Conditional, StandardNormal> {
        self.flow_of(context, WithContext::new, device)
    }

    fn build_given(config: &Conditional<Self>, device: &Device) -> ConditionalContinuousFlow {
        FieldFlow::new(config, device)
    }
}
