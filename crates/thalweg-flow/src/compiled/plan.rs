//! From bijections to steps.

use std::fmt::Debug;
use std::ops::Range;

use burn::module::{Module, ModuleDisplay};
use thalweg_kernels::Direction;

use super::batch::{Batch, Route};
use super::context::ContextPlan;
use super::order::Ordered;
use super::{ChannelMap, Scratch};
use crate::{Identity, Inverted, Split};

/// A bijection that has a compiled form, for the context `C`.
///
/// See [`FlowStep`] for an example.
pub trait Lower<C = ()> {
    /// Adds the steps of this bijection to a plan, for samples of the plan's shape. Reads the parameters
    /// from the device, once: the steps do not follow them.
    fn lower(&self, plan: &mut Lowering);

    /// The shape of the data whose latents have this shape.
    fn data_shape(&self, latent: [usize; 3]) -> [usize; 3] {
        latent
    }
}

/// A bijection of samples of one size, in place.
///
/// ```
/// use thalweg_flow::compiled::{
///     Batch, CompiledBijection, Direction, FlowStep, Lower, Lowering, Scratch,
/// };
///
/// /// `z = 2 x`.
/// struct Double;
///
/// #[derive(Debug)]
/// struct DoubleStep {
///     each: usize,
/// }
///
/// impl FlowStep for DoubleStep {
///     fn apply(&self, direction: Direction, x: &mut Batch<'_>, _: &mut Scratch) {
///         let factor: f32 = if direction == Direction::Forward { 2.0 } else { 0.5 };
///         x.change(self.each, |_, numbers| {
///             numbers.iter_mut().for_each(|number| *number *= factor);
///             numbers.len() as f64 * f64::from(factor).ln()
///         });
///     }
/// }
///
/// impl Lower for Double {
///     fn lower(&self, plan: &mut Lowering) {
///         plan.add(DoubleStep { each: plan.numbers() });
///     }
/// }
///
/// let compiled = CompiledBijection::new(&Double, [2, 1, 1], 1);
/// let (mut x, mut log_dets) = ([1.0, 3.0], [0.0]);
/// compiled.apply(Direction::Forward, &mut x, &(), &mut log_dets, &mut Scratch::default());
/// assert_eq!((x, log_dets), ([2.0, 6.0], [2.0 * 2.0_f64.ln()]));
/// ```
pub trait FlowStep: Debug + Send + Sync {
    /// Each sample `x` becomes `f(x)`, or `f⁻¹(x)`; adds the `ln |det J|` of that map to its log-determinant.
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch);
}

/// The steps of a bijection, first to last, while they are put together.
///
/// ```
/// use burn::tensor::Device;
/// use thalweg_flow::Squeeze;
/// use thalweg_flow::compiled::{Lower, Lowering};
///
/// let mut plan = Lowering::new([3, 8, 8], 1);
/// Lower::<()>::lower(&Squeeze::new(), &mut plan);
/// assert_eq!((plan.shape(), plan.positions(), plan.numbers()), ([12, 4, 4], 16, 192));
/// assert_eq!(plan.batch(), 1);
/// ```
#[derive(Debug)]
pub struct Lowering {
    shape: [usize; 3],
    batch: usize,
    route: Route,
    pub(super) steps: Vec<Box<dyn FlowStep>>,
    /// The last map of channels, which another may join.
    map: Option<ChannelMap>,
    /// Of the numbers of a sample, those that left at each scale, finest first.
    left: Vec<Range<usize>>,
    pub(super) contexts: ContextPlan,
}

impl Lowering {
    /// An empty plan for samples `[channels, height, width]`, at most `batch` at a time; a vector is
    /// `[features, 1, 1]`.
    ///
    /// # Panics
    ///
    /// When `batch` is 0.
    pub fn new(shape: [usize; 3], batch: usize) -> Self {
        assert!(
            batch > 0,
            "a compiled flow takes one sample or more at a time"
        );
        Self {
            shape,
            batch,
            route: Route::of(shape[1] * shape[2]),
            steps: vec![],
            map: None,
            left: vec![],
            contexts: ContextPlan::default(),
        }
    }

