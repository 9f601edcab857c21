//! From the gradient of a piece to that of a spline's parameters.

use super::piece::Piece;
use super::{Ends, Located, MapParameters, Softmax, Spline};
use crate::number::Number;

impl Spline {
    /// From the gradient of a piece to those of the parameters, which replace them.
    #[inline(always)]
    pub(super) fn gradient_of_parameters<N: Number>(
        &self,
        x: N,
        p: &mut impl MapParameters<N>,
        located: &Located<N>,
        gradient: &Piece<N>,
    ) {
        let (bins, bin, zero) = (self.bins, located.bin, x.like(0.0));
        let (least, free) = (self.knots.least(), self.free());
        let range = 2.0 * self.bound;
        let piece = &located.piece;
        let axes = [
            (piece.x, piece.width, gradient.x, gradient.width),
            (piece.y, piece.height, gradient.y, gradient.height),
        ];
        for (axis, (start, size, to_start, to_size)) in axes.into_iter().enumerate() {
            let (least, free) = (least[axis], free[axis]);
            let Softmax {
                largest,
                inverse_sum,
            } = &located.softmaxes[axis];
            let [to_start, to_size] = [
                self.inside(x, to_start, zero) * x.like(range * free),
                self.inside(x, to_size, zero) * x.like(range * free),
            ];
            // The softmax of the bins before this one, and of this one.
            let shares = (start + x.like(self.bound)) * x.like(1.0 / range);
            let before = (shares - bin * x.like(least)) * x.like(1.0 / free);
            let here = (size * x.like(1.0 / range) - x.like(least)) * x.like(1.0 / free);
            let mean = before * to_start + here * to_size;
            for k in 0..bins {
                let (number, column) = (x.like(k as f64), axis * bins + k);
                let later = N::select(number.less(bin), to_start, zero);
                let later = N::select(
                    bin.less(number),
                    later,
                    N::select(number.less(bin), later, to_size),
                );
                let (exponential, share) = (p.get(column), p.get(column) * *inverse_sum);
                let slope = self.knots.log_size_slope(|| exponential.ln() + *largest, x);
                p.set(column, share * (later - mean) * slope);
            }
        }
        let to_slopes = [
            self.inside(x, gradient.slopes[0], zero),
            self.inside(x, gradient.slopes[1], zero),
        ];
        let knots = match self.ends {
            Ends::Straight | Ends::Turned => 1..bins,
            Ends::Circular => 0..bins,
            Ends::Free => 0..bins + 1,
        };
        for knot in knots {
            let Some(k) = self.slope_at(knot) else {
                continue;
            };
            let number = x.like(knot as f64);
            // The knot begins this piece, or ends it; on a circle knot 0 ends the last one.
            let begins = pick(number, bin, to_slopes[0], zero);
            let end = bin + x.like(1.0);
            let mut to_slope = begins + pick(number, end, to_slopes[1], zero);
            if knot == 0 && self.ends == Ends::Circular {
                to_slope = to_slope + pick(x.like(bins as f64), end, to_slopes[1], zero);
            }
            p.set(k, to_slope * self.knots.slope_slope(p.get(k)));
        }
    }
}

/// `yes` where two whole numbers are equal.
#[inline(always)]
fn pick<N: Number>(a: N, b: N, yes: N, no: N) -> N {
    N::select(a.less(b), no, N::select(b.less(a), no, yes))
}
