//! A density: a bijection and a base.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::Given;
use crate::points::{Points, no_rows, rows};
use crate::{Base, Bijection, Condition, FlowError, Noise, Placement, Reversible};

/// `log p(x) = log p(f(x)) + ln |det ∂f/∂x|`: a bijection from data to latents and the latents'
/// base density.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
///
/// let device = Device::default();
/// let flow = Flow::new(DiagonalScale::<2>::new(3, &device), StandardNormal::new(3));
/// let x = flow.sample(5, 1.0, &mut Noise::seeded(0));
/// let log_prob = flow.log_prob(x);
/// assert_eq!(log_prob.dims(), [5]);
/// ```
///
/// For a flow with a context, see [`given`](Flow::given).
#[derive(Module, Debug)]
pub struct Flow<B: Module + ModuleDisplay, P: Module + ModuleDisplay> {
    /// From data to latents.
    pub bijection: B,
    /// The density of the latents.
    pub base: P,
}

impl<B: Module + ModuleDisplay, P: Module + ModuleDisplay> Flow<B, P> {
    /// The density of a bijection and a base.
    pub fn new(bijection: B, base: P) -> Self {
        Self { bijection, base }
    }

    /// The flow under a condition: one row of context for each sample, or one for all of them.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{
    ///     Affine, Coupling, Flow, MlpConfig, Noise, Split, WithContext, base::StandardNormal,
    /// };
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let net = MlpConfig::new(1 + 3, vec![8], 2).init(&mut noise, &device);
    /// let coupling: Coupling<_, _> =
    ///     Coupling::new(Split::half(), Affine::new(), WithContext::new(net));
    /// let flow = Flow::new(coupling, StandardNormal::new(2));
    ///
    /// let one = Tensor::<2>::ones([1, 3], &device);
    /// assert_eq!(flow.given(&one).sample(1000, 1.0, &mut noise).dims(), [1000, 2]);
    /// let four = Tensor::<2>::ones([4, 3], &device);
    /// assert_eq!(flow.given(&four).sample_each(100, 1.0, &mut noise).dims(), [400, 2]);
    /// ```
    pub fn given<'a, C>(&'a self, context: &'a C) -> Given<'a, B, P, C> {
        Given::new(self, context)
    }

    /// Fits the data-dependent layers to a batch; see [`Bijection::initialize`]. Without a condition
    /// the context is `&()`.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{ActNorm, Flow, base::StandardNormal};
    ///
    /// let x = Tensor::<2>::from_floats([[1.0], [3.0]], &Device::default());
    /// let flow = Flow::new(ActNorm::<2>::new(1, &x.device()), StandardNormal::new(1));
    /// let flow = flow.initialize(x.clone(), &())?;
    /// // The layer has made the mean 0 and the variance 1.
    /// let z = flow.encode(x.clone());
    /// assert!(z.clone().sum().abs().into_scalar::<f32>() < 1e-6);
    /// assert!((flow.decode(z) - x).abs().max().into_scalar::<f32>() < 1e-6);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Bijection::initialize`], and an empty batch.
    pub fn initialize<C>(mut self, x: B::Data, context: &C) -> Result<Self, FlowError>
    where
        B: Bijection<C>,
    {
        if rows(&x) == 0 {
            return Err(FlowError::TooFewRows {
                what: "a flow",
                rows: 0,
                needed: 1,
            });
        }
        let (bijection, _) = self.bijection.initialize(x, context)?;
        self.bijection = bijection;
        Ok(self)
    }

    /// The device and dtype of samples: those of the first float parameter.
    pub fn placement(&self) -> Placement {
        Placement::of(self)
    }
}

/// The methods of a flow that takes no condition.
impl<B: Bijection, P: Base<Latent = B::Latent>> Flow<B, P> {
    /// `log p(x)` in nats: `[batch]`.
    pub fn log_prob(&self, x: B::Data) -> Tensor<1> {
        self.given(&()).log_prob(x)
    }

