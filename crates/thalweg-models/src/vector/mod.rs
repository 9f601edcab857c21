//! Densities of vectors: a flow on rows of numbers, with their standardization in front.

mod conditional;
mod context;
mod given;

pub use conditional::{Conditional, ConditionalConfig};
pub use context::VectorContext;
pub use given::GivenVector;

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use thalweg_flow::compiled::{CompiledContext, Lower, LowerBase};
use thalweg_flow::points::Points;
use thalweg_flow::{
    Base, Bijection, CompiledFlow, Flow, FlowError, Noise, Reversible, Standardize, Warning,
};

use crate::door::assert_shape;
use crate::model::{ModelConfig, model, without_condition};

/// The configuration of a density of vectors.
///
/// See [`VectorFlow`] for an example.
pub trait VectorConfig: ModelConfig {
    /// From data to latents, with the data's standardization.
    type Bijection: Module + ModuleDisplay + AsMut<Standardize>;
    /// The density of the latents.
    type Base: Module + ModuleDisplay;
    /// The condition: `()`, or vectors `[batch, context]`.
    type Context: VectorContext;

    /// The number of features.
    fn features(&self) -> usize;

    /// The numbers of a condition; 0 of a model without one.
    fn context(&self) -> usize {
        0
    }

    /// The untrained flow.
    fn flow(&self, device: &Device) -> Flow<Self::Bijection, Self::Base>;

    /// The standardization of data, `[rows, features]`; `None` where the model does without.
    ///
    /// # Errors
    ///
    /// Data that it cannot be fitted to, or that the model does not take.
    fn standardize(&self, data: &Tensor<2>) -> Result<Option<Standardize>, FlowError> {
        Ok(Some(Standardize::fit(data)?.layer))
    }

    /// The least and the largest number of the data, such as the ends of a circle; `None` for the whole line.
    fn support(&self) -> Option<[f64; 2]> {
        None
    }

    /// Asserts that a condition has the model's numbers a row.
    ///
    /// # Panics
    ///
    /// When it has not, naming both shapes.
    fn assert_context(&self, context: &Self::Context);

    /// The warnings about the configuration itself.
    fn warnings(&self) -> Vec<Warning> {
        vec![]
    }
}

/// A density of vectors, `[batch, features]`: a flow with the data's standardization in front.
///
/// Log-densities are those of the data as given, standardization included, in nats a row.
///
/// A model without a condition has all methods of [`GivenVector`]. With a condition, ask the model
/// [`given`](Self::given) it.
///
/// ```
/// use burn::module::{Module, ModuleDisplay};
/// use burn::tensor::Device;
/// use thalweg_models::vector::{VectorConfig, VectorFlow};
/// use thalweg_models::{AutoregressiveFlowConfig, CouplingFlowConfig};
///
/// /// The features of a density, and the numbers that it is given.
/// fn sizes<B, P, K>(flow: &VectorFlow<B, P, K>) -> [usize; 2]
/// where
///     B: Module + ModuleDisplay,
///     P: Module + ModuleDisplay,
///     K: VectorConfig<Bijection = B, Base = P>,
/// {
///     [flow.config().features(), flow.config().context()]
/// }
///
/// let device = Device::default();
/// assert_eq!(sizes(&AutoregressiveFlowConfig::maf(3).init(&device)), [3, 0]);
/// assert_eq!(sizes(&CouplingFlowConfig::nsf(2).with_context(5).init(&device)), [2, 5]);
/// ```
#[derive(Module, Debug)]
pub struct VectorFlow<
    B: Module + ModuleDisplay,
    P: Module + ModuleDisplay,
    K: VectorConfig<Bijection = B, Base = P>,
> {
    /// From data to latents, and the density of those.
    pub flow: Flow<B, P>,
    #[module(skip)]
    config: K,
    #[module(skip)]
    warnings: Vec<Warning>,
}

model! {
    [
        B: Module + ModuleDisplay,
        P: Module + ModuleDisplay,
        K: VectorConfig<Bijection = B, Base = P>,
    ]
    VectorFlow<B, P, K>, of K, with warnings
}

