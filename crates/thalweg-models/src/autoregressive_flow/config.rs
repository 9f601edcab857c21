//! Sizes, transformer and orders of an autoregressive flow.

use burn::config::Config;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{
    Activation, Flow, InvertibleLinear, MaskedMlpConfig, Noise, Plu, Standardize, Transformer,
    Warning, WeightInit,
};

use super::step::Step;
use super::{
    AutoregressiveFlow, AutoregressiveFlowBijection, ConditionalAutoregressiveFlow,
    ConditionalAutoregressiveStep, FeatureOrder, Mixed,
};
use crate::config::{check_residual, layers_of, perceptron};
use crate::coupling_flow::CouplingStyle;
use crate::model::{ModelConfig, init};
use crate::vector::{Conditional, ConditionalConfig, VectorConfig};
use crate::{ConfigError, Passes, SamplingCost};

/// The side of an [`AutoregressiveFlow`] that takes one pass. The other takes a step for each feature.
///
/// See [`AutoregressiveFlowConfig::iaf`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum FastSide {
    /// Densities and training: a masked autoregressive flow.
    #[default]
    Density,
    /// Samples: an inverse autoregressive flow.
    Sample,
}

/// Sizes, transformer and orders of an [`AutoregressiveFlow`].
///
/// See [`AutoregressiveFlow`](super::AutoregressiveFlow) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct AutoregressiveFlowConfig {
    /// The number of features.
    pub features: usize,
    /// The transformer; circular splines are not among those of this model.
    pub style: CouplingStyle,
    /// Autoregressive transforms.
    #[config(default = 5)]
    pub transforms: usize,
    /// Widths of the hidden layers of each transform's network. With [`residual`](Self::residual): one
    /// width, once for each block.
    #[config(default = "vec![128, 128]")]
    pub hidden: Vec<usize>,
    /// Residual blocks of two layers in place of hidden layers.
    #[config(default = false)]
    pub residual: bool,
    /// After each hidden layer; with [`residual`](Self::residual), before each layer of a block.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// A learned invertible linear map in front of each transform: the features that a transform sees in
    /// its order are then sums of all.
    #[config(default = false)]
    pub mix: bool,
    /// The order of the features.
    #[config(default = "FeatureOrder::Alternating")]
    pub order: FeatureOrder,
    /// The side that takes one pass.
    #[config(default = "FastSide::Density")]
    pub fast: FastSide,
    /// Determines the initial weights, and random orders.
    #[config(default = 0)]
    pub seed: u64,
}

impl AutoregressiveFlowConfig {
    /// The masked autoregressive flow, MAF: affine transforms with softly bounded scales.
    ///
    /// Papamakarios, Pavlakou, Murray: *Masked autoregressive flow for density estimation*, 2017,
    /// section 3. Five transforms as in MAF (5); the paper has batch normalization between them, here
    /// is a standardization in front.
    pub fn maf(features: usize) -> Self {
        Self::new(features, CouplingStyle::Affine)
    }

    /// The autoregressive neural spline flow, RQ-NSF (AR): 8 bins on `[−3, 3]`.
    ///
    /// Durkan, Bekasov, Murray, Papamakarios: *Neural spline flows*, 2019, section 3.2. The PLU map
    /// before each transform is theirs too. On small tables narrow networks with a smooth activation
    /// generalize better; see the example `autoregressive`.
    ///
    /// ```
    /// use thalweg_models::{AutoregressiveFlowConfig, CouplingStyle};
    ///
    /// let config = AutoregressiveFlowConfig::nsf_ar(6);
    /// assert_eq!(config.style, CouplingStyle::Spline { bins: 8, bound: 3.0 });
    /// ```
    pub fn nsf_ar(features: usize) -> Self {
        let (bins, bound) = (8, 3.0);
        Self::new(features, CouplingStyle::Spline { bins, bound }).with_mix(true)
    }

    /// The inverse autoregressive flow, IAF: [`maf`](Self::maf) with the directions exchanged. A sample is one
    /// pass, the density of given data a step for each feature, in training too.
    ///
    /// Kingma, Salimans, Jozefowicz, Chen, Sutskever, Welling: *Improved variational inference with
    /// inverse autoregressive flow*, 2016, section 3.
    ///
    /// ```
    /// use thalweg_models::{AutoregressiveFlowConfig, FastSide, ModelConfig, Passes};
    ///
    /// let config = AutoregressiveFlowConfig::iaf(6);
    /// assert_eq!(config.fast, FastSide::Sample);
    /// let cost = config.sampling_cost();
    /// assert_eq!(cost.sample, Passes::One);
    /// assert_eq!(cost.density, Passes::Incremental { features: 6 });
    /// ```
    pub fn iaf(features: usize) -> Self {
        Self::maf(features).with_fast(FastSide::Sample)
    }

    /// The same model conditional on vectors of `context` numbers, which every network sees.
    ///
    /// See [`ConditionalAutoregressiveFlow`] for an example.
    pub fn with_context(self, context: usize) -> Conditional<Self> {
        Conditional {
            flow: self,
            context,
        }
    }

