//! A flow under a condition.

use burn::module::{Module, ModuleDisplay};
use burn::optim::GradientsParams;
use burn::tensor::Tensor;

use super::Flow;
use crate::bulk::{map_by_chunks, pieces};
use crate::numerics::sum_features;
use crate::points::{Points, log_probs, no_rows, one_row, rows, zero_of};
use crate::{Base, Bijection, Condition, FlowError, Noise, Reversible, Variable, probe};

/// A flow under a condition; see [`Flow::given`].
///
/// Without a tape, every method takes any number of rows: large batches go through the flow
/// [by chunks](crate::bulk), in the memory of input, output and a chunk for each core.
///
/// See [`Flow::given`] for an example.
#[derive(Debug)]
pub struct Given<'a, B: Module + ModuleDisplay, P: Module + ModuleDisplay, C> {
    flow: &'a Flow<B, P>,
    context: &'a C,
}

impl<'a, B: Module + ModuleDisplay, P: Module + ModuleDisplay, C> Given<'a, B, P, C> {
    pub(super) fn new(flow: &'a Flow<B, P>, context: &'a C) -> Self {
        Self { flow, context }
    }
}

impl<'a, C: Condition, B: Bijection<C>, P: Base<C, Latent = B::Latent>> Given<'a, B, P, C> {
    /// `log p(x | context)` in nats: `[batch]`.
    pub fn log_prob(&self, x: B::Data) -> Tensor<1> {
        if rows(&x) == 0 {
            return no_log_probs(&x);
        }
        map_by_chunks(self.flow, self.context, x, |flow, x, context| {
            let (z, log_det) = flow.bijection.forward(x, context);
            let log_prob = flow.base.log_prob(z, context);
            probe::output("the base density", &log_prob);
            log_prob + log_det
        })
    }

    /// `log p(x | context)` in nats of each row, in f64 and in the memory of `batch` rows. The rows are
    /// a tensor on any device and in any dtype, or lie in the host's memory.
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
            let context = self.context.part_of(range, count);
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

    /// A loss, `[1]`, and the gradients of the flow's parameters, in memory that does not grow with the
    /// depth of the bijection. `loss` is a function of `log p(x | context)`, `[batch]`, such as the
    /// mean of its negative. The flow is on an autodiff device.
    ///
    /// ```
    /// use burn::module::Module;
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_flow::{
    ///     Affine, Coupling, Flow, Given, MlpConfig, Noise, Reversible, Split, WithContext,
    ///     base::StandardNormal,
    /// };
    ///
    /// let device = Device::default();
    /// let net = MlpConfig::new(1 + 3, vec![8], 2).init(&mut Noise::seeded(0), &device);
    /// let coupling: Coupling<_, _> =
    ///     Coupling::new(Split::half(), Affine::new(), WithContext::new(net));
    /// let flow = Flow::new(coupling, StandardNormal::new(2)).train();
    ///
    /// let (x, context) = (Tensor::<2>::ones([5, 2], &device), Tensor::<2>::ones([1, 3], &device));
    /// let given: Given<'_, _, _, Tensor<2>> = flow.given(&context);
    /// let loss = |log_prob: Tensor<1>| log_prob.mean().neg();
    /// let (found, gradients) = given.loss_and_gradients(x.clone(), &Reversible::new(), loss);
    /// let expected = loss(flow.valid().given(&context).log_prob(x));
    /// assert!((found - expected).abs().into_scalar::<f32>() < 1e-5);
    /// assert_eq!(gradients.len(), 4); // the weights and the biases of two layers
    /// ```
    ///
    /// # Panics
    ///
    /// When `x` or the context carries a gradient, when `loss` has another shape or does not depend on
    /// the log-density, and on a device without autodiff or with Burn's gradient checkpointing.
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
        self.map(x, |flow, x, context| flow.bijection.forward(x, context).0)
    }

    /// `x = f⁻¹(z; context)`.
    pub fn decode(&self, z: B::Latent) -> B::Data {
        self.map(z, |flow, z, context| flow.bijection.inverse(z, context).0)
    }

