//! Piecewise polynomials of degree 1, 2 and 3.

use super::formula::Formula;
use super::range::{from_unit, log_slope, softmax, to_unit, total};
use super::root::{implicit, root};
use crate::Direction;
use crate::number::Real;

/// What a [`PiecewisePolynomial`] is in a bin.
///
/// See [`PiecewisePolynomial`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pieces {
    /// A line: bins of one width, and the logarithms of their heights up to a constant.
    Linear,
    /// A parabola, whose slope is a line from knot to knot: logarithms of widths up to a constant, and slopes at the
    /// inner knots through a softplus, up to a factor. The slopes at both ends are near 1, as of the identity outside:
    /// the library nflows computes `(½ a + m) / (1 − ½ e)` with the areas `a` below the half bins at the ends, `m` below
    /// those between and the width `e` of both, and its weights come here.
    Quadratic,
    /// The same with slopes at both ends among the parameters.
    QuadraticWithEnds,
    /// A cubic with monotone slopes at the inner knots (Steffen 1990): logarithms of widths and heights up to a
    /// constant, and the slopes at both ends as shares of the largest monotone ones.
    Cubic,
}

/// A monotone piecewise polynomial on `[−bound, bound]`, the identity outside.
///
/// In a bin of width `w` that begins at `(x₀, y₀)`, with `t = (x − x₀) / w`: `y = y₀ + c₁ t + c₂ t² + c₃ t³` and
/// `dy/dx = (c₁ + 2 c₂ t + 3 c₃ t²) / w`. Where all parameters are 0 it is the identity, but of [`Pieces::Quadratic`], which
/// is near it.
///
/// ```
/// use thalweg_kernels::{Direction, Pieces, PiecewisePolynomial, Pointwise};
///
/// // Two bins of width 1, which rise by ¾ and by ¼ of the range from −1 to 1.
/// let map = PiecewisePolynomial::new(Pieces::Linear, 2, 1.0, [0.0; 2]);
/// let mut heights = vec![3.0_f64.ln(), 0.0];
/// let [y, log_slope] = map.value(Direction::Forward, -0.5, &mut heights);
/// assert!((y + 0.25).abs() < 1e-12 && (log_slope - 1.5_f64.ln()).abs() < 1e-12);
/// ```
///
/// # References
///
/// Müller, McWilliams, Rousselle, Gross, Novák: *Neural importance sampling*, 2019, section 4: lines and parabolas.
/// Durkan, Bekasov, Murray, Papamakarios: *Cubic-spline flows*, 2019, section 3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PiecewisePolynomial {
    pieces: Pieces,
    bins: usize,
    bound: f64,
    /// The least width and height, as shares of the range.
    least: [f64; 2],
}

impl PiecewisePolynomial {
    /// Of this many bins, 1 or more; `least` are shares of the range that each bin has in width and in height at least.
    pub const fn new(pieces: Pieces, bins: usize, bound: f64, least: [f64; 2]) -> Self {
        Self {
            pieces,
            bins,
            bound,
            least,
        }
    }

    /// Shares `m + (1 − m K) softmax(r)` of `K` bins.
    fn shares<R: Real>(&self, first: usize, least: f64, p: &impl Fn(usize) -> R) -> Vec<R> {
        let free = 1.0 - least * self.bins as f64;
        let shares = softmax((first..first + self.bins).map(p).collect());
        let share = |share: R| share.like(free) * share.clone() + share.like(least);
        shares.into_iter().map(share).collect()
    }

