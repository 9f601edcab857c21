//! Compiled bijections and flows.

use std::marker::PhantomData;
use std::mem::take;
use std::ops::Range;

use burn::module::{Module, ModuleDisplay};
use thalweg_kernels::Direction;

use super::batch::{Batch, Route};
use super::context::ContextPlan;
use super::order::Ordered;
use super::scratch::refill;
use super::{CompiledContext, ContextRows, Density, Lower, LowerBase, Lowering, Scratch, Step};
use crate::{Flow, Noise};

/// Steps, and the samples that they are for.
#[derive(Debug)]
struct Plan {
    steps: Vec<Box<dyn Step>>,
    contexts: ContextPlan,
    shape: [usize; 3],
    batch: usize,
    route: Route,
}

impl Plan {
    fn numbers(&self) -> usize {
        self.shape.iter().product()
    }

    /// The number of samples.
    ///
    /// # Panics
    ///
    /// When the numbers are not those of whole samples, or the context has neither one row nor one for each.
    fn count(&self, numbers: usize, context: ContextRows<'_>) -> usize {
        let each = self.numbers();
        assert!(
            numbers.is_multiple_of(each),
            "{numbers} numbers are no {}",
            match self.shape {
                [features, 1, 1] => format!("points of {features} features"),
                _ => format!("images of {each} numbers each, {:?}", self.shape),
            }
        );
        self.contexts.check(context, numbers / each);
        numbers / each
    }

    /// Applies some of the steps to at most a batch of samples, whose indices begin at `first`.
    fn apply(
        &self,
        (direction, steps): (Direction, Range<usize>),
        samples: (&mut [f32], usize),
        log_dets: Option<&mut [f64]>,
        context: ContextRows<'_>,
        scratch: &mut Scratch,
    ) {
        let ((numbers, first), steps) = (samples, &self.steps[steps]);
        let count = numbers.len() / self.numbers();
        self.contexts.fill(context, first..first + count, scratch);
        let batch = &mut Batch::new(numbers, self.numbers(), log_dets, self.route);
        match direction {
            Direction::Forward => steps.iter().for_each(|step| step.forward(batch, scratch)),
            Direction::Inverse => {
                let back = steps.iter().rev();
                back.for_each(|step| step.inverse(batch, scratch));
            }
        }
    }

    /// The same for any number of samples.
    fn apply_to_all(
        &self,
        (direction, steps): (Direction, Range<usize>),
        numbers: &mut [f32],
        mut log_dets: Option<&mut [f64]>,
        context: ContextRows<'_>,
        scratch: &mut Scratch,
    ) {
        self.count(numbers.len(), context);
        let batches = numbers.chunks_mut(self.batch * self.numbers());
        for (first, numbers) in (0..).step_by(self.batch).zip(batches) {
            let count = numbers.len() / self.numbers();
            let log_dets = log_dets.as_deref_mut();
            let log_dets = log_dets.map(|log_dets| &mut log_dets[first..first + count]);
            let part = (direction, steps.clone());
            self.apply(part, (numbers, first), log_dets, context, scratch);
        }
    }
}

impl Lowering {
    /// Ends a bijection: the latents of several scales stand in their order, finest first.
    fn end_bijection(&mut self) -> Vec<usize> {
        self.add_map();
        let scales = self.scales();
        if scales.len() > 1 {
            self.add(Ordered(scales.iter().cloned().flatten().collect()));
        }
        scales.iter().map(Range::len).collect()
    }

    fn finish(mut self, shape: [usize; 3]) -> Plan {
        self.add_map();
        Plan {
            route: self.route(),
            batch: self.batch(),
            steps: self.steps,
            contexts: self.contexts,
            shape,
        }
    }
}

/// A bijection without tensors, for samples of one size and the context `C`.
///
/// Latents of several scales are rows, finest first, as [`Latents::flatten`](crate::Latents::flatten) makes
/// them.
#[derive(Debug)]
pub struct CompiledBijection<C = ()> {
    plan: Plan,
    context: PhantomData<fn(&C)>,
}

impl<C: CompiledContext> CompiledBijection<C> {
    /// For samples `[channels, height, width]`, at most `batch` at a time; a vector is `[features, 1, 1]`.
    ///
    /// # Panics
    ///
    /// When `batch` is 0, or the bijection takes samples of another shape.
    pub fn new(bijection: &impl Lower<C>, shape: [usize; 3], batch: usize) -> Self {
        let mut plan = Lowering::new(shape, batch);
        bijection.lower(&mut plan);
        plan.end_bijection();
        Self {
            plan: plan.finish(shape),
            context: PhantomData,
        }
    }

