//! The step of one parameter, its numbers in the host's memory.

use std::sync::atomic::{AtomicBool, Ordering};

use burn::tensor::{DType, Device, Element, Tensor, TensorData};
use thalweg_kernels::{most_double, most_single, share_pieces, vectorized};

use crate::finite::wrote;
use crate::{Operand, Rule};

/// The numbers of one piece, for one thread: parameters, gradients and averages fit its cache
/// together.
const PIECE: usize = 1 << 15;

/// A parameter, its gradient and its averages, to be moved along a rule.
pub(crate) struct Held<R> {
    rule: R,
    step: u64,
    h: f64,
    place: (Device, DType),
    theta: TensorData,
    gradient: TensorData,
    averages: Vec<TensorData>,
    /// Whether the parameter stays [finite](crate::finite::wrote).
    finite: AtomicBool,
}

/// A part of a step and the count of its numbers, for any thread.
pub(super) type Piece<'a> = (usize, Box<dyn FnOnce() + Send + 'a>);

/// Runs the pieces of any number of steps, shared by the threads once.
pub(super) fn run(pieces: Vec<Piece<'_>>) {
    share_pieces(pieces, PIECE, |piece| piece());
}

impl<R: Rule> Held<R> {
    /// `θ ← θ − h d`. The first averages are zero.
    pub(crate) fn new<const D: usize>(
        rule: &R,
        step: u64,
        h: f64,
        theta: Tensor<D>,
        gradient: Tensor<D>,
        averages: Vec<Tensor<D>>,
    ) -> Self {
        let place = (theta.device(), theta.dtype());
        let zeros = || Tensor::zeros(theta.dims(), (&place.0, place.1));
        let averages = match averages.is_empty() {
            true => (0..R::AVERAGES).map(|_| zeros()).collect(),
            false => averages,
        };
        Self {
            rule: rule.clone(),
            step,
            h,
            place,
            theta: theta.into_data(),
            gradient: gradient.into_data(),
            averages: averages.into_iter().map(Tensor::into_data).collect(),
            finite: AtomicBool::new(true),
        }
    }

    /// Adds the pieces of this step to a list.
    pub(super) fn pieces<'a>(&'a mut self, list: &mut Vec<Piece<'a>>) {
        match self.place.1 {
            DType::F64 => self.pieces_of::<f64>(list),
            _ => self.pieces_of::<f32>(list),
        }
    }

    fn pieces_of<'a, T: Real>(&'a mut self, list: &mut Vec<Piece<'a>>) {
        const KIND: &str = "a tensor holds numbers of its own type";
        let (direction, h) = (self.rule.update::<T>(self.step), T::constant(self.h));
        let theta = self.theta.as_mut_slice::<T>().expect(KIND);
        let gradient = self.gradient.as_slice::<T>().expect(KIND);
        let mut averages = self
            .averages
            .iter_mut()
            .map(|average| average.as_mut_slice::<T>().expect(KIND));
        // An average that the rule does not keep has no numbers.
        let [mut a, mut b] = [averages.next(), averages.next()]
            .map(|average| average.unwrap_or_default().chunks_mut(PIECE));
        let finite = &self.finite;
        for (theta, gradient) in theta.chunks_mut(PIECE).zip(gradient.chunks(PIECE)) {
            let [a, b] = [&mut a, &mut b].map(|average| average.next().unwrap_or_default());
            let numbers = theta.len();
            let run = move || {
                move_along::<T>(R::AVERAGES, direction, h, theta, gradient, [a, b]);
                // The piece is still in the cache.
                if !T::all_finite(theta) {
                    finite.store(false, Ordering::Relaxed);
                }
            };
            list.push((numbers, Box::new(run)));
        }
    }

    /// Where the parameter lies, and its type.
    pub(super) fn place(&self) -> (&Device, DType) {
        (&self.place.0, self.place.1)
    }

    /// Takes the step, and gives back the parameter and its averages.
    pub(crate) fn run<const D: usize>(mut self) -> (Tensor<D>, Vec<Tensor<D>>) {
        let mut pieces = vec![];
        self.pieces(&mut pieces);
        run(pieces);
        self.finish()
    }

    /// The parameter and its averages after the step, which is reported as [written](wrote).
    pub(super) fn finish<const D: usize>(self) -> (Tensor<D>, Vec<Tensor<D>>) {
        let (device, dtype) = &self.place;
        let tensor = |data| Tensor::from_data(data, (device, *dtype));
        wrote(self.finite.into_inner());
        let averages = self.averages.into_iter().map(tensor).collect();
        (tensor(self.theta), averages)
    }
}

/// `θ ← θ − h d` of one piece. All instruction sets round alike.
fn move_along<T: Real>(
    averages: usize,
    direction: impl Fn(T, T, [&mut T; 2]) -> T,
    h: T,
    theta: &mut [T],
    gradient: &[T],
    [a, b]: [&mut [T]; 2],
) {
    vectorized(
        #[inline(always)]
        || match averages {
            0 => {
                for (theta, &g) in theta.iter_mut().zip(gradient) {
                    let unused = [&mut { T::ZERO }, &mut { T::ZERO }];
                    *theta = *theta - h * direction(*theta, g, unused);
                }
            }
            1 => {
                for ((theta, &g), a) in theta.iter_mut().zip(gradient).zip(&mut *a) {
                    *theta = *theta - h * direction(*theta, g, [a, &mut { T::ZERO }]);
                }
            }
            _ => {
                let averages = a.iter_mut().zip(&mut *b);
                for ((theta, &g), (a, b)) in theta.iter_mut().zip(gradient).zip(averages) {
                    *theta = *theta - h * direction(*theta, g, [a, b]);
                }
            }
        },
    );
}

/// `f32` or `f64`.
trait Real: Operand<Scalar = Self> + Copy + Element {
    const ZERO: Self;
    fn all_finite(x: &[Self]) -> bool;
}

impl Real for f32 {
    const ZERO: Self = 0.0;

    fn all_finite(x: &[Self]) -> bool {
        Self::from_bits(most_single(x)).is_finite()
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;

    fn all_finite(x: &[Self]) -> bool {
        Self::from_bits(most_double(x)).is_finite()
    }
}
