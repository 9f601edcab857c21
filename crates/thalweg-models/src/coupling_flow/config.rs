//! Sizes and transformer of a coupling flow.

use burn::config::Config;
use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use thalweg_flow::{
    Activation, Autoregressive, Coupling, Flow, FlowError, InvertibleLinear, MaskedMlp,
    MaskedMlpConfig, MlpConfig, Noise, Plu, ResidualMlpConfig, Split, Standardize, Transformer,
    Warning, WeightInit, WithContext,
};

use super::transformer::Perceptron;
use super::{
    ConditionalCouplingBijection, ConditionalCouplingFlow, CouplingFlow, CouplingFlowBase,
    CouplingFlowBijection, CouplingStyle, CouplingTransformer, Step, check_angles,
};
use crate::autoregressive_flow::{masked, numbers, one_feature};
use crate::config::{add_missing, check_residual, layers_of, perceptron};
use crate::model::{ModelConfig, init};
use crate::vector::{Conditional, ConditionalConfig, VectorConfig};
use crate::{ConfigError, SamplingCost};

/// Sizes and style of a [`CouplingFlow`].
///
/// See [`CouplingFlow`](super::CouplingFlow) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct CouplingFlowConfig {
    /// The number of features.
    pub features: usize,
    /// The transformer.
    pub style: CouplingStyle,
    /// Couplings, each behind an invertible linear map.
    #[config(default = 8)]
    pub couplings: usize,
    /// Widths of the hidden layers of each coupling's network. With [`residual`](Self::residual): one
    /// width, once for each block.
    #[config(default = "vec![128, 128]")]
    pub hidden: Vec<usize>,
    /// Residual blocks of two layers in place of hidden layers.
    #[config(default = false)]
    pub residual: bool,
    /// After each hidden layer; with [`residual`](Self::residual), before each layer of a block.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

impl CouplingFlowConfig {
    /// RealNVP for vectors: affine couplings with softly bounded scales.
    ///
    /// Dinh, Sohl-Dickstein, Bengio: *Density estimation using Real NVP*, 2017, section 3.
    pub fn realnvp(features: usize) -> Self {
        Self::new(features, CouplingStyle::Affine)
    }

    /// The neural spline flow with couplings, RQ-NSF (C): 8 bins on `[−3, 3]`.
    ///
    /// Durkan, Bekasov, Murray, Papamakarios: *Neural spline flows*, 2019, section 3.2. The PLU map
    /// before each coupling is theirs too.
    pub fn nsf(features: usize) -> Self {
        let (bins, bound) = (8, 3.0);
        Self::new(features, CouplingStyle::Spline { bins, bound })
    }

    /// A flow of angles in `[−π, π]`: circular splines of 8 bins, without linear maps, on a uniform base. Each
    /// coupling keeps half of the angles.
    ///
    /// Rezende and others: *Normalizing flows on tori and spheres*, 2020, section 2.1.3.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::Noise;
    /// use thalweg_models::CouplingFlowConfig;
    /// use thalweg_models::coupling_flow::CouplingFlowBase;
    ///
    /// let flow = CouplingFlowConfig::circular(2).init(&Device::default());
    /// assert!(matches!(flow.flow.base, CouplingFlowBase::Circle(_)));
    /// let angles = flow.sample(100, 1.0, &mut Noise::seeded(0));
    /// assert!(angles.abs().max().into_scalar::<f32>() <= std::f32::consts::PI);
    /// ```
    pub fn circular(features: usize) -> Self {
        let (bins, bound) = (8, std::f64::consts::PI);
        Self::new(features, CouplingStyle::CircularSpline { bins, bound })
    }

    /// The same model conditional on vectors of `context` numbers, which every network sees.
    ///
    /// See [`ConditionalCouplingFlow`] for an example.
    pub fn with_context(self, context: usize) -> Conditional<Self> {
        Conditional {
            flow: self,
            context,
        }
    }

    /// The flow whose networks see `context` more numbers: those of couplings, and of one feature.
    fn flow_of<N, L>(
        &self,
        context: usize,
        network: impl Fn(Perceptron) -> N,
        elementwise: impl Fn(CouplingTransformer, MaskedMlp) -> L,
        device: &Device,
    ) -> Flow<CouplingFlowBijection<N, L>, CouplingFlowBase>
    where
        N: Module + ModuleDisplay,
        L: Module + ModuleDisplay,
    {
        let noise = &mut Noise::seeded(self.seed);
        let (steps, elementwise) = match self.features {
            1 => {
                let layer = |_| {
                    let net = self.network_of_one(context).init(noise, device);
                    elementwise(self.style.transformer(), net)
                };
                (None, Some((0..self.couplings).map(layer).collect()))
            }
            _ => {
                let step = |index| self.step(index, context, &network, noise, device);
                (Some((0..self.couplings).map(step).collect()), None)
            }
        };
        let bijection = CouplingFlowBijection {
            standardize: Standardize::identity(self.features, device),
            steps,
            elementwise,
        };
        let base = CouplingFlowBase::of(self.style, self.features, device);
        Flow::new(bijection, base)
    }

    /// The network of one feature.
    fn network_of_one(&self, context: usize) -> MaskedMlpConfig {
        masked(1, context, &self.hidden, &self.style.transformer())
            .with_residual(self.residual && context > 0)
            .with_activation(self.activation)
    }