    /// Each sample `x` becomes `z = f(x)`; adds `ln |det ∂f/∂x|` to its log-determinant.
    ///
    /// # Panics
    ///
    /// When the numbers are not those of whole samples, or there is not one log-determinant for each.
    pub fn forward(
        &self,
        x: &mut [f32],
        context: &C::Rows,
        log_dets: &mut [f64],
        scratch: &mut Scratch,
    ) {
        self.apply(Direction::Forward, x, context, log_dets, scratch);
    }

    /// Each `z` becomes `x = f⁻¹(z)`; adds `ln |det ∂f⁻¹/∂z|`.
    ///
    /// # Panics
    ///
    /// As [`forward`](Self::forward).
    pub fn inverse(
        &self,
        z: &mut [f32],
        context: &C::Rows,
        log_dets: &mut [f64],
        scratch: &mut Scratch,
    ) {
        self.apply(Direction::Inverse, z, context, log_dets, scratch);
    }

    fn apply(
        &self,
        direction: Direction,
        numbers: &mut [f32],
        context: &C::Rows,
        log_dets: &mut [f64],
        scratch: &mut Scratch,
    ) {
        let all = (direction, 0..self.plan.steps.len());
        let context = C::rows(context);
        self.plan
            .apply_to_all(all, numbers, Some(log_dets), context, scratch);
    }
}

/// A flow without tensors: packed weights, scales and matrices multiplied together, steps on slices. It
/// allocates nothing after the first call, and for vectors uses no thread.
///
/// For a point or a few it is many times faster than the tensors, whose operations cost microseconds each
/// before they compute anything; for thousands of points use those. Images come a batch at a time, and
/// their convolutions run on all threads (`docs/performance.md`).
///
/// The same bits come out at each call; for vectors, whatever the batch and the processor. Calls share the
/// flow and nothing else, so any number of threads may call it at once, each with its [`Scratch`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{
///     Affine, Coupling, Flow, MlpConfig, Noise, Split, base::StandardNormal, compiled::Scratch,
/// };
///
/// let device = Device::default();
/// let net = MlpConfig::new(1, vec![16], 2).init(&mut Noise::seeded(0), &device);
/// let coupling: Coupling<_, _> = Coupling::new(Split::half(), Affine::new(), net);
/// let flow = Flow::new(coupling, StandardNormal::new(2));
///
/// let (compiled, mut scratch) = (flow.compile(), Scratch::default());
/// let found = compiled.log_prob(&[0.5, -1.0], &mut scratch);
/// let x = Tensor::<2>::from_floats([[0.5, -1.0]], &device);
/// assert!((found - flow.log_prob(x).into_scalar::<f32>()).abs() < 1e-5);
///
/// let mut sample = [0.0; 2];
/// compiled.sample(1.0, &mut Noise::seeded(1), &mut sample, &mut scratch);
/// ```
///
/// A flow under a condition is [`given`](Self::given) its context; without, it does not compile:
///
/// ```
/// use burn::tensor::{Device, Int, Tensor};
/// use thalweg_flow::compiled::{CompiledFlow, Scratch};
/// use thalweg_flow::{
///     Affine, Coupling, Embedded, Flow, LabelEmbedding, MlpConfig, Noise, Split, WithContext,
///     base::StandardNormal,
/// };
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let net = MlpConfig::new(1 + 4, vec![16], 2).init(&mut noise, &device);
/// let coupling: Coupling<_, _> = Coupling::new(Split::half(), Affine::new(), WithContext::new(net));
/// let labels = LabelEmbedding::new(10, 4, &mut noise, &device);
/// let flow = Flow::new(Embedded::new(labels, coupling), StandardNormal::new(2));
///
/// let (compiled, mut scratch) = (flow.compile_given::<Tensor<1, Int>>(), Scratch::default());
/// let nats = compiled.given(&[3]).log_prob(&[0.5, -1.0], &mut scratch);
/// assert!(nats.is_finite());
/// ```
///
/// Images:
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{base::MultiScaleNormal, compiled::Scratch};
/// use thalweg_flow::{
///     Affine, ConvNetConfig, Coupling, Flow, Identity, Level, MultiScale, Noise, Split, Squeeze,
/// };
///
/// let (device, mut noise) = (Device::default(), Noise::seeded(0));
/// let mut coupling = |kept: usize, transformed: usize| -> Coupling<Affine, _, 4> {
///     let net = ConvNetConfig::new(kept, 8, 2 * transformed).init(&mut noise, &device);
///     Coupling::new(Split::half(), Affine::new(), net)
/// };
/// let level = Level::new((Squeeze::new(), coupling(2, 2)), Identity {}, Split::half());
/// let scales = MultiScale::new(vec![level], coupling(1, 1));
/// let flow = Flow::new(scales, MultiScaleNormal::new(vec![[2, 4, 4], [2, 4, 4]]));
///
/// let (compiled, mut scratch) = (flow.compile_images([1, 8, 8], 4), Scratch::default());
/// let mut found = [0.0; 3];
/// compiled.log_probs(&[0.5; 3 * 64], &mut found, &mut scratch);
/// let x = Tensor::<4>::full([3, 1, 8, 8], 0.5, &device);
/// assert!((found[2] - flow.log_prob(x).mean().into_scalar::<f32>()).abs() < 1e-4);
///
/// let mut samples = vec![0.0; 5 * 64];
/// compiled.sample(1.0, &mut Noise::seeded(1), &mut samples, &mut scratch);
/// ```
#[derive(Debug)]
pub struct CompiledFlow<C = ()> {
    plan: Plan,
    /// The number of steps from data to latents; the others belong to the base density.
    steps: usize,
    scales: usize,
    density: Box<dyn Density>,
    context: PhantomData<fn(&C)>,
}

