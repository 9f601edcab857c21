//! Monotone rational-quadratic splines.

mod chain;
mod gradient;
mod knots;
mod least;
mod piece;

use burn::tensor::Tensor;

pub use self::knots::Knots;
pub use self::least::Least;
use self::piece::Piece;
use super::{MapParameters, Pointwise};
use crate::Direction;
use crate::number::Number;

/// The slope at both ends of the range.
///
/// ```
/// use thalweg_kernels::{Direction, Ends, Pointwise, Spline};
///
/// let spline = Spline::new(2, 1.0, Ends::Circular);
/// let p = vec![0.3_f64, -0.5, 1.0, 0.2, 0.7, -0.4];
/// let log_slope = |x| spline.value(Direction::Forward, x, &mut p.clone())[1];
/// assert!((log_slope(-1.0) - log_slope(1.0)).abs() < 1e-9);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// 1, so that the identity outside joins smoothly.
    Straight,
    /// One learned slope for both, so that the ends join each other: the range is a circle.
    Circular,
    /// One learned slope each: nothing lies outside.
    Free,
    /// 1, and the spline takes a number of a circle from its other side: `x + bound` below 0, `x − bound` from 0 on. The
    /// range is `[−bound, bound)`.
    Turned,
}

/// A monotone rational-quadratic spline on `[−bound, bound]`, the identity outside.
///
/// Parameters of a number: `bins` logarithms of widths and `bins` of heights, each up to a constant, and the
/// slopes at the inner knots, as [`Knots`] says; with [`Ends::Circular`], the slope at the ends comes before
/// those. At zero the spline is the identity.
///
/// ```
/// use thalweg_kernels::{Direction, Ends, Knots, Pointwise, Spline};
///
/// let spline = Spline::new(4, 3.0, Ends::Straight).with_knots(Knots::SoftBounded(1e-3));
/// assert_eq!(spline.parameters(), 4 + 4 + 3);
/// let p: Vec<f64> = (0..11).map(|k| f64::from(k).sin()).collect();
/// let [y, there] = spline.value(Direction::Forward, 0.7, &mut p.clone());
/// let [x, back] = spline.value(Direction::Inverse, y, &mut p.clone());
/// assert!((x - 0.7).abs() < 1e-9 && (there + back).abs() < 1e-9);
/// assert_eq!(spline.value(Direction::Forward, 5.0, &mut p.clone()), [5.0, 0.0]);
/// ```
///
/// # References
///
/// Durkan, Bekasov, Murray, Papamakarios: *Neural spline flows*, 2019, section 3.1, eq. 4 to 8. Rezende and
/// others: *Normalizing flows on tori and spheres*, 2020, section 2.1.3: circular splines.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spline {
    bins: usize,
    bound: f64,
    ends: Ends,
    knots: Knots,
}

impl Spline {
    /// A spline of this many bins, 1 or more.
    pub fn new(bins: usize, bound: f64, ends: Ends) -> Self {
        let knots = Knots::default();
        Self {
            bins,
            bound,
            ends,
            knots,
        }
    }

    /// The same spline with its parameters read in another way.
    pub fn with_knots(self, knots: Knots) -> Self {
        Self { knots, ..self }
    }

    /// The parameter of the raw slope at a knot, `None` where the slope is 1.
    #[inline(always)]
    fn slope_at(&self, knot: usize) -> Option<usize> {
        match self.ends {
            Ends::Straight | Ends::Turned if knot == 0 || knot == self.bins => None,
            Ends::Straight | Ends::Turned => Some(2 * self.bins + knot - 1),
            Ends::Circular => Some(2 * self.bins + knot % self.bins),
            Ends::Free => Some(2 * self.bins + knot),
        }
    }

    /// The raw slope at a knot. 0 stands for the slope 1.
    #[inline(always)]
    fn raw_slope<N: Number>(&self, knot: usize, x: N, p: &impl MapParameters<N>) -> N {
        match self.slope_at(knot) {
            Some(k) => p.get(k),
            None => x.like(0.0),
        }
    }

    /// Replaces the numbers of sizes by the exponentials of their logarithms, less the largest.
    #[inline(always)]
    fn exponentials<N: Number>(&self, p: &mut impl MapParameters<N>, first: usize) -> Softmax<N> {
        let mut largest = p.get(first);
        for k in first + 1..first + self.bins {
            largest = largest.or_above(p.get(k));
        }
        // The logarithm of a size grows with its number.
        let largest = self.knots.log_size(largest);
        let mut sum = largest.like(0.0);
        for k in first..first + self.bins {
            let share = (self.knots.log_size(p.get(k)) - largest).exp();
            p.set(k, share);
            sum = sum + share;
        }
        Softmax {
            largest,
            inverse_sum: sum.like(1.0) / sum,
        }
    }

