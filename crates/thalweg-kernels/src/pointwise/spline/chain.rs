//! The spline as operations of tensors.

use burn::tensor::{Int, Tensor};

use super::{Ends, Knots, Spline};
use crate::{Direction, sum_features};

/// The spline of each number, which is evaluated at the bound and dropped where the number lies outside: by
/// masks, so that a batch with nothing inside is no special case, and no NaN reaches the gradient.
pub(super) fn chain<const D: usize>(
    spline: &Spline,
    direction: Direction,
    x: Tensor<D>,
    p: Tensor<D>,
) -> (Tensor<D>, Tensor<1>) {
    let (dims, bound) = (x.dims(), spline.bound);
    let columns = dims[1..].iter().product::<usize>();
    let knots = KnotTensors::new(p.reshape([dims[0] as i32, -1, columns as i32]), spline);
    let rows = x.reshape([dims[0], columns]);
    let outside = rows.clone().abs().lower_equal_elem(bound).bool_not();
    let outside = match spline.ends {
        Ends::Straight | Ends::Circular | Ends::Free => outside,
        Ends::Turned => outside.bool_or(rows.clone().greater_equal_elem(bound)),
    };
    let at = rows.clone().clamp(-bound, bound);
    // From the other side of the circle, or as it is.
    let turned = |x: Tensor<2>| match spline.ends {
        Ends::Straight | Ends::Circular | Ends::Free => x,
        Ends::Turned => {
            let below = x.clone().lower_elem(0.0);
            let [left, right] = [-bound, bound].map(|by| x.clone().add_scalar(by));
            left.mask_where(below, right)
        }
    };
    let (y, log_slope) = match direction {
        Direction::Forward => {
            let at = turned(at);
            let segment = knots.segment(&at, Axis::X);
            segment.curve.at((at - segment.x) / segment.width)
        }
        Direction::Inverse => {
            let segment = knots.segment(&at, Axis::Y);
            // Rounding leads it out where the slopes at the knots are steep, and there it matters.
            let xi = segment.curve.root(at).clamp(0.0, 1.0);
            let (_, log_slope) = segment.curve.at(xi.clone());
            (turned(xi * segment.width + segment.x), log_slope.neg())
        }
    };
    let y = y.mask_where(outside.clone(), rows);
    let log_slope = log_slope.mask_fill(outside, 0.0);
    (y.reshape(dims), sum_features(log_slope))
}

/// Which coordinate is given.
#[derive(Clone, Copy)]
enum Axis {
    X,
    Y,
}

/// Knots of every feature, `[batch, bins + 1, columns]`, with their slopes.
struct KnotTensors {
    x: Tensor<3>,
    y: Tensor<3>,
    slopes: Tensor<3>,
    bins: usize,
}

impl KnotTensors {
    /// From `[batch, parameters, columns]` numbers without constraints.
    fn new(p: Tensor<3>, spline: &Spline) -> Self {
        let &Spline {
            bins,
            bound,
            ends,
            knots,
        } = spline;
        let [batch, parameters, columns] = p.dims();
        let raw = p.clone().narrow(1, 2 * bins, parameters - 2 * bins);
        let slopes = knots.slopes(raw);
        let slopes = match ends {
            Ends::Straight | Ends::Turned => {
                let (device, dtype) = (slopes.device(), slopes.dtype());
                let end = Tensor::ones([batch, 1, columns], (&device, dtype));
                vec![end.clone(), slopes, end]
            }
            Ends::Circular => {
                let end = slopes.clone().narrow(1, 0, 1);
                vec![slopes, end]
            }
            Ends::Free => vec![slopes],
        };
        Self {
            x: edges(p.clone().narrow(1, 0, bins), bound, (knots, 0)),
            y: edges(p.narrow(1, bins, bins), bound, (knots, 1)),
            slopes: Tensor::cat(slopes, 1),
            bins,
        }
    }

