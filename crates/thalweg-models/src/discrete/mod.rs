//! Densities of discrete data: a flow on levels, with their dequantization in front.

mod given;

pub use given::GivenDiscrete;

use burn::module::{Module, ModuleDisplay};
use burn::tensor::{Device, Tensor};
use thalweg_flow::points::Points;
use thalweg_flow::{
    Base, Bijection, BitsPerDim, Condition, Dequantize, Flow, FlowError, Noise, Reversible,
    Variable, Warning,
};

use crate::door::{assert_condition, assert_shape, fit};
use crate::model::{ModelConfig, model, without_condition};

/// The configuration of a [`DiscreteFlow`] on samples of rank `D − 1`.
///
/// ```
/// use thalweg_models::discrete::DiscreteConfig;
/// use thalweg_models::{GlowConfig, ImageSize, NiceConfig};
///
/// /// The numbers of a sample.
/// fn numbers<const D: usize, K: DiscreteConfig<D>>(config: &K) -> usize {
///     config.shape().iter().product()
/// }
///
/// assert_eq!(numbers::<2, _>(&NiceConfig::paper(784, 256)), 784);
/// assert_eq!(numbers::<4, _>(&GlowConfig::openai(ImageSize::new([1, 28, 28]))), 784);
/// ```
pub trait DiscreteConfig<const D: usize>: ModelConfig {
    /// From data to latents.
    type Bijection: Module + ModuleDisplay;
    /// The density of the latents.
    type Base: Module + ModuleDisplay;
    /// The latents.
    type Latent: Variable;
    /// The name of samples in errors.
    const SAMPLES: &'static str;

    /// The shape of a sample.
    fn shape(&self) -> Vec<usize>;

    /// The number of levels.
    fn levels(&self) -> u32;

    /// The number of classes, for a model with labels as its condition.
    fn classes(&self) -> Option<usize> {
        None
    }

    /// Asserts that latents belong to samples of this shape.
    ///
    /// # Panics
    ///
    /// When they do not, naming both shapes.
    fn assert_latents(&self, z: &Self::Latent);

    /// The untrained flow.
    fn flow(&self, device: &Device) -> Flow<Self::Bijection, Self::Base>;

    /// Data of the unit cube in the range of the flow, and the log-determinant of that map.
    fn rescale(&self, y: Tensor<D>) -> (Tensor<D>, f64) {
        (y, 0.0)
    }

    /// The inverse of [`rescale`](Self::rescale).
    fn unscale(&self, x: Tensor<D>) -> Tensor<D> {
        x
    }

    /// The data of the training loss, in the range of the flow, and the log-determinant of their
    /// map.
    ///
    /// # Errors
    ///
    /// A value that is no level.
    fn training_data(
        &self,
        levels: Tensor<D>,
        noise: &mut Noise,
    ) -> Result<(Tensor<D>, f64), FlowError> {
        let (y, _) = Dequantize::uniform(self.levels()).apply(levels, noise)?;
        Ok(self.rescale(y))
    }

    /// The flow, fitted to data in its range.
    ///
    /// # Errors
    ///
    /// A batch that a layer cannot be fitted to.
    fn fit<C>(
        flow: Flow<Self::Bijection, Self::Base>,
        x: Tensor<D>,
        context: &C,
    ) -> Result<Flow<Self::Bijection, Self::Base>, FlowError>
    where
        Self::Bijection: Bijection<C, Data = Tensor<D>>,
    {
        flow.initialize(x, context)
    }
}

