//! Densities of vectors by ordinary differential equations: flow matching and FFJORD.

mod config;
mod given;

pub use config::{ContinuousFlowConfig, ContinuousObjective};
pub use given::{Evaluated, GivenField};

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::compiled::CompiledContext;
use thalweg_flow::points::Points;
use thalweg_flow::{
    Bijection, CompiledFlow, Continuous, Flow, FlowError, Integration, Lower, Noise, Reversible,
    Standardize, TimeMlp, VectorField, Warning, WithContext, chain,
};

use crate::ConfigError;
use crate::door::assert_shape;
use crate::model::{model, without_condition};
use crate::vector::{Conditional, VectorConfig};

/// The configuration of a [`FieldFlow`]: a [`ContinuousFlowConfig`], perhaps with a condition.
///
/// ```
/// use burn::module::{Module, ModuleDisplay};
/// use burn::tensor::Device;
/// use thalweg_models::ContinuousFlowConfig;
/// use thalweg_models::continuous_flow::{FieldConfig, FieldFlow};
///
/// /// The widths of the field's network, with a condition or without.
/// fn widths<F, K>(flow: &FieldFlow<F, K>) -> &[usize]
/// where
///     F: Module + ModuleDisplay,
///     K: FieldConfig<Field = F>,
/// {
///     &flow.config().settings().hidden
/// }
///
/// let device = Device::default();
/// let config = ContinuousFlowConfig::flow_matching(2).with_hidden(vec![8, 8]);
/// assert_eq!(widths(&config.init(&device)), [8, 8]);
/// assert_eq!(widths(&config.with_context(3).init(&device)), [8, 8]);
/// ```
pub trait FieldConfig:
    VectorConfig<Bijection = ContinuousFlowBijection<Continuous<Self::Field>>, Base = StandardNormal>
{
    /// The vector field.
    type Field: Module + ModuleDisplay;

    /// Sizes, objective and integration.
    fn settings(&self) -> &ContinuousFlowConfig;
}

impl FieldConfig for ContinuousFlowConfig {
    type Field = TimeMlp;

    fn settings(&self) -> &ContinuousFlowConfig {
        self
    }
}

impl FieldConfig for Conditional<ContinuousFlowConfig> {
    type Field = WithContext<TimeMlp>;

    fn settings(&self) -> &ContinuousFlowConfig {
        &self.flow
    }
}

/// A density of vectors, `[batch, features]`, by the flow of a vector field behind the data's
/// standardization.
///
/// Log-densities are those of the data as given, standardization included, in nats a row, by an
/// integration with a stated tolerance. Every method that integrates returns an error where the field
/// is stiff or explodes, see [`FlowError::Integration`].
///
/// A model without a condition has all methods of [`GivenField`]. With a condition, ask the model
/// [`given`](Self::given) it.
///
/// See [`ContinuousFlow`] and [`ConditionalContinuousFlow`] for an example.
#[derive(Module, Debug)]
pub struct FieldFlow<F: Module + ModuleDisplay, K: FieldConfig<Field = F>> {
    /// From data to latents, and the density of those.
    pub flow: Flow<ContinuousFlowBijection<Continuous<F>>, StandardNormal>,
    #[module(skip)]
    config: K,
    #[module(skip)]
    warnings: Vec<Warning>,
}

/// A density of vectors that is an ordinary differential equation: standardization, then
/// `dx/dt = v(t, x)` from noise at time 0 to data at time 1, with a perceptron for `v`.
///
/// Trained by flow matching, a step costs one evaluation of the network. See [`FieldFlow`] for the
/// methods, and [`ContinuousFlowConfig::with_context`] for a condition.
///
/// ```
/// use burn::tensor::{DType, Device, Tensor};
/// use thalweg_flow::{Integration, Noise, Scheme};
/// use thalweg_models::{ContinuousFlow, ContinuousFlowConfig};
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let data: Tensor<2> = noise.normal([100, 3], &device, DType::F32) * 5.0;
/// let config = ContinuousFlowConfig::flow_matching(3);
/// let flow: ContinuousFlow = config.init(&device).initialize(&data)?;
/// let loss = flow.loss(data.clone(), &mut noise)?; // one evaluation, no integration
/// assert_eq!(loss.dims(), [1]);
///
/// let found = flow.evaluate(data)?; // by an integration
/// assert_eq!(found.log_prob.dims(), [100]);
/// println!("{} evaluations of the field", found.report.evaluations);
///
/// let samples = flow.sample(7, 1.0, &mut noise)?;
/// let fast = flow.sample_with(7, Integration::fixed(Scheme::Euler, 4), 1.0, &mut noise)?;
/// assert_eq!((samples.dims(), fast.dims()), ([7, 3], [7, 3]));
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
///
/// # References
///
/// Lipman, Chen, Ben-Hamu, Nickel, Le: *Flow matching for generative modeling*, 2023. Grathwohl, Chen,
/// Bettencourt, Sutskever, Duvenaud: *FFJORD: Free-form continuous dynamics for scalable reversible
/// generative models*, 2019.
pub type ContinuousFlow = FieldFlow<TimeMlp, ContinuousFlowConfig>;