/// Vectors at a time, so that a layer's weights are read once for all of them.
const VECTORS: usize = 32;

impl<B: Module + ModuleDisplay, P: Module + ModuleDisplay> Flow<B, P> {
    /// The flow without tensors, for vectors.
    pub fn compile(&self) -> CompiledFlow
    where
        B: Lower,
        P: LowerBase,
    {
        self.compile_given()
    }

    /// The flow without tensors, for vectors and the context `C`.
    pub fn compile_given<C: CompiledContext>(&self) -> CompiledFlow<C>
    where
        B: Lower<C>,
        P: LowerBase<C>,
    {
        let shape = [self.base.numbers(), 1, 1];
        CompiledFlow::new(&self.bijection, &self.base, shape, VECTORS)
    }

    /// The flow without tensors, for images `[channels, height, width]`, at most `batch` of them at a time:
    /// 1 for the least time of one image, the size of the calls for the least time of all.
    ///
    /// # Panics
    ///
    /// As [`CompiledFlow::new`].
    pub fn compile_images(&self, shape: [usize; 3], batch: usize) -> CompiledFlow
    where
        B: Lower,
        P: LowerBase,
    {
        CompiledFlow::new(&self.bijection, &self.base, shape, batch)
    }
}

impl<C: CompiledContext> CompiledFlow<C> {
    /// The flow of a bijection and a base density, for samples `[channels, height, width]`, at most `batch` at
    /// a time; a vector is `[features, 1, 1]`.
    ///
    /// # Panics
    ///
    /// When `batch` is 0, or the flow takes samples of another shape.
    pub fn new(
        bijection: &impl Lower<C>,
        base: &impl LowerBase<C>,
        shape: [usize; 3],
        batch: usize,
    ) -> Self {
        let mut plan = Lowering::new(shape, batch);
        bijection.lower(&mut plan);
        let scales = plan.end_bijection();
        let steps = plan.steps.len();
        let density = base.lower_base(&mut plan);
        let expected = density.scales();
        assert!(
            scales == expected,
            "a flow to latents of {expected:?} numbers a scale got samples {shape:?}, which give {scales:?}"
        );
        Self {
            plan: plan.finish(shape),
            steps,
            scales: scales.len(),
            density,
            context: PhantomData,
        }
    }

    /// Numbers of a sample.
    pub fn numbers(&self) -> usize {
        self.plan.numbers()
    }

    /// The number of scales that latents have: 1 for vectors.
    pub fn scales(&self) -> usize {
        self.scales
    }

    /// The flow under a condition: one row of context for each sample, or one for all of them.
    pub fn given<'a>(&'a self, context: &'a C::Rows) -> CompiledGiven<'a, C> {
        CompiledGiven {
            flow: self,
            context,
        }
    }
}

/// A compiled flow under a condition; see [`CompiledFlow::given`].
///
/// Every method panics when the numbers are not those of whole samples, or the context has neither one row
/// nor one for each.
#[derive(Debug)]
pub struct CompiledGiven<'a, C: CompiledContext> {
    flow: &'a CompiledFlow<C>,
    context: &'a C::Rows,
}