/// A flow on discrete data, with their dequantization in front.
///
/// Data are levels `0 ..= levels − 1` as floats, `[batch, ..]`. Every method that takes levels checks
/// them: a value that is no level is an error, and another shape panics. Log-densities are those of
/// the dequantized data in the unit cube, in nats a sample, preprocessing included;
/// [`units`](Self::units) converts them to bits a dimension.
///
/// A model without a condition has all methods of [`GivenDiscrete`]. With a condition, ask the model
/// [`given`](Self::given) it.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::Noise;
/// use thalweg_models::{DiscreteFlow, NiceConfig};
///
/// let device = Device::default();
/// let config = NiceConfig::paper(2, 256).with_hidden(8);
/// let nice: DiscreteFlow<_, _, NiceConfig, 2> = config.init(&device);
/// let levels = Tensor::<2>::from_floats([[0.0, 250.0]], &device);
/// let (y, _) = nice.dequantize().apply(levels.clone(), &mut Noise::seeded(0))?;
/// assert_eq!(nice.quantize(y).to_data(), levels.to_data());
/// // A uniform density of the unit cube costs the 8 bits of 256 levels.
/// assert!((nice.units().from_nats(0.0) - 8.0).abs() < 1e-12);
/// # Ok::<(), thalweg_flow::FlowError>(())
/// ```
#[derive(Module, Debug)]
pub struct DiscreteFlow<
    B: Module + ModuleDisplay,
    P: Module + ModuleDisplay,
    K: DiscreteConfig<D, Bijection = B, Base = P>,
    const D: usize,
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
        K: DiscreteConfig<D, Bijection = B, Base = P>,
        const D: usize,
    ]
    DiscreteFlow<B, P, K, D>, of K, with warnings
}

impl<B, P, K, const D: usize> DiscreteFlow<B, P, K, D>
where
    B: Module + ModuleDisplay,
    P: Module + ModuleDisplay,
    K: DiscreteConfig<D, Bijection = B, Base = P>,
{
    pub(crate) fn new(config: &K, device: &Device) -> Self {
        Self::of_flow(config, config.flow(device))
    }

    /// The model of a flow that the configuration describes.
    pub(crate) fn of_flow(config: &K, flow: Flow<B, P>) -> Self {
        Self {
            flow,
            config: config.clone(),
            warnings: vec![],
        }
    }

    /// Converts nats a sample to bits a dimension.
    ///
    /// See [`DiscreteFlow`] for an example.
    pub fn units(&self) -> BitsPerDim {
        let numbers = self.config.shape().iter().product();
        self.dequantize().bits_per_dim(numbers)
    }

    /// The dequantization in front of the flow: uniform noise of one bin.
    ///
    /// See [`DiscreteFlow`] for an example.
    pub fn dequantize(&self) -> Dequantize {
        Dequantize::uniform(self.config.levels())
    }

    /// The levels of data in the unit cube.
    pub fn quantize(&self, y: Tensor<D>) -> Tensor<D> {
        self.dequantize().quantize(y)
    }

    fn assert_samples(&self, x: &Tensor<D>) {
        let what = format!("takes {}", K::SAMPLES);
        assert_shape(K::KIND, &what, x, &self.config.shape());
    }

    /// The model under a condition: one row or label for each sample, or one for all of them.
    ///
    /// See [`GivenDiscrete`] for an example.
    pub fn given<'a, C>(&'a self, context: &'a C) -> GivenDiscrete<'a, B, P, K, C, D> {
        GivenDiscrete {
            model: self,
            context,
        }
    }

    /// Fits the layers that depend on data, such as actnorms, to a batch of levels under a
    /// condition: once, before training, on a few hundred samples or more.
    ///
    /// Data that look wrong, such as channels of one value, give [`warnings`](Self::warnings).
    ///
    /// ```
    /// use burn::tensor::{DType, Device, Int, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::{ConditionalGlowConfig, GlowConfig, ImageSize};
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let glow = GlowConfig::openai(ImageSize::new([1, 4, 4]));
    /// let glow = glow.with_scales(1).with_depth(1).with_hidden(4);
    /// let model = ConditionalGlowConfig::new(glow, 10).init(&device);
    /// let y: Tensor<4> = noise.uniform([3, 1, 4, 4], &device, DType::F32);
    /// let pixels = (y * 256.0).floor();
    /// let [digits, others] = [[7, 7, 1], [7, 7, 10]].map(|labels| Tensor::<1, Int>::from_ints(labels, &device));
    /// // There is no class 10.
    /// assert!(model.clone().initialize_given(pixels.clone(), &others, &mut noise).is_err());
    /// let model = model.initialize_given(pixels, &digits, &mut noise)?;
    /// assert!(model.warnings().is_empty());
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fewer than two samples, values that are no levels, or labels that are no classes.
    ///
    /// # Panics
    ///
    /// As [`GivenDiscrete::log_prob`].
    pub fn initialize_given<C: Condition>(
        mut self,
        levels: Tensor<D>,
        context: &C,
        noise: &mut Noise,
    ) -> Result<Self, FlowError>
    where
        B: Bijection<C, Data = Tensor<D>>,
    {
        self.assert_samples(&levels);
        assert_condition(K::KIND, context, levels.dims()[0]);
        context.check(self.config.classes())?;
        let dequantize = self.dequantize();
        let (flow, warnings) = fit(K::KIND, dequantize, &levels, || {
            let (y, _) = dequantize.apply(levels.clone(), noise)?;
            K::fit(self.flow, self.config.rescale(y).0, context)
        })?;
        (self.flow, self.warnings) = (flow, warnings);
        Ok(self)
    }
}