    /// `[channels, height, width]` behind the steps so far.
    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    /// Height times width.
    pub fn positions(&self) -> usize {
        self.shape[1] * self.shape[2]
    }

    /// Numbers of a sample behind the steps so far.
    pub fn numbers(&self) -> usize {
        self.shape.iter().product()
    }

    /// The largest number of samples at a time.
    pub fn batch(&self) -> usize {
        self.batch
    }

    pub(super) fn route(&self) -> Route {
        self.route
    }

    /// Adds a step that keeps the shape.
    pub fn add(&mut self, step: impl FlowStep + 'static) {
        self.add_map();
        self.steps.push(Box::new(step));
    }

    /// Adds a step that keeps the numbers in another shape.
    pub(super) fn reshape(&mut self, step: impl FlowStep + 'static, shape: [usize; 3]) {
        self.add(step);
        self.shape = shape;
    }

    /// Adds a map of the channels. Scales and a matrix behind them are one map.
    ///
    /// # Panics
    ///
    /// When it has another number of channels.
    pub fn map(&mut self, map: ChannelMap) {
        let channels = self.shape[0];
        assert!(
            map.channels() == channels,
            "a map of {} channels got samples of {channels}, {:?}",
            map.channels(),
            self.shape
        );
        match self.map.take() {
            Some(before) if before.joins(&map) => self.map = Some(before.then(map)),
            before => {
                self.map = before;
                self.add_map();
                self.map = Some(map);
            }
        }
    }

    /// Adds a map of all numbers of a sample, each one a channel.
    ///
    /// ```
    /// use thalweg_flow::compiled::{ChannelMap, CompiledBijection, Direction, Lower, Lowering, Scratch};
    ///
    /// /// `z = (x₁, 2 x₂)` of the two pixels of an image.
    /// struct Pixels;
    ///
    /// impl Lower for Pixels {
    ///     fn lower(&self, plan: &mut Lowering) {
    ///         plan.map_numbers(ChannelMap::scales(vec![0.0; 2], &[0.0, 2.0_f64.ln()]));
    ///     }
    /// }
    ///
    /// let compiled = CompiledBijection::new(&Pixels, [1, 1, 2], 1);
    /// let mut x = [3.0, 5.0];
    /// compiled.apply(Direction::Forward, &mut x, &(), &mut [0.0], &mut Scratch::default());
    /// assert_eq!(x, [3.0, 10.0]);
    /// ```
    ///
    /// # Panics
    ///
    /// When it has another number of them.
    pub fn map_numbers(&mut self, map: ChannelMap) {
        self.add_map();
        let shape = self.shape;
        self.shape = [self.numbers(), 1, 1];
        self.map(map);
        self.add_map();
        self.shape = shape;
    }

    /// Adds the map that waits for another to join it.
    pub(super) fn add_map(&mut self) {
        if let Some(map) = self.map.take() {
            let step = map.step(self.positions(), self.route);
            self.steps.push(Box::new(step));
        }
    }

    /// Adds another order of the channels, if it is another one.
    pub(super) fn order_channels(&mut self, order: &[usize]) {
        if !order.is_sorted() {
            let positions = self.positions();
            let numbers = |channel: &usize| channel * positions..(channel + 1) * positions;
            self.add(Ordered(order.iter().flat_map(numbers).collect()));
        }
    }

    /// The channels that a split does not keep leave: they stand behind those that stay.
    pub(super) fn leave(&mut self, split: Split) {
        let [channels, height, width] = self.shape;
        let [stays, leaves] = split.both(channels);
        let order: Vec<usize> = stays.iter().chain(leaves.iter()).collect();
        self.order_channels(&order);
        self.add_map();
        let before = self.numbers();
        self.shape = [stays.count, height, width];
        self.left.push(self.numbers()..before);
    }