    /// See [`Given::log_probs`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn log_probs<const D: usize>(
        &self,
        points: &(impl Points<D> + ?Sized),
        batch: usize,
    ) -> Result<Vec<f64>, FlowError>
    where
        B: Bijection<Data = Tensor<D>>,
    {
        self.given(&()).log_probs(points, batch)
    }

    /// `z = f(x)`.
    pub fn encode(&self, x: B::Data) -> B::Latent {
        self.given(&()).encode(x)
    }

    /// `x = f⁻¹(z)`.
    pub fn decode(&self, z: B::Latent) -> B::Data {
        self.given(&()).decode(z)
    }

    /// A loss and its gradient without a tape, see [`Given::loss_and_gradients`].
    ///
    /// # Panics
    ///
    /// As there.
    pub fn loss_and_gradients(
        &self,
        x: B::Data,
        how: &Reversible,
        loss: impl Fn(Tensor<1>) -> Tensor<1>,
    ) -> (Tensor<1>, GradientsParams) {
        self.given(&()).loss_and_gradients(x, how, loss)
    }

    /// `n` samples. `temperature` multiplies the width of the base density: 1 samples the model, a
    /// smaller one gives less variety and more typical samples.
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> B::Data {
        self.given(&()).sample(n, temperature, noise)
    }

    /// Samples that are too many for the memory together, see [`Given::sample_chunks`].
    pub fn sample_chunks<'a>(
        &'a self,
        n: usize,
        temperature: f64,
        noise: &'a mut Noise,
    ) -> impl Iterator<Item = B::Data> + use<'a, B, P> {
        self.given(&()).sample_chunks(n, temperature, noise)
    }

    /// `n` samples and their [`log_prob`](Self::log_prob) under the model, at temperature 1.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
    ///
    /// let flow = Flow::new(DiagonalScale::<2>::new(2, &Device::default()), StandardNormal::new(2));
    /// let (x, nats) = flow.sample_with_log_prob(5, 1.0, &mut Noise::seeded(0));
    /// assert!((flow.log_prob(x) - nats).abs().max().into_scalar::<f32>() < 1e-5);
    /// ```
    pub fn sample_with_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> (B::Data, Tensor<1>) {
        self.given(&()).sample_with_log_prob(n, temperature, noise)
    }

    /// `n` samples and `log p(z) + ln|det ∂f/∂x|` of the latents that were drawn, at temperature 1: one pass of
    /// the inverse, where [`sample_with_log_prob`](Self::sample_with_log_prob) takes a pass of each direction.
    ///
    /// That is [`log_prob`](Self::log_prob) of the samples but for their rounding, which counts where the map is
    /// steep or its range ends: beside 0 and 1 behind a [`Logit`](crate::Logit), the two differ by nats. Take it
    /// for importance weights, and where the density of a given sample costs far more than a sample, as that of an
    /// inverse autoregressive flow.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::{
    ///     Affine, Autoregressive, Flow, Invert, MaskedMlpConfig, Noise, base::StandardNormal,
    /// };
    ///
    /// let (device, mut noise) = (Device::default(), Noise::seeded(0));
    /// let net = MaskedMlpConfig::new(3, vec![16], 2).init(&mut noise, &device);
    /// let layer: Autoregressive<Affine, _> = Autoregressive::new(Affine::new(), net);
    /// let flow = Flow::new(layer.inverted(), StandardNormal::new(3));
    /// let (x, log_prob) = flow.sample_with_drawn_log_prob(5, 1.0, &mut noise);
    /// let error = (flow.log_prob(x) - log_prob).abs().max().into_scalar::<f32>();
    /// assert!(error < 1e-4);
    /// ```
    pub fn sample_with_drawn_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> (B::Data, Tensor<1>) {
        self.given(&())
            .sample_with_drawn_log_prob(n, temperature, noise)
    }
}

/// A flow is a base density for another bijection. A conditional normal density, for example, is a
/// [`ContextTransform`](crate::ContextTransform) in front of a standard one.
impl<C: Condition, B: Bijection<C>, P: Base<C, Latent = B::Latent>> Base<C> for Flow<B, P> {
    type Latent = B::Data;

    fn log_prob(&self, x: B::Data, context: &C) -> Tensor<1> {
        self.given(context).log_prob(x)
    }

    fn sample(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
        placement: &Placement,
        context: &C,
    ) -> B::Data {
        if n == 0 {
            let noise = &mut Noise::seeded(0); // leaves the caller's noise unused
            return no_rows(self.sample(1, 0.0, noise, placement, &context.one()));
        }
        let z = self.base.sample(n, temperature, noise, placement, context);
        self.bijection.inverse(z, context).0
    }
}
