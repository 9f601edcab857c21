//! Sizes and choices of a joint distribution of categories.

use burn::config::Config;
use burn::tensor::{Device, Tensor};
use thalweg_flow::{Activation, Condition, Degrees, MaskedMlp, Noise, WeightInit};

use super::layout::Layout;
use super::{Categorical, CategoricalModel, ConditionalCategorical};
use crate::config::perceptron;
use crate::door::assert_shape;
use crate::model::{ModelConfig, init};
use crate::vector::Conditional;
use crate::{ConfigError, Passes, SamplingCost};

/// Sizes and choices of a [`Categorical`].
///
/// See [`Categorical`](super::Categorical) for an example.
#[derive(Config, Debug, PartialEq)]
pub struct CategoricalConfig {
    /// The number of levels of each variable, 2 or more: a variable of one level is a constant.
    pub levels: Vec<usize>,
    /// Widths of the network's hidden layers.
    #[config(default = "vec![128, 128]")]
    pub hidden: Vec<usize>,
    /// `order[k]` is the variable that comes at place `k`; empty for their own order.
    #[config(default = "Vec::new()")]
    pub order: Vec<usize>,
    /// After each hidden layer.
    #[config(default = "Activation::Relu")]
    pub activation: Activation,
    /// The rows that [`initialize`](CategoricalModel::initialize) adds to the count of each level: ½ is the
    /// estimate of Krichevsky and Trofimov (*The performance of universal encoding*, 1981).
    #[config(default = 0.5)]
    pub smoothing: f64,
    /// Determines the initial weights.
    #[config(default = 0)]
    pub seed: u64,
}

/// The configuration of a [`CategoricalModel`]: sizes, and a condition or none.
///
/// ```
/// use thalweg_models::CategoricalConfig;
/// use thalweg_models::categorical::CategoricalModelConfig;
///
/// /// How many codes there are.
/// fn codes<K: CategoricalModelConfig>(config: &K) -> usize {
///     config.sizes().0.levels.iter().product()
/// }
///
/// let config = CategoricalConfig::new(vec![2, 4]);
/// assert_eq!(codes(&config), 8);
/// assert_eq!(codes(&config.with_context(3)), 8);
/// ```
pub trait CategoricalModelConfig: ModelConfig {
    /// The condition: `()`, or vectors `[batch, context]`.
    type Context: Condition + Sync;

    /// The sizes, and the numbers of a condition.
    fn sizes(&self) -> (&CategoricalConfig, usize);

    /// Asserts that a condition has the model's numbers a row.
    ///
    /// # Panics
    ///
    /// When it has not, naming both shapes.
    fn assert_context(&self, context: &Self::Context);

    /// The condition as the network's inputs, `[rows, context]`.
    fn vectors(context: &Self::Context) -> Option<Tensor<2>>;
}

impl CategoricalConfig {
    /// The same model conditional on vectors of `context` numbers.
    ///
    /// See [`ConditionalCategorical`] for an example.
    pub fn with_context(self, context: usize) -> Conditional<Self> {
        Conditional {
            flow: self,
            context,
        }
    }

    /// The network. Its last layer starts at 0, so that the untrained model is uniform.
    pub(super) fn network(&self, layout: &Layout, context: usize, device: &Device) -> MaskedMlp {
        let variables = self.levels.len();
        let order = match self.order.is_empty() {
            true => (0..variables).collect(),
            false => self.order.clone(),
        };
        let widths = self.hidden_of(context).iter();
        let hidden = widths.map(|width| Degrees::spread(*width, variables, context > 0));
        let owners = layout.owners();
        let sides = [owners.clone(), owners];
        let degrees = Degrees::grouped(order, context, sides, hidden.collect());
        let inits = [WeightInit::FanIn, WeightInit::Zero];
        let noise = &mut Noise::seeded(self.seed);
        MaskedMlp::of_degrees(degrees, self.activation, inits, noise, device)
    }

