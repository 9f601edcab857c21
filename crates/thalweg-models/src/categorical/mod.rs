//! Joint distributions of categorical variables.

mod config;
mod draw;
mod given;
mod initialize;
mod layout;

pub use config::{CategoricalConfig, CategoricalModelConfig};
pub use given::GivenCategorical;

use std::sync::Arc;

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use thalweg_flow::{FlowError, MaskedMlp, Noise};

use self::layout::Layout;
use crate::door::assert_columns;
use crate::model::{model, without_condition};
use crate::vector::Conditional;

/// A joint distribution of categorical variables with any numbers of levels, exact: the chain rule, each factor a
/// softmax whose logits a masked network computes from the variables before it.
///
/// `p(c | x) = Π_k softmax(l_k(c_<k, x))[c_k]`, with codes `c_k ∈ 0..L_k`, in an order of the variables, and a
/// condition `x` or none. There is neither a relaxation nor a bound: the probabilities of all codes sum to 1.
///
/// | direction | cost |
/// |---|---|
/// | probabilities, training | one pass of the network |
/// | samples | a step for each variable, together about one pass |
///
/// The first level of a variable has the logit 0 and no input: `L` levels take `L − 1` inputs and `L − 1` outputs.
/// With `L` of each the same distributions would have more weights, twice as many for binary variables, and the
/// logits would be determined up to a constant only.
///
/// Log-probabilities are in nats. Codes are integers, `[batch, variables]`.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{Categorical, CategoricalConfig};
///
/// let device = Device::default();
/// let codes = Tensor::<2, Int>::from_ints([[0, 2], [1, 0], [1, 2], [0, 1]], &device);
/// // Two levels and four, of which the last does not occur.
/// let model: Categorical = CategoricalConfig::new(vec![2, 4]).init(&device).initialize(&codes, None)?;
/// assert_eq!(model.log_prob(codes).dims(), [4]);
/// let unseen = Tensor::from_ints([[0, 3]], &device);
/// let p = model.log_prob(unseen).exp().into_scalar::<f32>();
/// // Smoothed by half a row a level: ½ · ½ / (4 + 4 · ½).
/// assert!((p - 0.5 * 0.5 / 6.0).abs() < 1e-6);
/// assert_eq!(model.sample(7, &mut Noise::seeded(0)).dims(), [7, 2]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # Panics
///
/// Methods that take codes panic for another number of variables, and for a code that is no level of its
/// variable, which they name; [`check`](CategoricalModel::check) tells before.
///
/// # References
///
/// Germain, Gregor, Murray, Larochelle: *MADE: Masked autoencoder for distribution estimation*, 2015. The chain
/// rule by networks: Bengio, Bengio: *Modeling high-dimensional discrete data with multi-layer neural networks*,
/// 2000.
pub type Categorical = CategoricalModel<CategoricalConfig>;

/// A [`Categorical`] given vectors, which every factor sees; see [`CategoricalConfig::with_context`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::categorical::GivenCategorical;
/// use thalweg_models::{CategoricalConfig, ConditionalCategorical};
///
/// let device = Device::default();
/// let model: ConditionalCategorical = CategoricalConfig::new(vec![2, 4]).with_context(3).init(&device);
/// let context = Tensor::<2>::ones([1, 3], &device);
/// let given: GivenCategorical<_> = model.given(&context);
/// let (codes, nats) = given.sample_with_log_prob(5, &mut Noise::seeded(0));
/// model.check(&codes)?;
/// // Five samples for the one row of the condition.
/// let each = given.sample_each(5, &mut Noise::seeded(0));
/// assert_eq!(each.to_data(), codes.to_data());
/// let found = given.log_prob(codes);
/// assert!((found - nats).abs().max().into_scalar::<f32>() < 1e-5);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
pub type ConditionalCategorical = CategoricalModel<Conditional<CategoricalConfig>>;

