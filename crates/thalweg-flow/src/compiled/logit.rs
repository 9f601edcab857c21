//! From the unit cube to the whole space.

use burn::tensor::DType;

use super::{Batch, Lower, Lowering, Scratch, Step};
use crate::Logit;
use crate::logit::Ends;

/// `z = ln y − ln(1 − y)`, `y = α + (1 − 2α) x`.
#[derive(Debug)]
struct LogitStep {
    alpha: f32,
    width: f32,
    inside: [f32; 2],
    share: [f32; 2],
    nearest: [f32; 2],
    /// Numbers of a sample.
    each: usize,
}

impl LogitStep {
    /// `z`, and the logarithm of `y (1 − y)`.
    fn logit(&self, x: f32) -> (f32, f32) {
        let y = x * self.width + self.alpha;
        let y = y.clamp(self.share[0], self.share[1]);
        let (log_y, log_rest) = (y.ln(), (-y).ln_1p());
        let outside = x < self.inside[0] || x > self.inside[1];
        let cost = if outside {
            f32::INFINITY
        } else {
            log_y + log_rest
        };
        (log_y - log_rest, cost)
    }

    fn logistic(&self, z: f32) -> f32 {
        let from_end = ((1.0 + z.abs().exp()).recip() - self.alpha) / self.width;
        let x = if z > 0.0 { 1.0 - from_end } else { from_end };
        x.clamp(self.nearest[0], self.nearest[1])
    }

    /// `Σ ln(1 − 2α)`.
    fn constant(&self) -> f64 {
        self.each as f64 * f64::from(self.width).ln()
    }
}

impl Step for LogitStep {
    fn forward(&self, x: &mut Batch<'_>, _: &mut Scratch) {
        x.change(self.each, |_, x| {
            let mut log_det = self.constant();
            for x in x {
                let (z, cost) = self.logit(*x);
                *x = z;
                log_det -= f64::from(cost);
            }
            log_det
        });
    }

    fn inverse(&self, z: &mut Batch<'_>, _: &mut Scratch) {
        z.change(self.each, |_, z| {
            let mut log_det = -self.constant();
            for z in z {
                // ln σ(z) + ln σ(−z), without overflow.
                let magnitude = z.abs();
                log_det -= f64::from(magnitude + 2.0 * (-magnitude).exp().ln_1p());
                *z = self.logistic(*z);
            }
            log_det
        });
    }
}

impl<C, const D: usize> Lower<C> for Logit<D> {
    fn lower(&self, plan: &mut Lowering) {
        let each = plan.numbers();
        let [alpha, width] = [self.alpha(), self.width()].map(|number| number as f32);
        let Ends {
            inside,
            share,
            nearest,
        } = self.ends(DType::F32);
        let [inside, share, nearest] =
            [inside, share, nearest].map(|ends| ends.map(|end| end as f32));
        plan.add(LogitStep {
            alpha,
            width,
            inside,
            share,
            nearest,
            each,
        });
    }
}
