//! From the whole space into a cube.

use thalweg_kernels::Direction;

use super::{Batch, FlowStep, Lower, Lowering, Scratch};
use crate::SoftClip;

/// `z = x / (1 + |x|/B)`.
#[derive(Debug)]
struct SoftClipStep {
    bound: f32,
    /// Numbers of a sample.
    each: usize,
}

impl FlowStep for SoftClipStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, _: &mut Scratch) {
        x.change(self.each, |_, x| {
            x.iter_mut().fold(0.0, |log_det, x| match direction {
                Direction::Forward => {
                    let share = x.abs() / self.bound;
                    *x /= 1.0 + share;
                    log_det - 2.0 * f64::from(share.ln_1p())
                }
                Direction::Inverse => {
                    let most = 1.0 - f32::EPSILON;
                    let share = (*x / self.bound).clamp(-most, most);
                    let rest = 1.0 - share.abs();
                    *x = share * self.bound / rest;
                    log_det - 2.0 * f64::from(rest.ln())
                }
            })
        });
    }
}

impl<C, const D: usize> Lower<C> for SoftClip<D> {
    fn lower(&self, plan: &mut Lowering) {
        plan.add(SoftClipStep {
            bound: self.bound() as f32,
            each: plan.numbers(),
        });
    }
}