    fn flow_of<L: Step>(
        &self,
        context: usize,
        device: &Device,
    ) -> Flow<AutoregressiveFlowBijection<L>, StandardNormal> {
        let noise = &mut Noise::seeded(self.seed);
        let orders = &mut Noise::seeded(self.seed ^ ORDERS);
        let step = |index| {
            let order = self.order.of_transform(index, self.features, orders);
            let mix = || InvertibleLinear::new(Plu::rotation(self.features, noise, device));
            let mix = self.is_mixed().then(mix);
            let net = self.network(context).with_order(order).init(noise, device);
            let transform = L::of(self.style.transformer(), net, self.fast);
            Mixed { mix, transform }
        };
        let bijection = AutoregressiveFlowBijection {
            standardize: Standardize::identity(self.features, device),
            steps: (0..self.transforms).map(step).collect(),
        };
        Flow::new(bijection, StandardNormal::new(self.features))
    }

    fn network(&self, context: usize) -> MaskedMlpConfig {
        let transformer = self.style.transformer();
        let is_residual = self.residual && (self.features > 1 || context > 0);
        masked(self.features, context, &self.hidden, &transformer)
            .with_residual(is_residual)
            .with_activation(self.activation)
    }

    /// A linear map of one feature would be a scale beside that of the transform.
    fn is_mixed(&self) -> bool {
        self.mix && self.features > 1
    }

    fn count_with(&self, context: usize) -> u128 {
        let features = self.features as u128;
        let mix = if self.is_mixed() {
            2 * features * features
        } else {
            0
        };
        numbers(&self.network(context))
            .saturating_add(mix)
            .saturating_mul(self.transforms as u128)
            .saturating_add(2 * self.features as u128)
    }
}

/// Distinguishes the noise of random orders from that of the first weights.
const ORDERS: u64 = 0x006f_7264_6572_7300;

/// A masked network whose transforms start as the identity. Without anything to see, of one feature and
/// no context, it has no hidden layers: its outputs are biases.
pub(crate) fn masked(
    features: usize,
    context: usize,
    hidden: &[usize],
    transformer: &impl Transformer,
) -> MaskedMlpConfig {
    let hidden = match (features, context) {
        (1, 0) => vec![],
        _ => hidden.to_vec(),
    };
    let parameters = transformer.parameters_per_feature();
    MaskedMlpConfig::new(features, hidden, parameters)
        .with_context(context)
        .with_output_init(WeightInit::Zero)
}

/// The number of values in a masked network.
pub(crate) fn numbers(network: &MaskedMlpConfig) -> u128 {
    let hidden = layers_of(&network.hidden, network.residual);
    let inputs = network.features + network.context;
    let outputs = network.features.saturating_mul(network.parameters);
    perceptron([inputs].into_iter().chain(hidden).chain([outputs]))
}

init! {
    AutoregressiveFlowConfig => AutoregressiveFlow,
    "No features, no transforms, a layer of width 0, a residual network without a block or with several \
     widths, circular splines, bins outside 2 ..= 500, or a bound that is not a positive number."
}

impl ModelConfig for AutoregressiveFlowConfig {
    const KIND: &'static str = "autoregressive flow";
    type Model = AutoregressiveFlow;

    fn check(&self) -> Result<(), ConfigError> {
        let sizes = [
            ("features", self.features, 1),
            ("transforms", self.transforms, 1),
        ];
        let widths = self.hidden.iter().map(|width| ("hidden", *width, 1));
        ConfigError::at_least(Self::KIND, sizes.into_iter().chain(widths))?;
        self.style.check(Self::KIND)?;
        if self.style.is_circular() {
            let problem = "circular splines need networks of angles, which this model does not have; use \
                           `CouplingFlowConfig::circular`";
            return Err(ConfigError::Setting {
                model: Self::KIND,
                field: "style",
                problem: problem.into(),
            });
        }
        match self.residual {
            true => check_residual(Self::KIND, &self.hidden),
            false => Ok(()),
        }
    }

    fn count(&self) -> u128 {
        self.count_with(0)
    }

    fn build(&self, device: &Device) -> AutoregressiveFlow {
        AutoregressiveFlow::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        let features = self.features;
        let slow = match features {
            1 => Passes::One,
            _ => Passes::Incremental { features },
        };
        let [density, sample] = match self.fast {
            FastSide::Density => [Passes::One, slow],
            FastSide::Sample => [slow, Passes::One],
        };
        SamplingCost { density, sample }
    }
}

impl VectorConfig for AutoregressiveFlowConfig {
    type Bijection = AutoregressiveFlowBijection;
    type Base = StandardNormal;
    type Context = ();

    fn features(&self) -> usize {
        self.features
    }

    fn flow(&self, device: &Device) -> Flow<AutoregressiveFlowBijection, StandardNormal> {
        self.flow_of(0, device)
    }

    fn assert_context(&self, (): &()) {}

    fn warnings(&self) -> Vec<Warning> {
        one_feature(Self::KIND, self.features)
    }
}

/// The warning about a flow of one feature.
pub(crate) fn one_feature(model: &'static str, features: usize) -> Vec<Warning> {
    match features {
        1 => vec![Warning::OneFeature { model }],
        _ => vec![],
    }
}

impl ConditionalConfig for AutoregressiveFlowConfig {
    const CONDITIONAL: &'static str = "conditional autoregressive flow";
    type Conditional = AutoregressiveFlowBijection<ConditionalAutoregressiveStep>;
    type Given = ConditionalAutoregressiveFlow;

    fn conditional_count(&self, context: usize) -> u128 {
        self.count_with(context)
    }

    fn conditional_flow(
        &self,
        context: usize,
        device: &Device,
    ) -> Flow<Self::Conditional, StandardNormal> {
        self.flow_of(context, device)
    }

    fn build_given(config: &Conditional<Self>, device: &Device) -> ConditionalAutoregressiveFlow {
        ConditionalAutoregressiveFlow::new(config, device)
    }
}