/// A [`Categorical`] or a [`ConditionalCategorical`].
///
/// A model without a condition has all methods of [`GivenCategorical`]. With a condition, ask the model
/// [`given`](Self::given) it.
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_models::CategoricalConfig;
/// use thalweg_models::categorical::{CategoricalModel, CategoricalModelConfig};
///
/// /// The probabilities of all codes of a variable of two levels and one of three, summed.
/// fn total<K: CategoricalModelConfig>(model: &CategoricalModel<K>, context: &K::Context) -> f32 {
///     let codes = [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]];
///     let codes = Tensor::<2, Int>::from_ints(codes, &Device::default());
///     model.given(context).log_prob(codes).exp().sum().into_scalar()
/// }
///
/// let device = Device::default();
/// let config = CategoricalConfig::new(vec![2, 3]);
/// let seen = Tensor::<2, Int>::from_ints([[0, 2], [1, 2]], &device);
/// let model = config.init(&device).initialize(&seen, None)?;
/// assert!((total(&model, &()) - 1.0).abs() < 1e-5);
/// let model = config.with_context(1).init(&device).initialize(&seen, None)?;
/// assert!((total(&model, &Tensor::ones([1, 1], &device)) - 1.0).abs() < 1e-5);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Module, Debug)]
pub struct CategoricalModel<K: CategoricalModelConfig> {
    network: MaskedMlp,
    #[module(skip)]
    layout: Arc<Layout>,
    #[module(skip)]
    config: K,
}

model! {
    [K: CategoricalModelConfig] CategoricalModel<K>, of K
}

impl<K: CategoricalModelConfig> CategoricalModel<K> {
    pub(crate) fn new(config: &K, device: &Device) -> Self {
        let (sizes, context) = config.sizes();
        let layout = Layout::new(&sizes.levels);
        Self {
            network: sizes.network(&layout, context, device),
            layout: Arc::new(layout),
            config: config.clone(),
        }
    }

    /// The number of levels of each variable.
    pub fn levels(&self) -> &[usize] {
        &self.config.sizes().0.levels
    }

    /// Starts the model as the one of independent variables, before training: with the weighted frequencies of
    /// the levels in training codes, `[rows, variables]`, each by `(n + a) / (Σ n + a L)`, where `a` is the
    /// [`smoothing`](CategoricalConfig::smoothing). So a level that does not occur has a probability above 0.
    ///
    /// Weights count up to a factor: `n` are their sums, scaled so that all together are the effective number of
    /// rows, `(Σ w)² / Σ w²` (Kish: *Survey sampling*, 1965), which is the number of rows where all are equal.
    ///
    /// # Errors
    ///
    /// No row, a code that is no level of its variable, a weight that is negative or not finite, and weights that
    /// are all 0.
    ///
    /// # Panics
    ///
    /// For another number of variables, and for another number of weights than rows.
    pub fn initialize(
        mut self,
        codes: &Tensor<2, Int>,
        weights: Option<&[f64]>,
    ) -> Result<Self, FlowError> {
        self.assert_variables(codes);
        let smoothing = self.config.sizes().0.smoothing;
        let logits = initialize::marginal_logits(self.levels(), codes, weights, smoothing)?;
        let bias = self.layout.outputs(&logits, &self.placement());
        self.network = self.network.with_output_bias(bias);
        Ok(self)
    }

    /// Whether every code is a level of its variable.
    ///
    /// # Errors
    ///
    /// [`FlowError::NotACode`], naming the first that is not.
    ///
    /// # Panics
    ///
    /// For another number of variables.
    pub fn check(&self, codes: &Tensor<2, Int>) -> Result<(), FlowError> {
        self.assert_variables(codes);
        initialize::each_code(self.levels(), codes, |_, _, _| {})
    }

    fn assert_variables(&self, codes: &Tensor<2, Int>) {
        assert_columns(K::KIND, "takes codes", codes.dims(), self.levels().len());
    }

    fn placement(&self) -> thalweg_flow::Placement {
        thalweg_flow::Placement::of(self)
    }

    /// The model under a condition: one row for each sample, or one for all of them.
    pub fn given<'a>(&'a self, context: &'a K::Context) -> GivenCategorical<'a, K> {
        GivenCategorical {
            model: self,
            context,
        }
    }
}

/// The methods of a model without a condition.
impl<K: CategoricalModelConfig<Context = ()>> CategoricalModel<K> {
    without_condition! { GivenCategorical:
        fn log_prob(codes: Tensor<2, Int>) -> Tensor<1>;
        fn log_probs_by_variable(codes: Tensor<2, Int>) -> Tensor<2>;
        fn loss(codes: Tensor<2, Int>) -> Tensor<1>;
        fn loss_weighted(codes: Tensor<2, Int>, weights: Tensor<1>) -> Tensor<1>;
        fn sample(n: usize, noise: &mut Noise) -> Tensor<2, Int>;
        fn sample_with_log_prob(n: usize, noise: &mut Noise) -> (Tensor<2, Int>, Tensor<1>);
    }
}
