//! A density: a bijection and a base.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use crate::numerics::sum_features;
use crate::points::{Points, log_probs, no_rows, one_row, part_of, rows, zero_of};
use crate::{Base, Bijection, Condition, FlowError, Noise, Placement, Reversible, Variable, probe};

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
/// With a context, ask the flow [`given`](Flow::given) it.
#[derive(Module, Debug)]
pub struct Flow<B: Module + ModuleDisplay, P: Module + ModuleDisplay> {
    /// From data to latents.
    pub bijection: B,
    /// What the latents follow.
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
        Given {
            flow: self,
            context,
        }
    }

    /// The flow with each layer that depends on data fitted to a batch, layer by layer; see
    /// [`Bijection::initialize`]. Without a condition the context is `&()`.
    ///
    /// # Errors
    ///
    /// A batch that a layer cannot be fitted to.
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

    /// Where samples are made: the device and dtype of the first float parameter.
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

    /// `n` samples at a temperature, which multiplies the width of the base density: 1 samples
    /// the model, less trades variety for typical samples.
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> B::Data {
        self.given(&()).sample(n, temperature, noise)
    }
}

/// Samples and their densities.
impl<B: Bijection, P: Base<Latent = B::Latent>> Flow<B, P> {
    /// `n` samples and `log p(x)` of each under the model (that is, at temperature 1): what
    /// [`log_prob`](Self::log_prob) says of them.
    pub fn sample_with_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> (B::Data, Tensor<1>) {
        self.given(&()).sample_with_log_prob(n, temperature, noise)
    }
}

/// A flow is a density of its data, and so a base density for another bijection: a conditional
/// normal density, say, is a [`ContextTransform`](crate::ContextTransform) in front of a standard
/// one.
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
            let noise = &mut Noise::seeded(0); // none of the caller's is used up
            return no_rows(self.sample(1, 0.0, noise, placement, &context.one()));
        }
        let z = self.base.sample(n, temperature, noise, placement, context);
        self.bijection.inverse(z, context).0
    }
}

/// A flow under a condition; see [`Flow::given`].
#[derive(Debug)]
pub struct Given<'a, B: Module + ModuleDisplay, P: Module + ModuleDisplay, C> {
    flow: &'a Flow<B, P>,
    context: &'a C,
}