/// The methods of a model without a condition.
impl<B, P, K, const D: usize> DiscreteFlow<B, P, K, D>
where
    B: Bijection<Data = Tensor<D>, Latent = K::Latent>,
    P: Base<Latent = K::Latent>,
    K: DiscreteConfig<D, Bijection = B, Base = P>,
{
    /// [`initialize_given`](Self::initialize_given) without a condition.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::Noise;
    /// use thalweg_models::NiceConfig;
    ///
    /// let device = Device::default();
    /// let pixels = Tensor::<2>::from_floats([[0.0, 9.0], [0.0, 250.0]], &device);
    /// let nice = NiceConfig::paper(2, 256).with_hidden(8).init(&device);
    /// let nice = nice.initialize(pixels, &mut Noise::seeded(0))?;
    /// // The noise of one bin is all that the first pixel has.
    /// let y = nice.sample(100, 1.0, &mut Noise::seeded(1));
    /// assert!(nice.quantize(y.narrow(1, 0, 1)).max().into_scalar::<f32>() <= 10.0);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`initialize_given`](Self::initialize_given).
    ///
    /// # Panics
    ///
    /// As [`initialize_given`](Self::initialize_given).
    pub fn initialize(self, levels: Tensor<D>, noise: &mut Noise) -> Result<Self, FlowError> {
        self.initialize_given(levels, &(), noise)
    }

    without_condition! { GivenDiscrete:
        fn log_prob(levels: Tensor<D>, noise: &mut Noise) -> Result<Tensor<1>, FlowError>;
        fn log_probs(
            levels: &(impl Points<D> + ?Sized), batch: usize, noise: &mut Noise
        ) -> Result<Vec<f64>, FlowError>;
        fn importance(
            levels: Tensor<D>, k: usize, noise: &mut Noise
        ) -> Result<Vec<f64>, FlowError>;
        fn loss(levels: Tensor<D>, noise: &mut Noise) -> Result<Tensor<1>, FlowError>;
        fn loss_and_gradients(
            levels: Tensor<D>, noise: &mut Noise, how: &Reversible
        ) -> Result<(Tensor<1>, burn::optim::GradientsParams), FlowError>;
        fn encode(y: Tensor<D>) -> K::Latent;
        fn encode_levels(levels: Tensor<D>, noise: &mut Noise) -> Result<K::Latent, FlowError>;
        fn decode(z: K::Latent) -> Tensor<D>;
        fn sample(n: usize, temperature: f64, noise: &mut Noise) -> Tensor<D>;
        fn sample_with_log_prob(
            n: usize, temperature: f64, noise: &mut Noise
        ) -> (Tensor<D>, Tensor<1>);
        fn sample_with_drawn_log_prob(
            n: usize, temperature: f64, noise: &mut Noise
        ) -> (Tensor<D>, Tensor<1>);
        fn sample_chunks(
            n: usize, temperature: f64, noise: &mut Noise
        ) -> impl Iterator<Item = Tensor<D>>;
    }
}
