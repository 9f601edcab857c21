//! Samples in rows.

use std::iter::repeat_n;

use thalweg_kernels::share;

use super::Scratch;
use super::scratch::sized;

/// Samples whose numbers begin at equal strides. A step changes the first numbers of each: those that have
/// not left at a finer scale, `[channels, height, width]`.
///
/// See [`FlowStep`](super::FlowStep) for an example.
#[derive(Debug)]
pub struct Batch<'a> {
    pub(super) numbers: &'a mut [f32],
    pub(super) stride: usize,
    /// The number of samples. It is a field, and one sample has a path without chunks, because a division
    /// takes as long as a small step.
    pub(super) count: usize,
    /// Those of the samples, if somebody reads them.
    pub(super) log_dets: Option<&'a mut [f64]>,
    pub(super) route: Route,
}

/// How steps run. This is the one place that chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// One sample after the other on the calling thread, products of a matrix and a vector. A step on a
    /// vector takes less than a microsecond, and to wake a thread takes more; and the bits of a sample do
    /// not depend on the batch around it.
    Vectors,
    /// Products of two matrices, the columns being positions, and samples shared among threads where
    /// there are enough numbers.
    Images,
}

impl Route {
    /// For samples of this many positions.
    pub(super) fn of(positions: usize) -> Self {
        match positions {
            1 => Self::Vectors,
            _ => Self::Images,
        }
    }

    /// Whether several threads change this many numbers faster than one.
    fn shares(self, numbers: usize) -> bool {
        const ENOUGH: usize = 1 << 14;
        self == Self::Images && numbers > ENOUGH
    }
}

impl Batch<'_> {
    /// The number of samples.
    pub fn count(&self) -> usize {
        self.count
    }

    /// All numbers, and their stride from sample to sample.
    pub fn numbers(&self) -> (&[f32], usize) {
        (self.numbers, self.stride)
    }

    /// Whether somebody reads the log-determinants that [`change`](Self::change) is given.
    pub fn wants_log_dets(&self) -> bool {
        self.log_dets.is_some()
    }

    /// Changes the first `each` numbers of every sample, given its index, and adds the result to its
    /// log-determinant. Several threads may take part.
    pub fn change(&mut self, each: usize, change: impl Fn(usize, &mut [f32]) -> f64 + Sync) {
        if self.count == 1 {
            let log_det = change(0, &mut self.numbers[..each]);
            return self.add(log_det);
        }
        let nothing = repeat_n((), self.count);
        self.change_with(each, nothing, |index, x, ()| change(index, x));
    }

    /// [`change`](Self::change) with `each` numbers of memory beside every sample.
    ///
    /// ```
    /// use thalweg_flow::compiled::{
    ///     Batch, CompiledBijection, Direction, FlowStep, Lower, Lowering, Scratch,
    /// };
    ///
    /// /// Each number becomes the sum of those up to it.
    /// #[derive(Debug)]
    /// struct Sums(usize);
    ///
    /// impl FlowStep for Sums {
    ///     fn apply(&self, direction: Direction, x: &mut Batch<'_>, scratch: &mut Scratch) {
    ///         assert!(x.count() == 2 && x.wants_log_dets());
    ///         x.change_beside(self.0, scratch, |_, x, before| {
    ///             before.copy_from_slice(x);
    ///             for place in 1..x.len() {
    ///                 match direction {
    ///                     Direction::Forward => x[place] += x[place - 1],
    ///                     Direction::Inverse => x[place] -= before[place - 1],
    ///                 }
    ///             }
    ///             0.0
    ///         });
    ///     }
    /// }
    ///
    /// struct Layer;
    ///
    /// impl Lower for Layer {
    ///     fn lower(&self, plan: &mut Lowering) {
    ///         plan.add(Sums(plan.numbers()));
    ///     }
    /// }
    ///
    /// // Two samples at once.
    /// let compiled = CompiledBijection::new(&Layer, [3, 1, 1], 2);
    /// let (mut x, mut log_dets, mut scratch) = ([1.0, 2.0, 3.0, 4.0, 4.0, 4.0], [0.0; 2], Scratch::default());
    /// compiled.apply(Direction::Forward, &mut x, &(), &mut log_dets, &mut scratch);
    /// assert_eq!(x, [1.0, 3.0, 6.0, 4.0, 8.0, 12.0]);
    /// compiled.apply(Direction::Inverse, &mut x, &(), &mut log_dets, &mut scratch);
    /// assert_eq!((x, log_dets), ([1.0, 2.0, 3.0, 4.0, 4.0, 4.0], [0.0; 2]));
    /// ```
    pub fn change_beside(
        &mut self,
        each: usize,
        scratch: &mut Scratch,
        change: impl Fn(usize, &mut [f32], &mut [f32]) -> f64 + Sync,
    ) {
        let beside = sized(&mut scratch.beside, self.count * each);
        if self.count == 1 {
            let log_det = change(0, &mut self.numbers[..each], beside);
            return self.add(log_det);
        }
        self.change_with(each, beside.chunks_exact_mut(each.max(1)), change);
    }

    /// Adds to the log-determinant of a single sample.
    fn add(&mut self, log_det: f64) {
        if let Some([sum]) = &mut self.log_dets {
            *sum += log_det;
        }
    }

    fn change_with<T: Send>(
        &mut self,
        each: usize,
        with: impl ExactSizeIterator<Item = T> + Send,
        change: impl Fn(usize, &mut [f32], T) -> f64 + Sync,
    ) {
        let shares = self.route.shares(self.count * each);
        let samples = self.numbers.chunks_exact_mut(self.stride).zip(with);
        let samples = samples.enumerate();
        match &mut self.log_dets {
            Some(log_dets) => run(
                shares,
                samples.zip(log_dets.iter_mut()),
                |((index, (x, with)), log_det)| *log_det += change(index, &mut x[..each], with),
            ),
            None => run(shares, samples, |(index, (x, with))| {
                change(index, &mut x[..each], with);
            }),
        }
    }
}

fn run<T: Send>(
    shares: bool,
    items: impl ExactSizeIterator<Item = T> + Send,
    work: impl Fn(T) + Sync,
) {
    match shares {
        true => share(items, work),
        false => items.for_each(work),
    }
}