    /// The curves of the bins, from left to right, on the unit square.
    fn curves<R: Real>(&self, p: &impl Fn(usize) -> R) -> Vec<Curve<R>> {
        let (bins, zero) = (self.bins, p(0).like(0.0));
        let (widths, coefficients): (Vec<R>, Vec<[R; 3]>) = match self.pieces {
            Pieces::Linear => {
                let heights = self.shares(0, 0.0, p);
                let width = zero.like((bins as f64).recip());
                let lines = heights.into_iter().map(|h| [h, zero.clone(), zero.clone()]);
                (vec![width; bins], lines.collect())
            }
            Pieces::Quadratic | Pieces::QuadraticWithEnds => {
                let widths = self.shares(0, self.least[0], p);
                let slopes = self.slopes(&widths, p);
                let half = zero.like(0.5);
                let parabola = |bin: usize| {
                    let rise = slopes[bin + 1].clone() - slopes[bin].clone();
                    let bent = half.clone() * rise * widths[bin].clone();
                    [
                        slopes[bin].clone() * widths[bin].clone(),
                        bent,
                        zero.clone(),
                    ]
                };
                let parabolas = (0..bins).map(parabola).collect();
                (widths, parabolas)
            }
            Pieces::Cubic => {
                let widths = self.shares(0, self.least[0], p);
                let heights = self.shares(bins, self.least[1], p);
                let cubics = self.cubics(&widths, &heights, p);
                (widths, cubics)
            }
        };
        let mut start = [zero.clone(), zero];
        let pieces = widths.into_iter().zip(coefficients);
        let curves = pieces.map(|(width, coefficients)| {
            let next = start.clone();
            let height = total(&coefficients);
            start = [next[0].clone() + width.clone(), next[1].clone() + height];
            Curve {
                start: next,
                width,
                coefficients,
            }
        });
        curves.collect()
    }

    /// The slopes of parabolas at the knots: positive numbers, divided by the area below them.
    fn slopes<R: Real>(&self, widths: &[R], p: &impl Fn(usize) -> R) -> Vec<R> {
        let (bins, half) = (self.bins, widths[0].like(0.5));
        let raw = bins..match self.pieces {
            Pieces::QuadraticWithEnds => 2 * bins + 1,
            _ => 2 * bins - 1,
        };
        let positive = |k: usize| {
            let raw = p(k);
            raw.clone().softplus() + raw.like(1e-3)
        };
        let mut slopes: Vec<R> = raw.map(positive).collect();
        if self.pieces == Pieces::Quadratic {
            // Nearly as large as the area, so that they are nearly 1 when it is; this is how nflows has them.
            let ends = [widths[0].clone(), widths[bins - 1].clone()].map(|w| half.clone() * w);
            let between = slopes.windows(2).zip(&widths[1..]);
            let mut area = half.clone() * ends[0].clone() * slopes[0].clone()
                + half.clone() * ends[1].clone() * slopes[bins - 2].clone();
            for (pair, width) in between {
                let mean = half.clone() * (pair[0].clone() + pair[1].clone());
                area = area + mean * width.clone();
            }
            let rest = half.like(1.0) - half.clone() * (ends[0].clone() + ends[1].clone());
            let end = area / rest;
            slopes.insert(0, end.clone());
            slopes.push(end);
        }
        let trapezes = slopes.windows(2).zip(widths);
        let areas: Vec<R> = trapezes
            .map(|(pair, width)| half.clone() * (pair[0].clone() + pair[1].clone()) * width.clone())
            .collect();
        let area = total(&areas);
        let least = self.least[1];
        let slope = |s: R| s.like(1.0 - least) * s / area.clone() + area.like(least);
        slopes.into_iter().map(slope).collect()
    }