    fn step<N: Module + ModuleDisplay>(
        &self,
        index: usize,
        context: usize,
        network: impl Fn(Perceptron) -> N,
        noise: &mut Noise,
        device: &Device,
    ) -> Step<N> {
        let split = Split::half().alternating(index);
        let (kept, transformed) = split.sizes(self.features);
        let transformer = self.style.transformer();
        let outputs = transformer.parameters_per_feature() * transformed;
        let inputs = self.style.inputs(kept) + context;
        let net = self.perceptron(inputs, outputs, noise, device);
        let is_mixed = !self.style.is_circular();
        let mix =
            is_mixed.then(|| InvertibleLinear::new(Plu::rotation(self.features, noise, device)));
        Step {
            mix,
            coupling: Coupling::new(split, transformer, network(net)),
        }
    }

    /// A network whose last layer starts at 0, so that the coupling starts as the identity.
    fn perceptron(
        &self,
        inputs: usize,
        outputs: usize,
        noise: &mut Noise,
        device: &Device,
    ) -> Perceptron {
        if self.residual {
            let (width, blocks) = (self.hidden[0], self.hidden.len());
            let config = ResidualMlpConfig::new(inputs, width, blocks, outputs)
                .with_activation(self.activation)
                .with_output_init(WeightInit::Zero);
            return Perceptron::Residual(Box::new(config.init(noise, device)));
        }
        let config = MlpConfig::new(inputs, self.hidden.clone(), outputs)
            .with_activation(self.activation)
            .with_output_init(WeightInit::Zero);
        Perceptron::Plain(config.init(noise, device))
    }

    /// A lower bound on the numbers of a model whose networks see `context` more of them.
    fn count_with(&self, context: usize) -> u128 {
        if self.features == 1 {
            let network = numbers(&self.network_of_one(context));
            return network.saturating_mul(self.couplings as u128);
        }
        let (features, half) = (self.features as u128, self.features / 2);
        let outputs = half * self.style.transformer().parameters_per_feature();
        let hidden = layers_of(&self.hidden, self.residual);
        let network = perceptron([half + context].into_iter().chain(hidden).chain([outputs]));
        let mix = if self.style.is_circular() { 0 } else { 2 };
        let step = network.saturating_add(mix * features * features);
        step.saturating_mul(self.couplings as u128)
            .saturating_add(2 * features)
    }
}

init! {
    CouplingFlowConfig => CouplingFlow,
    "No features, no couplings, a layer of width 0, a residual network without a block or with several \
     widths, bins outside 2 ..= 500, or a bound that is not a positive number."
}

impl ModelConfig for CouplingFlowConfig {
    const KIND: &'static str = "coupling flow";
    type Model = CouplingFlow;

    fn check(&self) -> Result<(), ConfigError> {
        let sizes = [
            ("features", self.features, 1),
            ("couplings", self.couplings, 1),
        ];
        let widths = self.hidden.iter().map(|width| ("hidden", *width, 1));
        ConfigError::at_least(Self::KIND, sizes.into_iter().chain(widths))?;
        self.style.check(Self::KIND)?;
        match self.residual {
            true => check_residual(Self::KIND, &self.hidden),
            false => Ok(()),
        }
    }

    fn count(&self) -> u128 {
        self.count_with(0)
    }

    fn build(&self, device: &Device) -> CouplingFlow {
        CouplingFlow::new(self, device)
    }

    fn complete(config: &mut serde_json::Value) {
        add_missing(
            config,
            [("residual", false.into()), ("activation", "Relu".into())],
        );
    }

    fn sampling_cost(&self) -> SamplingCost {
        SamplingCost::ONE_PASS
    }
}

impl VectorConfig for CouplingFlowConfig {
    type Bijection = CouplingFlowBijection;
    type Base = CouplingFlowBase;
    type Context = ();

    fn features(&self) -> usize {
        self.features
    }

    fn flow(&self, device: &Device) -> Flow<CouplingFlowBijection, CouplingFlowBase> {
        self.flow_of(
            0,
            |net| self.style.network(net),
            Autoregressive::new,
            device,
        )
    }

    /// Angles keep their numbers.
    fn standardize(&self, data: &Tensor<2>) -> Result<Option<Standardize>, FlowError> {
        let fitted = Standardize::fit(data)?.layer;
        match self.style {
            CouplingStyle::CircularSpline { bound, .. } => {
                check_angles(data, bound)?;
                Ok(None)
            }
            _ => Ok(Some(fitted)),
        }
    }

    fn support(&self) -> Option<[f64; 2]> {
        match self.style {
            CouplingStyle::CircularSpline { bound, .. } => Some([-bound, bound]),
            _ => None,
        }
    }

    fn assert_context(&self, (): &()) {}

    fn warnings(&self) -> Vec<Warning> {
        one_feature(Self::KIND, self.features)
    }
}

impl ConditionalConfig for CouplingFlowConfig {
    const CONDITIONAL: &'static str = "conditional coupling flow";
    type Conditional = ConditionalCouplingBijection;
    type Given = ConditionalCouplingFlow;

    fn conditional_count(&self, context: usize) -> u128 {
        self.count_with(context)
    }

    fn conditional_flow(
        &self,
        context: usize,
        device: &Device,
    ) -> Flow<ConditionalCouplingBijection, CouplingFlowBase> {
        self.flow_of(
            context,
            |net| self.style.conditional_network(net),
            |transformer, net| Autoregressive::new(transformer, WithContext::new(net)),
            device,
        )
    }

    fn build_given(config: &Conditional<Self>, device: &Device) -> ConditionalCouplingFlow {
        ConditionalCouplingFlow::new(config, device)
    }
}