    /// One variable without a condition sees nothing: its logits are biases.
    fn hidden_of(&self, context: usize) -> &[usize] {
        match (self.levels.len(), context) {
            (1, 0) => &[],
            _ => &self.hidden,
        }
    }

    fn count_with(&self, context: usize) -> u128 {
        let codes = self.levels.iter().map(|levels| levels - 1);
        let codes = codes.fold(0, usize::saturating_add);
        let hidden = self.hidden_of(context).iter().copied();
        let ends = [codes.saturating_add(context), codes];
        perceptron([ends[0]].into_iter().chain(hidden).chain([ends[1]]))
    }
}

init! {
    CategoricalConfig => Categorical,
    "No variables, a variable of fewer than 2 levels or more than 2²⁴, a layer of width 0, an order that does not \
     hold each variable once, or a smoothing that is not a positive number."
}

init! {
    Conditional<CategoricalConfig> => ConditionalCategorical,
    "As `try_init` of the model without the condition, and for a condition of no numbers."
}

/// Whole numbers up to this one are exact in f32, in which codes are compared.
const MOST_LEVELS: u64 = 1 << 24;

impl ModelConfig for CategoricalConfig {
    const KIND: &'static str = "categorical";
    type Model = Categorical;

    fn check(&self) -> Result<(), ConfigError> {
        let variables = self.levels.len();
        ConfigError::at_least(Self::KIND, [("variables", variables, 1)])?;
        for levels in &self.levels {
            ConfigError::check(Self::KIND, "levels", *levels as u64, [2, MOST_LEVELS])?;
        }
        let widths = self.hidden.iter().map(|width| ("hidden", *width, 1));
        ConfigError::at_least(Self::KIND, widths)?;
        ConfigError::check_positive(Self::KIND, "smoothing", self.smoothing)?;
        let mut sorted = self.order.clone();
        sorted.sort_unstable();
        if !self.order.is_empty() && !sorted.iter().copied().eq(0..variables) {
            return Err(ConfigError::Setting {
                model: Self::KIND,
                field: "order",
                problem: format!(
                    "an order of {variables} variables holds each of 0..{variables} once, got {:?}",
                    self.order
                ),
            });
        }
        Ok(())
    }

    fn count(&self) -> u128 {
        self.count_with(0)
    }

    fn build(&self, device: &Device) -> Categorical {
        CategoricalModel::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        let sample = match self.levels.len() {
            1 => Passes::One,
            features => Passes::Incremental { features },
        };
        SamplingCost {
            density: Passes::One,
            sample,
        }
    }
}

impl CategoricalModelConfig for CategoricalConfig {
    type Context = ();

    fn sizes(&self) -> (&CategoricalConfig, usize) {
        (self, 0)
    }

    fn assert_context(&self, (): &()) {}

    fn vectors((): &()) -> Option<Tensor<2>> {
        None
    }
}

impl ModelConfig for Conditional<CategoricalConfig> {
    const KIND: &'static str = "conditional categorical";
    type Model = ConditionalCategorical;

    fn check(&self) -> Result<(), ConfigError> {
        ConfigError::at_least(Self::KIND, [("context", self.context, 1)])?;
        self.flow.check()
    }

    fn count(&self) -> u128 {
        self.flow.count_with(self.context)
    }

    fn build(&self, device: &Device) -> ConditionalCategorical {
        CategoricalModel::new(self, device)
    }

    fn sampling_cost(&self) -> SamplingCost {
        self.flow.sampling_cost()
    }
}

impl CategoricalModelConfig for Conditional<CategoricalConfig> {
    type Context = Tensor<2>;

    fn sizes(&self) -> (&CategoricalConfig, usize) {
        (&self.flow, self.context)
    }

    fn assert_context(&self, context: &Tensor<2>) {
        assert_shape(Self::KIND, "takes conditions", context, &[self.context]);
    }

    fn vectors(context: &Tensor<2>) -> Option<Tensor<2>> {
        Some(context.clone())
    }
}