impl<B, P, K> VectorFlow<B, P, K>
where
    B: Module + ModuleDisplay,
    P: Module + ModuleDisplay,
    K: VectorConfig<Bijection = B, Base = P>,
{
    pub(crate) fn new(config: &K, device: &Device) -> Self {
        Self::of_flow(config, config.flow(device))
    }

    /// The model of a flow that the configuration describes.
    pub(crate) fn of_flow(config: &K, flow: Flow<B, P>) -> Self {
        Self {
            flow,
            config: config.clone(),
            warnings: config.warnings(),
        }
    }

    /// Fits the standardization to training data, `[rows, features]`: once, before training.
    /// Constant features give [`warnings`](Self::warnings). Angles are not standardized.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_models::CouplingFlowConfig;
    ///
    /// let device = Device::default();
    /// let data = Tensor::<2>::from_floats([[1.0, 50.0], [3.0, 90.0]], &device);
    /// let flow = CouplingFlowConfig::realnvp(2).init(&device).initialize(&data)?;
    /// // The rest of the untrained map is a rotation: it keeps the mean 0 of standardized data.
    /// assert!(flow.encode(data).mean_dim(0).abs().max().into_scalar::<f32>() < 1e-5);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fewer than two rows, a value that is not finite, or an angle outside its circle.
    ///
    /// # Panics
    ///
    /// For another number of features.
    pub fn initialize(mut self, data: &Tensor<2>) -> Result<Self, FlowError> {
        self.assert_rows("takes rows", data);
        let bijection = &mut self.flow.bijection;
        self.warnings = initialize(&self.config, bijection, data)?;
        Ok(self)
    }

    fn assert_rows(&self, what: &str, x: &Tensor<2>) {
        assert_shape(K::KIND, what, x, &[self.config.features()]);
    }

    /// The model under a condition: one row for each sample, or one for all of them.
    pub fn given<'a>(&'a self, context: &'a K::Context) -> GivenVector<'a, B, P, K> {
        GivenVector {
            model: self,
            context,
        }
    }

    /// The compiled form, for single points.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::compiled::Scratch;
    /// use thalweg_models::CouplingFlowConfig;
    ///
    /// let device = Device::default();
    /// let flow = CouplingFlowConfig::nsf(2).init(&device);
    /// let nats = flow.compile().log_prob(&[0.5, 1.0], &mut Scratch::default());
    /// let expected = flow.log_prob(Tensor::from_floats([[0.5, 1.0]], &device)).into_scalar::<f32>();
    /// assert!((nats - expected).abs() < 1e-4);
    /// ```
    pub fn compile(&self) -> CompiledFlow<K::Context>
    where
        B: Lower<K::Context>,
        P: LowerBase<K::Context>,
        K::Context: CompiledContext,
    {
        self.flow.compile_given()
    }
}

/// Fits the standardization of a model to data, and returns the warnings about both.
pub(crate) fn initialize<K: VectorConfig>(
    config: &K,
    bijection: &mut K::Bijection,
    data: &Tensor<2>,
) -> Result<Vec<Warning>, FlowError> {
    let (fitted, found) = Warning::gather(|| config.standardize(data));
    if let Some(fitted) = fitted? {
        *bijection.as_mut() = fitted;
    }
    let mut warnings = config.warnings();
    warnings.extend(found);
    Ok(warnings)
}

/// The methods of a model without a condition.
impl<B, P, K> VectorFlow<B, P, K>
where
    B: Bijection<Data = Tensor<2>, Latent = Tensor<2>>,
    P: Base<Latent = Tensor<2>>,
    K: VectorConfig<Bijection = B, Base = P, Context = ()>,
{
    without_condition! { GivenVector:
        fn log_prob(x: Tensor<2>) -> Tensor<1>;
        fn log_probs(rows: &(impl Points<2> + ?Sized), batch: usize) -> Result<Vec<f64>, FlowError>;
        fn loss(x: Tensor<2>) -> Tensor<1>;
        fn loss_weighted(x: Tensor<2>, weights: Tensor<1>) -> Tensor<1>;
        fn loss_and_gradients(x: Tensor<2>, how: &Reversible) -> (Tensor<1>, GradientsParams);
        fn encode(x: Tensor<2>) -> Tensor<2>;
        fn decode(z: Tensor<2>) -> Tensor<2>;
        fn sample(n: usize, temperature: f64, noise: &mut Noise) -> Tensor<2>;
        fn sample_with_log_prob(
            n: usize, temperature: f64, noise: &mut Noise
        ) -> (Tensor<2>, Tensor<1>);
        fn sample_with_drawn_log_prob(
            n: usize, temperature: f64, noise: &mut Noise
        ) -> (Tensor<2>, Tensor<1>);
        fn sample_chunks(
            n: usize, temperature: f64, noise: &mut Noise
        ) -> impl Iterator<Item = Tensor<2>>;
    }
}