impl<C: Condition, B: Bijection<C>, P: Base<C, Latent = B::Latent>> Given<'_, B, P, C> {
    /// `log p(x | context)` in nats: `[batch]`.
    pub fn log_prob(&self, x: B::Data) -> Tensor<1> {
        if rows(&x) == 0 {
            return no_log_probs(&x);
        }
        let (z, log_det) = self.flow.bijection.forward(x, self.context);
        let log_prob = self.flow.base.log_prob(z, self.context);
        probe::output("the base density", &log_prob);
        log_prob + log_det
    }

    /// `log p(x | context)` in nats of any number of rows, in order, in f64 and in the memory of
    /// `batch` rows. The rows are a tensor, on any device and in any dtype, or lie in the host's memory.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::{DiagonalScale, Flow, base::StandardNormal};
    ///
    /// let device = Device::default().autodiff();
    /// let flow = Flow::new(DiagonalScale::<2>::new(2, &device), StandardNormal::new(2));
    /// let rows: Vec<[f64; 2]> = (0..1000).map(|i| [0.0, f64::from(i)]).collect();
    /// let nats = flow.log_probs(&rows, 128)?;
    /// assert_eq!(nats.len(), 1000);
    /// # Ok::<(), thalweg_flow::FlowError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A number that is not finite, and a row of another length than the first.
    ///
    /// # Panics
    ///
    /// When `batch` is 0, or the context has neither one row nor one for each.
    pub fn log_probs<const D: usize>(
        &self,
        points: &(impl Points<D> + ?Sized),
        batch: usize,
    ) -> Result<Vec<f64>, FlowError>
    where
        C: Condition,
        B: Bijection<C, Data = Tensor<D>>,
    {
        self.context.check(None)?;
        let (flow, count) = (self.flow.valid(), points.count());
        log_probs(points, batch, &flow.placement(), |x, range| {
            let context = part_of(self.context, range, count);
            x.check(None)?;
            Ok(flow.given(&context).log_prob(x))
        })
    }

    /// `draws` samples for each row of the context: those of row `i` are
    /// `i · draws .. (i + 1) · draws`.
    ///
    /// # Panics
    ///
    /// When `temperature` is negative or not finite.
    pub fn sample_each(&self, draws: usize, temperature: f64, noise: &mut Noise) -> B::Data
    where
        C: Condition,
    {
        let context = self.context.repeat_each(draws);
        let n = self.context.rows().unwrap_or(1) * draws;
        self.flow.given(&context).sample(n, temperature, noise)
    }

    /// A loss, `[1]`, and the gradients of the flow's parameters, in memory that does not grow with
    /// the depth of the bijection. `loss` is a function of `log p(x | context)`, `[batch]`, such as
    /// the mean of its negative. The flow is to be on an autodiff device.
    ///
    /// # Panics
    ///
    /// When `x` or the context carries a gradient, when `loss` gives another shape or does not
    /// depend on the log-density, on the plain device, or on one with Burn's gradient checkpointing,
    /// which this takes the place of.
    pub fn loss_and_gradients(
        &self,
        x: B::Data,
        how: &Reversible,
        loss: impl Fn(Tensor<1>) -> Tensor<1>,
    ) -> (Tensor<1>, GradientsParams) {
        if rows(&x) == 0 {
            let nothing = loss(Tensor::zeros([0], &self.flow.placement().device.inner()));
            let gradients = zero_of(self.flow).backward();
            return (nothing, GradientsParams::from_grads(gradients, self.flow));
        }
        how.differentiate(self.flow, self.context, x, loss)
    }

    /// `z = f(x; context)`.
    pub fn encode(&self, x: B::Data) -> B::Latent {
        if rows(&x) == 0 {
            let one = self.flow.given(&self.context.one()).encode(one_row(x));
            return no_rows(one);
        }
        self.flow.bijection.forward(x, self.context).0
    }

    /// `x = f⁻¹(z; context)`.
    pub fn decode(&self, z: B::Latent) -> B::Data {
        if rows(&z) == 0 {
            let one = self.flow.given(&self.context.one()).decode(one_row(z));
            return no_rows(one);
        }
        self.flow.bijection.inverse(z, self.context).0
    }

    /// `n` samples, as [`Flow::sample`].
    ///
    /// # Panics
    ///
    /// When `temperature` is negative or not finite.
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> B::Data {
        if n == 0 {
            return self.no_samples(temperature);
        }
        self.decode(self.latents(n, temperature, noise))
    }

    /// Samples without rows; none of the caller's noise is used up.
    fn no_samples(&self, temperature: f64) -> B::Data {
        let context = self.context.one();
        let noise = &mut Noise::seeded(0);
        no_rows(self.flow.given(&context).sample(1, temperature, noise))
    }

    /// `n` samples and their log-density, as [`Flow::sample_with_log_prob`].
    ///
    /// # Panics
    ///
    /// When `temperature` is negative or not finite.
    pub fn sample_with_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> (B::Data, Tensor<1>) {
        let x = self.sample(n, temperature, noise);
        // Of the numbers that are returned: where a map is steep, or its range ends, the latent of
        // a rounded sample is another than the one that it was made of.
        let log_prob = self.log_prob(x.clone());
        (x, log_prob)
    }

    fn latents(&self, n: usize, temperature: f64, noise: &mut Noise) -> B::Latent {
        assert!(
            temperature >= 0.0 && temperature.is_finite(),
            "a temperature is a finite number from 0 on, got {temperature}"
        );
        self.flow
            .base
            .sample(n, temperature, noise, &self.flow.placement(), self.context)
    }
}

/// The log-densities of a batch without rows, `[0]`, on its graph.
fn no_log_probs<V: Variable>(x: &V) -> Tensor<1> {
    let sums = x.rows().into_iter().map(sum_features);
    sums.reduce(Tensor::add)
        .expect("data have at least one tensor")
}