    /// The piece in whose bin each of these numbers lies, `[batch, columns]`.
    fn segment(&self, at: &Tensor<2>, axis: Axis) -> Segment {
        let [batch, columns] = at.dims();
        let edges = match axis {
            Axis::X => &self.x,
            Axis::Y => &self.y,
        };
        // The bin is the number of inner knots that are not above.
        let inner = edges.clone().narrow(1, 1, self.bins - 1);
        let passed = inner.lower_equal(at.clone().reshape([batch, 1, columns]));
        let bin = passed.int().sum_dim(1);
        let pick = |knots: &Tensor<3>, bin: Tensor<3, Int>| -> Tensor<2> {
            knots.clone().gather(1, bin).reshape([batch, columns])
        };
        let next = bin.clone().add_scalar(1);
        let x = pick(&self.x, bin.clone());
        let y = pick(&self.y, bin.clone());
        let width = pick(&self.x, next.clone()) - x.clone();
        let height = pick(&self.y, next.clone()) - y.clone();
        Segment {
            curve: Curve {
                secant: height.clone() / width.clone(),
                y,
                height,
                left: pick(&self.slopes, bin),
                right: pick(&self.slopes, next),
            },
            x,
            width,
        }
    }
}

/// Where the bins end: `−bound`, cumulated sizes, and `bound` itself rather than a sum near it.
fn edges(raw: Tensor<3>, bound: f64, (knots, side): (Knots, usize)) -> Tensor<3> {
    let [batch, bins, columns] = raw.dims();
    let (device, dtype) = (raw.device(), raw.dtype());
    let inner = knots.shares(raw, side).narrow(1, 0, bins - 1).cumsum(1);
    let inner = inner.mul_scalar(2.0 * bound).sub_scalar(bound);
    let end = |value: f64| Tensor::full([batch, 1, columns], value, (&device, dtype));
    Tensor::cat(vec![end(-bound), inner, end(bound)], 1)
}

/// One bin's piece of the spline, for each number of a batch.
struct Segment {
    x: Tensor<2>,
    width: Tensor<2>,
    curve: Curve,
}

/// The piece as a function of `ξ`, which runs from 0 to 1.
struct Curve {
    y: Tensor<2>,
    height: Tensor<2>,
    secant: Tensor<2>,
    left: Tensor<2>,
    right: Tensor<2>,
}

impl Curve {
    /// `y(ξ)` and `ln dy/dx`.
    fn at(&self, xi: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let rest = xi.clone().neg().add_scalar(1.0);
        let mixed = xi.clone() * rest.clone();
        let (square, rest_square) = (xi.square(), rest.square());
        let bend = self.bend() * mixed.clone() + self.secant.clone();
        let rise = self.secant.clone() * square.clone() + self.left.clone() * mixed.clone();
        let y = self.y.clone() + self.height.clone() * rise / bend.clone();
        let slope = self.right.clone() * square
            + self.secant.clone() * mixed.mul_scalar(2.0)
            + self.left.clone() * rest_square;
        let twice = self.secant.clone().log() - bend.log();
        (y, slope.log() + twice.mul_scalar(2.0))
    }

    /// `d₀ + d₁ − 2 s`.
    fn bend(&self) -> Tensor<2> {
        self.left.clone() + self.right.clone() - self.secant.clone().mul_scalar(2.0)
    }

    /// The `ξ` at which the piece has this height: the root `2c / (−b − √(b² − 4ac))`, whose
    /// denominator is a sum of two numbers of one sign.
    fn root(&self, y: Tensor<2>) -> Tensor<2> {
        let rise = y - self.y.clone();
        let bent = rise.clone() * self.bend();
        let a = self.height.clone() * (self.secant.clone() - self.left.clone()) + bent.clone();
        let b = self.height.clone() * self.left.clone() - bent;
        let c = (self.secant.clone() * rise).neg();
        let discriminant = b.clone().square() - (a * c.clone()).mul_scalar(4.0);
        // Never negative but for rounding; the root of an exact 0 would have an infinite slope.
        let root = discriminant.clamp_min(f64::from(f32::MIN_POSITIVE)).sqrt();
        c.mul_scalar(2.0) / (b + root).neg()
    }
}