    /// Maps a batch under the context; an empty one by a row of zeros, whose image has the right shape.
    fn map<X: Variable, Z: Variable>(
        &self,
        x: X,
        map: impl Fn(&Flow<B, P>, X, &C) -> Z + Sync,
    ) -> Z {
        match rows(&x) {
            0 => no_rows(map(self.flow, one_row(x), &self.context.one())),
            _ => map_by_chunks(self.flow, self.context, x, map),
        }
    }

    /// `n` samples, as [`Flow::sample`].
    ///
    /// # Panics
    ///
    /// When `temperature` is negative or not finite.
    pub fn sample(&self, n: usize, temperature: f64, noise: &mut Noise) -> B::Data {
        self.decode(self.latents(n, temperature, noise))
    }

    /// `n` latents of the base density.
    fn latents(&self, n: usize, temperature: f64, noise: &mut Noise) -> B::Latent {
        assert!(
            temperature >= 0.0 && temperature.is_finite(),
            "a temperature is a finite number from 0 on, got {temperature}"
        );
        let (base, placement) = (&self.flow.base, self.flow.placement());
        if n == 0 {
            let noise = &mut Noise::seeded(0); // leaves the caller's noise unused
            return no_rows(base.sample(1, 0.0, noise, &placement, &self.context.one()));
        }
        base.sample(n, temperature, noise, &placement, self.context)
    }

    /// [`sample`](Self::sample) for samples that are too many for the memory: in [pieces](crate::bulk::pieces),
    /// each drawn when the iterator is asked for it.
    ///
    /// From the same noise, the pieces together are the samples of `sample` where the base draws row by row, as
    /// the normal, logistic and uniform densities do. A mixture and multi-scale latents draw tensor by tensor:
    /// there they are other samples of the same density.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_flow::{DiagonalScale, Flow, Noise, base::StandardNormal};
    ///
    /// let device = Device::default();
    /// let flow = Flow::new(DiagonalScale::<2>::new(64, &device), StandardNormal::new(64));
    /// let mut rows = 0;
    /// for x in flow.sample_chunks(20_000, 1.0, &mut Noise::seeded(0)) {
    ///     let log_prob = flow.log_prob(x.clone());
    ///     rows += log_prob.dims()[0]; // or written to a file
    /// }
    /// assert_eq!(rows, 20_000);
    /// ```
    ///
    /// # Panics
    ///
    /// As [`sample`](Self::sample), at the first piece.
    pub fn sample_chunks<'n>(
        &self,
        n: usize,
        temperature: f64,
        noise: &'n mut Noise,
    ) -> impl Iterator<Item = B::Data> + use<'a, 'n, B, P, C> {
        let Self { flow, context } = *self;
        let (placement, first) = (flow.placement(), context.one());
        let seeded = &mut Noise::seeded(0);
        let one = flow.base.sample(1, 0.0, seeded, &placement, &first);
        let numbers = one.rows().iter().map(|part| part.dims()[1]).sum();
        pieces(n, numbers).map(move |range| {
            let context = context.part_of(range.clone(), n);
            flow.given(&context).sample(range.len(), temperature, noise)
        })
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
        // Not from the drawn latent: rounding a sample can move its latent where the map is steep or
        // its range ends.
        let log_prob = self.log_prob(x.clone());
        (x, log_prob)
    }

    /// `n` samples and the log-density of their draw, as [`Flow::sample_with_drawn_log_prob`].
    ///
    /// # Panics
    ///
    /// When `temperature` is negative or not finite.
    pub fn sample_with_drawn_log_prob(
        &self,
        n: usize,
        temperature: f64,
        noise: &mut Noise,
    ) -> (B::Data, Tensor<1>) {
        let z = self.latents(n, temperature, noise);
        self.map(z, |flow, z, context| {
            let (x, log_det) = flow.bijection.inverse(z.clone(), context);
            (x, flow.base.log_prob(z, context) - log_det)
        })
    }
}

/// The log-densities of a batch without rows, `[0]`, on its graph.
fn no_log_probs<V: Variable>(x: &V) -> Tensor<1> {
    let sums = x.rows().into_iter().map(sum_features);
    sums.reduce(Tensor::add)
        .expect("data have at least one tensor")
}