impl<C: CompiledContext> CompiledGiven<'_, C> {
    /// `log p(x | context)` in nats of one sample.
    pub fn log_prob(&self, x: &[f32], scratch: &mut Scratch) -> f32 {
        let mut log_prob = [0.0];
        self.log_probs(x, &mut log_prob, scratch);
        log_prob[0]
    }

    /// `log p(x | context)` in nats of each of any number of samples.
    ///
    /// # Panics
    ///
    /// When there is not one place in `log_probs` for each.
    pub fn log_probs(&self, x: &[f32], log_probs: &mut [f32], scratch: &mut Scratch) {
        let (CompiledFlow { plan, density, .. }, context) = (self.flow, C::rows(self.context));
        let (each, samples) = (plan.numbers(), plan.count(x.len(), context));
        assert!(
            x.len() == log_probs.len() * each,
            "{} numbers are no {} samples of {each} but {samples}",
            x.len(),
            log_probs.len()
        );
        let mut numbers = take(&mut scratch.samples);
        let mut memory = take(&mut scratch.log_dets);
        let batches = x
            .chunks(plan.batch * each)
            .zip(log_probs.chunks_mut(plan.batch));
        for (first, (x, log_probs)) in (0..).step_by(plan.batch).zip(batches) {
            refill(&mut numbers, x.iter().copied());
            memory.clear();
            memory.resize(log_probs.len(), 0.0);
            let all = (Direction::Forward, 0..plan.steps.len());
            plan.apply(
                all,
                (&mut numbers, first),
                Some(&mut memory),
                context,
                scratch,
            );
            let latents = numbers.chunks_exact(each).zip(&memory);
            for (log_prob, (z, log_det)) in log_probs.iter_mut().zip(latents) {
                *log_prob = (density.log_prob(z) + log_det) as f32;
            }
        }
        (scratch.samples, scratch.log_dets) = (numbers, memory);
    }

    /// Each sample becomes its latent.
    pub fn encode(&self, samples: &mut [f32], scratch: &mut Scratch) {
        let (flow, context) = (self.flow, C::rows(self.context));
        let there = (Direction::Forward, 0..flow.steps);
        flow.plan
            .apply_to_all(there, samples, None, context, scratch);
    }

    /// Each latent becomes its sample.
    pub fn decode(&self, latents: &mut [f32], scratch: &mut Scratch) {
        let (flow, context) = (self.flow, C::rows(self.context));
        let back = (Direction::Inverse, 0..flow.steps);
        flow.plan
            .apply_to_all(back, latents, None, context, scratch);
    }

    /// Fills `samples` at one temperature: with those that [`Flow::sample`] gives from the same noise, which
    /// here is always drawn on the host.
    ///
    /// # Panics
    ///
    /// For a temperature that is negative or not finite.
    pub fn sample(
        &self,
        temperature: f64,
        noise: &mut Noise,
        samples: &mut [f32],
        scratch: &mut Scratch,
    ) {
        match self.flow.scales {
            1 => self.sample_scales(&[temperature], noise, samples, scratch),
            scales => self.sample_scales(&vec![temperature; scales], noise, samples, scratch),
        }
    }

    /// Fills `samples` with a temperature for each scale, finest first.
    ///
    /// # Panics
    ///
    /// Unless there is one temperature a scale, each finite and not negative.
    pub fn sample_scales(
        &self,
        temperatures: &[f64],
        noise: &mut Noise,
        samples: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let (flow, context) = (self.flow, C::rows(self.context));
        assert!(
            temperatures.len() == flow.scales,
            "a flow of {} scales takes one temperature for each, got {}",
            flow.scales,
            temperatures.len()
        );
        for temperature in temperatures {
            assert!(
                *temperature >= 0.0 && temperature.is_finite(),
                "a temperature is a finite number from 0 on, got {temperature}"
            );
        }
        flow.plan.count(samples.len(), context);
        flow.density.sample(temperatures, noise, samples);
        let back = (Direction::Inverse, 0..flow.plan.steps.len());
        flow.plan
            .apply_to_all(back, samples, None, context, scratch);
    }
}

/// The methods of a flow that takes no condition; see [`CompiledGiven`].
impl CompiledFlow {
    /// `log p(x)` in nats of one sample.
    pub fn log_prob(&self, x: &[f32], scratch: &mut Scratch) -> f32 {
        self.given(&()).log_prob(x, scratch)
    }

    /// `log p(x)` in nats of each of any number of samples.
    pub fn log_probs(&self, x: &[f32], log_probs: &mut [f32], scratch: &mut Scratch) {
        self.given(&()).log_probs(x, log_probs, scratch);
    }

    /// Each sample becomes its latent.
    pub fn encode(&self, samples: &mut [f32], scratch: &mut Scratch) {
        self.given(&()).encode(samples, scratch);
    }

    /// Each latent becomes its sample.
    pub fn decode(&self, latents: &mut [f32], scratch: &mut Scratch) {
        self.given(&()).decode(latents, scratch);
    }

    /// See [`CompiledGiven::sample`].
    pub fn sample(
        &self,
        temperature: f64,
        noise: &mut Noise,
        samples: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.given(&()).sample(temperature, noise, samples, scratch);
    }

    /// See [`CompiledGiven::sample_scales`].
    pub fn sample_scales(
        &self,
        temperatures: &[f64],
        noise: &mut Noise,
        samples: &mut [f32],
        scratch: &mut Scratch,
    ) {
        self.given(&())
            .sample_scales(temperatures, noise, samples, scratch);
    }
}
