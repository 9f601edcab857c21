//! Compiled bijections.

use std::marker::PhantomData;
use std::ops::Range;

use thalweg_kernels::Direction;

use super::batch::{Batch, Route};
use super::context::ContextPlan;
use super::{CompiledContext, ContextRows, FlowStep, Lower, Lowering, Scratch};

/// A bijection without tensors, for samples of one size and the context `C`.
///
/// Latents of several scales are rows, finest first, as [`Latents::flatten`](crate::Latents::flatten) makes
/// them.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::compiled::{CompiledBijection, Direction, Scratch};
/// use thalweg_flow::{DiagonalScale, Reverse};
///
/// let log_scale = Tensor::from_floats([2.0_f32.ln(), 0.0], &Device::default());
/// let layers = (DiagonalScale::<2>::from_log_scale(log_scale), Reverse::<2> {});
/// let compiled = CompiledBijection::<()>::new(&layers, [2, 1, 1], 1);
///
/// let (mut x, mut log_dets) = ([3.0, 5.0], [0.0]);
/// compiled.apply(Direction::Forward, &mut x, &(), &mut log_dets, &mut Scratch::default());
/// assert_eq!(x, [5.0, 6.0]);
/// assert!((log_dets[0] - 2.0_f64.ln()).abs() < 1e-6);
/// ```
#[derive(Debug)]
pub struct CompiledBijection<C = ()> {
    pub(super) steps: Vec<Box<dyn FlowStep>>,
    pub(super) contexts: ContextPlan,
    shape: [usize; 3],
    pub(super) batch: usize,
    route: Route,
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
        Self::of(plan, shape)
    }

    pub(super) fn of(mut plan: Lowering, shape: [usize; 3]) -> Self {
        plan.add_map();
        Self {
            route: plan.route(),
            batch: plan.batch(),
            steps: plan.steps,
            contexts: plan.contexts,
            shape,
            context: PhantomData,
        }
    }

    /// Each sample `x` becomes `f(x)`, or `f⁻¹(x)`; adds the `ln |det J|` of that map to its log-determinant.
    ///
    /// # Panics
    ///
    /// When the numbers are not those of whole samples, there is not one log-determinant for each, or the
    /// context has neither one row nor one for each.
    pub fn apply(
        &self,
        direction: Direction,
        x: &mut [f32],
        context: &C::Rows,
        log_dets: &mut [f64],
        scratch: &mut Scratch,
    ) {
        let all = (direction, 0..self.steps.len());
        self.run(all, x, Some(log_dets), C::rows(context), scratch);
    }

    pub(super) fn numbers(&self) -> usize {
        self.shape.iter().product()
    }

    /// The number of samples.
    ///
    /// # Panics
    ///
    /// When the numbers are not those of whole samples, or the context has neither one row nor one for each.
    pub(super) fn count(&self, numbers: usize, context: ContextRows<'_>) -> usize {
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

    /// Some of the steps, on any number of samples.
    pub(super) fn run(
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
            let samples = first..first + numbers.len() / self.numbers();
            let log_dets = log_dets.as_deref_mut();
            let log_dets = log_dets.map(|log_dets| &mut log_dets[samples.clone()]);
            self.contexts.fill(context, samples, scratch);
            self.run_batch((direction, steps.clone()), numbers, log_dets, scratch);
        }
    }

    /// Some of the steps, on a batch whose context vectors are filled.
    pub(super) fn run_batch(
        &self,
        (direction, steps): (Direction, Range<usize>),
        numbers: &mut [f32],
        log_dets: Option<&mut [f64]>,
        scratch: &mut Scratch,
    ) {
        let batch = &mut Batch {
            stride: self.numbers(),
            count: numbers.len() / self.numbers(),
            route: self.route,
            numbers,
            log_dets,
        };
        let steps = self.steps[steps].iter();
        match direction {
            Direction::Forward => steps.for_each(|step| step.apply(direction, batch, scratch)),
            Direction::Inverse => {
                let back = steps.rev();
                back.for_each(|step| step.apply(direction, batch, scratch));
            }
        }
    }
}