/// A [`ContinuousFlow`] given vectors, which the field sees; see
/// [`ContinuousFlowConfig::with_context`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{ConditionalContinuousFlow, ContinuousFlowConfig};
///
/// let device = Device::default();
/// let config = ContinuousFlowConfig::flow_matching(2).with_context(3);
/// let flow: ConditionalContinuousFlow = config.init(&device);
/// let condition = Tensor::<2>::ones([1, 3], &device);
/// let x = flow.given(&condition).sample(5, 1.0, &mut Noise::seeded(0))?;
/// assert_eq!(flow.given(&condition).log_prob(x)?.dims(), [5]);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
pub type ConditionalContinuousFlow =
    FieldFlow<WithContext<TimeMlp>, Conditional<ContinuousFlowConfig>>;

model! {
    [F: Module + ModuleDisplay, K: FieldConfig<Field = F>]
    FieldFlow<F, K>, of K, with warnings
}

/// Standardization, then the flow of a field from time 1 to time 0:
/// `ln|det J| = −Σ ln σ − ∫₀¹ tr ∂v/∂x dt`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Bijection;
/// use thalweg_models::ContinuousFlowConfig;
/// use thalweg_models::continuous_flow::ContinuousFlowBijection;
///
/// let device = Device::default();
/// let data = Tensor::<2>::from_floats([[1.0, 5.0], [3.0, 9.0]], &device);
/// let flow = ContinuousFlowConfig::flow_matching(2).init(&device).initialize(&data)?;
/// let bijection: &ContinuousFlowBijection = &flow.flow.bijection;
/// let (z, log_det) = bijection.forward(data.clone(), &());
/// // The untrained map is the standardization alone.
/// assert!(z.clone().mean_dim(0).abs().max().into_scalar::<f32>() < 1e-5);
/// let (back, inverse) = bijection.inverse(z, &());
/// assert!((back - data).abs().max().into_scalar::<f32>() < 1e-4);
/// assert!((log_det + inverse).abs().max().into_scalar::<f32>() < 1e-4);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Module, Debug)]
pub struct ContinuousFlowBijection<L: Module + ModuleDisplay = Continuous<TimeMlp>> {
    standardize: Standardize,
    continuous: L,
}

chain! {
    [C, L: Bijection<C, Data = Tensor<2>, Latent = Tensor<2>>]
    ContinuousFlowBijection<L>, given C: Tensor<2> => Tensor<2>,
    by standardize, continuous; lowered [C, L: Module + ModuleDisplay + Lower<C>]
}

impl<L: Module + ModuleDisplay> AsMut<Standardize> for ContinuousFlowBijection<L> {
    fn as_mut(&mut self) -> &mut Standardize {
        &mut self.standardize
    }
}

impl<F: Module + ModuleDisplay, K: FieldConfig<Field = F>> FieldFlow<F, K> {
    pub(crate) fn new(config: &K, device: &Device) -> Self {
        Self {
            flow: config.flow(device),
            config: config.clone(),
            warnings: config.warnings(),
        }
    }

    /// The model of a given field, which the configuration describes, such as one of another library. Its
    /// standardization is the identity, in the type of the field.
    ///
    /// ```
    /// use burn::tensor::{DType, Device, Tensor};
    /// use thalweg_flow::{Noise, TimeMlpConfig};
    /// use thalweg_models::{ContinuousFlow, ContinuousFlowConfig};
    ///
    /// let device = Device::default();
    /// let config = ContinuousFlowConfig::flow_matching(2).with_hidden(vec![8]).with_frequencies(1);
    /// let field = TimeMlpConfig::new(2, vec![8]).with_frequencies(1);
    /// let field = field.init(&mut Noise::seeded(0), &device);
    /// let flow = ContinuousFlow::from_field(&config, field, (&device, DType::F32))?;
    /// assert_eq!(flow.log_prob(Tensor::ones([5, 2], &device))?.dims(), [5]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ContinuousFlowConfig::try_init`].
    pub fn from_field(
        config: &K,
        field: F,
        (device, dtype): (&Device, DType),
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let settings = config.settings();
        let zeros = || Tensor::zeros([settings.features], (device, dtype));
        let bijection = ContinuousFlowBijection {
            standardize: Standardize::from_statistics(zeros(), zeros()),
            continuous: Continuous::new(field)
                .with_integration(settings.integration)
                .with_divergence(settings.divergence),
        };
        Ok(Self {
            flow: Flow::new(bijection, StandardNormal::new(settings.features)),
            config: config.clone(),
            warnings: config.warnings(),
        })
    }

