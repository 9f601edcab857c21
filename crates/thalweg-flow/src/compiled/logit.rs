//! From the unit cube to the whole space.

use burn::tensor::DType;
use thalweg_kernels::Direction;

use super::{Batch, FlowStep, Lower, Lowering, Scratch};
use crate::Logit;

/// `z = ln y − ln(1 − y)`, `y = α + (1 − 2α) x`.
#[derive(Debug)]
struct LogitStep {
    alpha: f32,
    width: f32,
    /// The numbers of f32 at the ends of the range; see `Logit::ends`.
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

    /// `ln σ(z) + ln σ(−z)`, without overflow.
    fn log_slope(z: f32) -> f32 {
        -(z.abs() + 2.0 * (-z.abs()).exp().ln_1p())
    }
}

impl FlowStep for LogitStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, _: &mut Scratch) {
        let constant = self.each as f64 * f64::from(self.width).ln();
        x.change(self.each, |_, x| match direction {
            Direction::Forward => x.iter_mut().fold(constant, |log_det, x| {
                let (z, cost) = self.logit(*x);
                *x = z;
                log_det - f64::from(cost)
            }),
            Direction::Inverse => x.iter_mut().fold(-constant, |log_det, z| {
                let log_slope = Self::log_slope(*z);
                *z = self.logistic(*z);
                log_det + f64::from(log_slope)
            }),
        });
    }
}

impl<C, const D: usize> Lower<C> for Logit<D> {
    fn lower(&self, plan: &mut Lowering) {
        let ends = self.ends(DType::F32);
        let [inside, share, nearest] =
            [ends.inside, ends.share, ends.nearest].map(|ends| ends.map(|end| end as f32));
        plan.add(LogitStep {
            alpha: self.alpha() as f32,
            width: self.width() as f32,
            inside,
            share,
            nearest,
            each: plan.numbers(),
        });
    }
}