    /// The piece in whose bin `at` lies along an axis, 0 for `x` and 1 for `y`. Of the parameters, the
    /// logarithms of sizes become their exponentials.
    #[inline(always)]
    fn locate<N: Number>(&self, at: N, axis: usize, p: &mut impl MapParameters<N>) -> Located<N> {
        let bins = self.bins;
        let softmaxes = [self.exponentials(p, 0), self.exponentials(p, bins)];
        let bound = at.like(self.bound);
        let (range, free) = (2.0 * self.bound, self.free());
        let factors = [
            softmaxes[0].inverse_sum * at.like(range * free[0]),
            softmaxes[1].inverse_sum * at.like(range * free[1]),
        ];
        let least = self.knots.least().map(|least| at.like(range * least));
        let mut start = [-bound, -bound];
        let mut found = Located {
            piece: Piece {
                x: -bound,
                y: -bound,
                width: bound,
                height: bound,
                slopes: [at.like(1.0), at.like(1.0)],
            },
            bin: at.like(0.0),
            softmaxes,
        };
        for bin in 0..bins {
            let mut end = [bound, bound];
            // The last knot is the bound itself, not a sum near it.
            if bin + 1 < bins {
                end = [
                    start[0] + p.get(bin).mul_add(factors[0], least[0]),
                    start[1] + p.get(bins + bin).mul_add(factors[1], least[1]),
                ];
            }
            let before = at.less(start[axis]);
            // Each bin that begins below takes over from the one before.
            let next = Piece {
                x: start[0],
                y: start[1],
                width: end[0] - start[0],
                height: end[1] - start[1],
                slopes: [self.raw_slope(bin, at, p), self.raw_slope(bin + 1, at, p)],
            };
            found.bin = N::select(before, found.bin, at.like(bin as f64));
            found.piece = match bin {
                0 => next,
                _ => Piece::select(before, found.piece, next),
            };
            start = end;
        }
        let [left, right] = found.piece.slopes;
        found.piece.slopes = [self.knots.slope(left), self.knots.slope(right)];
        found
    }

    /// The shares of the range that the softmaxes of widths and of heights divide among the bins.
    #[inline(always)]
    fn free(&self) -> [f64; 2] {
        let bins = self.bins as f64;
        self.knots.least().map(|least| 1.0 - least * bins)
    }

    /// A number from the other side of its circle, where the spline takes it from there.
    #[inline(always)]
    fn turned<N: Number>(&self, x: N) -> N {
        match self.ends {
            Ends::Straight | Ends::Circular | Ends::Free => x,
            Ends::Turned => {
                let bound = x.like(self.bound);
                x + N::select(x.less(x.like(0.0)), bound, -bound)
            }
        }
    }

    /// Whether a number lies on the range.
    #[inline(always)]
    fn inside<N: Number>(&self, x: N, inside: N, outside: N) -> N {
        // A comparison is false of NaN, which is outside.
        let magnitude = x.abs();
        let above = x.like(self.bound).less(magnitude);
        let within = N::select(above, outside, inside);
        let within = match self.ends {
            Ends::Straight | Ends::Circular | Ends::Free => within,
            Ends::Turned => N::select(x.less(x.like(self.bound)), within, outside),
        };
        N::select(magnitude.less(x.like(f64::INFINITY)), within, outside)
    }
}

/// A piece, and where it comes from.
struct Located<N> {
    piece: Piece<N>,
    /// Its number.
    bin: N,
    /// Of widths and of heights.
    softmaxes: [Softmax<N>; 2],
}

/// A softmax over the bins, whose exponentials stand in the place of the parameters.
struct Softmax<N> {
    /// The largest logarithm, which was subtracted.
    largest: N,
    /// One by the sum of the exponentials.
    inverse_sum: N,
}

impl Pointwise for Spline {
    /// It replaces sizes by their exponentials.
    const READS: bool = false;

    fn parameters(&self) -> usize {
        match self.ends {
            Ends::Straight | Ends::Turned => 3 * self.bins - 1,
            Ends::Circular => 3 * self.bins,
            Ends::Free => 3 * self.bins + 1,
        }
    }

    #[inline(always)]
    fn value<N: Number>(
        &self,
        direction: Direction,
        x: N,
        p: &mut impl MapParameters<N>,
    ) -> [N; 2] {
        let zero = x.like(0.0);
        let at = x.within(x.like(self.bound));
        let [y, log_slope] = match direction {
            Direction::Forward => {
                let at = self.turned(at);
                let Located { piece, .. } = self.locate(at, 0, p);
                piece.value(piece.xi(at))
            }
            Direction::Inverse => {
                let Located { piece, .. } = self.locate(at, 1, p);
                let xi = piece.root(at);
                let [_, log_slope] = piece.value(xi);
                [self.turned(xi.mul_add(piece.width, piece.x)), -log_slope]
            }
        };
        [self.inside(x, y, x), self.inside(x, log_slope, zero)]
    }

    #[inline(always)]
    fn gradient<N: Number>(
        &self,
        direction: Direction,
        x: N,
        p: &mut impl MapParameters<N>,
        [g, of_slope]: [N; 2],
    ) -> N {
        let zero = x.like(0.0);
        let at = x.within(x.like(self.bound));
        let (at, axis) = match direction {
            Direction::Forward => (self.turned(at), 0),
            Direction::Inverse => (at, 1),
        };
        let located = self.locate(at, axis, p);
        let piece = located.piece;
        let (gradient, to_x) = match direction {
            Direction::Forward => piece.gradient(piece.xi(at), [g, of_slope]),
            Direction::Inverse => {
                // x = τ⁻¹(y) moves by (dy − τ_θ dθ) / τ′, and so does the logarithm of its slope.
                let xi = piece.root(at);
                let [_, log_slope] = piece.value(xi);
                let (_, through_slope) = piece.gradient(xi, [zero, -of_slope]);
                let to_y = (g + through_slope) * (-log_slope).exp();
                let (gradient, _) = piece.gradient(xi, [-to_y, -of_slope]);
                (gradient, to_y)
            }
        };
        self.gradient_of_parameters(x, p, &located, &gradient);
        self.inside(x, to_x, g)
    }

    fn chain<const D: usize>(
        &self,
        direction: Direction,
        x: Tensor<D>,
        p: Tensor<D>,
    ) -> (Tensor<D>, Tensor<1>) {
        chain::chain(self, direction, x, p)
    }
}