    /// The coefficients of monotone cubics.
    fn cubics<R: Real>(&self, widths: &[R], heights: &[R], p: &impl Fn(usize) -> R) -> Vec<[R; 3]> {
        let (bins, two) = (self.bins, widths[0].like(2.0));
        let secants: Vec<R> = heights
            .iter()
            .zip(widths)
            .map(|(height, width)| height.clone() / width.clone())
            .collect();
        // A third of the largest slope where the parameter is 0: the slope of the secant.
        let end = |k: usize, secant: &R| {
            let share = (p(k) - two.like(std::f64::consts::LN_2)).sigmoid();
            two.like(3.0) * share * secant.clone()
        };
        let mut slopes = vec![end(2 * bins, &secants[0])];
        for bin in 1..bins {
            let [left, right] = [bin - 1, bin].map(|k| (secants[k].clone(), widths[k].clone()));
            let weighted = (right.1.clone() * left.0.clone() + left.1.clone() * right.0.clone())
                / (left.1 + right.1);
            let least = left.0.least_of(right.0);
            slopes.push((two.clone() * least).least_of(weighted));
        }
        slopes.push(end(2 * bins + 1, &secants[bins - 1]));
        let cubic = |bin: usize| {
            let [left, right] = [slopes[bin].clone(), slopes[bin + 1].clone()];
            let (width, height) = (widths[bin].clone(), heights[bin].clone());
            let sum = (left.clone() + right) * width.clone();
            let first = left * width;
            [
                first.clone(),
                two.like(3.0) * height.clone() - sum.clone() - first,
                sum - two.clone() * height,
            ]
        };
        (0..bins).map(cubic).collect()
    }
}

/// The polynomial of a bin.
#[derive(Clone)]
struct Curve<R> {
    /// `[x₀, y₀]`.
    start: [R; 2],
    width: R,
    coefficients: [R; 3],
}

impl<R: Real> Curve<R> {
    /// `y − y₀` and `dy/dt`.
    fn at(&self, t: R) -> [R; 2] {
        let [first, second, third] = self.coefficients.clone();
        let (two, three) = (t.like(2.0), t.like(3.0));
        let bent = third.clone() * t.clone() + second.clone();
        let rise = (bent * t.clone() + first.clone()) * t.clone();
        let slope = (three * third * t.clone() + two * second) * t + first;
        [rise, slope]
    }

    fn select(mask: R::Mask, yes: Self, no: Self) -> Self {
        let pick = |yes: R, no: R| R::select(mask.clone(), yes, no);
        let [x, y] = yes.start;
        let [a, b, c] = yes.coefficients;
        let [other_x, other_y] = no.start;
        let [d, e, f] = no.coefficients;
        Self {
            start: [pick(x, other_x), pick(y, other_y)],
            width: pick(yes.width, no.width),
            coefficients: [pick(a, d), pick(b, e), pick(c, f)],
        }
    }

    fn detached(self) -> Self {
        Self {
            start: self.start.map(R::detached),
            width: self.width.detached(),
            coefficients: self.coefficients.map(R::detached),
        }
    }
}

impl Formula for PiecewisePolynomial {
    fn parameters(&self) -> usize {
        match self.pieces {
            Pieces::Linear => self.bins,
            Pieces::Quadratic => 2 * self.bins - 1,
            Pieces::QuadraticWithEnds => 2 * self.bins + 1,
            Pieces::Cubic => 2 * self.bins + 2,
        }
    }

    fn evaluate<R: Real>(&self, direction: Direction, x: R, p: &impl Fn(usize) -> R) -> [R; 2] {
        let bound = x.like(self.bound);
        let unit = to_unit(&x, &bound);
        let axis = usize::from(direction == Direction::Inverse);
        let found = self.curves(p).into_iter().reduce(|found, next| {
            let before = unit.less(&next.start[axis]);
            Curve::select(before, found, next)
        });
        let Some(curve) = found else {
            let zero = x.like(0.0);
            return [x, zero];
        };
        let from_start = unit.clone() - curve.start[axis].clone();
        let t = match direction {
            Direction::Forward => from_start / curve.width.clone(),
            Direction::Inverse => {
                let known = curve.clone().detached();
                let ends = [x.like(0.0), x.like(1.0)];
                let found = root(&from_start, ends, |t| known.at(t));
                let at = curve.at(found.clone().detached());
                implicit(from_start, found, at)
            }
        };
        let [rise, slope] = curve.at(t.clone());
        let log_slope = log_slope(slope / curve.width.clone());
        let [start_x, start_y] = curve.start;
        let found = match direction {
            Direction::Forward => [rise + start_y, log_slope],
            Direction::Inverse => [t * curve.width + start_x, -log_slope],
        };
        from_unit(x, &bound, found)
    }
}