    /// Fits the standardization to training data, `[rows, features]`: once, before training.
    /// Constant features give [`warnings`](Self::warnings).
    ///
    /// # Errors
    ///
    /// Fewer than two rows, or a value that is not finite.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn initialize(mut self, data: &Tensor<2>) -> Result<Self, FlowError> {
        self.assert_rows("takes rows", data);
        let bijection = &mut self.flow.bijection;
        self.warnings = crate::vector::initialize(&self.config, bijection, data)?;
        Ok(self)
    }

    fn assert_rows(&self, what: &str, x: &Tensor<2>) {
        assert_shape(K::KIND, what, x, &[self.config.features()]);
    }

    /// The model under a condition: one row for each sample, or one for all of them.
    pub fn given<'a>(&'a self, context: &'a K::Context) -> GivenField<'a, F, K> {
        GivenField {
            model: self,
            context,
        }
    }

    /// The compiled form, for single points, by the configuration's integration of densities in both
    /// directions.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::compiled::Scratch;
    /// use thalweg_models::ContinuousFlowConfig;
    ///
    /// let device = Device::default();
    /// let flow = ContinuousFlowConfig::flow_matching(2).with_hidden(vec![8]).init(&device);
    /// let nats = flow.compile().log_prob(&[0.5, 1.0], &mut Scratch::default());
    /// let expected = flow.log_prob(Tensor::from_floats([[0.5, 1.0]], &device))?.into_scalar::<f32>();
    /// assert!((nats - expected).abs() < 1e-4);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    pub fn compile(&self) -> CompiledFlow<K::Context>
    where
        Continuous<F>: Lower<K::Context>,
        K::Context: CompiledContext,
    {
        self.flow.compile_given()
    }
}

/// The methods of a model without a condition.
impl<F: VectorField, K: FieldConfig<Field = F, Context = ()>> FieldFlow<F, K> {
    without_condition! { GivenField:
        fn log_prob(x: Tensor<2>) -> Result<Tensor<1>, FlowError>;
        fn evaluate(x: Tensor<2>) -> Result<Evaluated, FlowError>;
        fn evaluate_with(x: Tensor<2>, integration: Integration) -> Result<Evaluated, FlowError>;
        fn velocity(time: f64, x: Tensor<2>) -> Tensor<2>;
        fn log_probs(rows: &(impl Points<2> + ?Sized), batch: usize) -> Result<Vec<f64>, FlowError>;
        fn loss(x: Tensor<2>, noise: &mut Noise) -> Result<Tensor<1>, FlowError>;
        fn loss_weighted(
            x: Tensor<2>, weights: Tensor<1>, noise: &mut Noise
        ) -> Result<Tensor<1>, FlowError>;
        fn loss_and_gradients(x: Tensor<2>, how: &Reversible) -> (Tensor<1>, GradientsParams);
        fn encode(x: Tensor<2>) -> Result<Tensor<2>, FlowError>;
        fn decode(z: Tensor<2>) -> Result<Tensor<2>, FlowError>;
        fn sample(n: usize, temperature: f64, noise: &mut Noise) -> Result<Tensor<2>, FlowError>;
        fn sample_with_log_prob(
            n: usize, temperature: f64, noise: &mut Noise
        ) -> Result<(Tensor<2>, Tensor<1>), FlowError>;
        fn sample_with_drawn_log_prob(
            n: usize, temperature: f64, noise: &mut Noise
        ) -> Result<(Tensor<2>, Tensor<1>), FlowError>;
        fn sample_chunks(
            n: usize, temperature: f64, noise: &mut Noise
        ) -> impl Iterator<Item = Result<Tensor<2>, FlowError>>;
        fn sample_with(
            n: usize, integration: Integration, temperature: f64, noise: &mut Noise
        ) -> Result<Tensor<2>, FlowError>;
        fn path(
            n: usize, times: &[f64], temperature: f64, noise: &mut Noise
        ) -> Result<Vec<Tensor<2>>, FlowError>;
    }
}