    /// Adds the steps that `lower` adds, in reverse order and each the other way round.
    fn inverted(&mut self, data: [usize; 3], lower: impl FnOnce(&mut Self)) {
        self.add_map();
        let (first, latent) = (self.steps.len(), self.shape);
        self.shape = data;
        lower(self);
        self.add_map();
        assert!(
            self.shape == latent,
            "an inverted layer maps {data:?} to {:?} and got {latent:?}",
            self.shape
        );
        self.shape = data;
        let steps = self.steps.split_off(first).into_iter().rev();
        self.steps
            .extend(steps.map(|step| Box::new(Backwards(step)) as Box<dyn FlowStep>));
    }

    /// Ends a bijection: latents of several scales stand in their order, finest first. The numbers of each.
    pub(super) fn end_bijection(&mut self) -> Vec<usize> {
        self.add_map();
        let rest = 0..self.numbers();
        let scales: Vec<_> = self.left.drain(..).chain([rest]).collect();
        if scales.len() > 1 {
            self.add(Ordered(scales.iter().cloned().flatten().collect()));
        }
        scales.iter().map(Range::len).collect()
    }
}

/// A step the other way round.
#[derive(Debug)]
struct Backwards(Box<dyn FlowStep>);

impl FlowStep for Backwards {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch) {
        let other = match direction {
            Direction::Forward => Direction::Inverse,
            Direction::Inverse => Direction::Forward,
        };
        self.0.apply(other, x, scratch);
    }
}

impl<C, B: Module + ModuleDisplay + Lower<C>> Lower<C> for Inverted<B> {
    fn lower(&self, plan: &mut Lowering) {
        let data = self.inner.data_shape(plan.shape());
        plan.inverted(data, |plan| self.inner.lower(plan));
    }

    fn data_shape(&self, latent: [usize; 3]) -> [usize; 3] {
        let mut plan = Lowering::new(latent, 1);
        self.inner.lower(&mut plan);
        plan.shape()
    }
}

impl<C, const D: usize> Lower<C> for Identity<D> {
    fn lower(&self, _: &mut Lowering) {}
}

impl<C, B: Lower<C>> Lower<C> for Option<B> {
    fn lower(&self, plan: &mut Lowering) {
        self.iter().for_each(|part| part.lower(plan));
    }

    fn data_shape(&self, latent: [usize; 3]) -> [usize; 3] {
        self.iter()
            .fold(latent, |shape, part| part.data_shape(shape))
    }
}

impl<C, B: Lower<C>> Lower<C> for Vec<B> {
    fn lower(&self, plan: &mut Lowering) {
        self.iter().for_each(|part| part.lower(plan));
    }

    fn data_shape(&self, latent: [usize; 3]) -> [usize; 3] {
        let parts = self.iter().rev();
        parts.fold(latent, |shape, part| part.data_shape(shape))
    }
}

macro_rules! tuple {
    ($($part:ident $index:tt),+; $($back:tt),+) => {
        impl<C, $($part: Lower<C>),+> Lower<C> for ($($part,)+) {
            fn lower(&self, plan: &mut Lowering) {
                $(self.$index.lower(plan);)+
            }

            fn data_shape(&self, shape: [usize; 3]) -> [usize; 3] {
                $(let shape = self.$back.data_shape(shape);)+
                shape
            }
        }
    };
}

tuple!(P 0, Q 1; 1, 0);
tuple!(P 0, Q 1, R 2; 2, 1, 0);
tuple!(P 0, Q 1, R 2, S 3; 3, 2, 1, 0);
tuple!(P 0, Q 1, R 2, S 3, T 4; 4, 3, 2, 1, 0);
tuple!(P 0, Q 1, R 2, S 3, T 4, U 5; 5, 4, 3, 2, 1, 0);
