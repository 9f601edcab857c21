//! Turned circles.

use thalweg_kernels::Direction;

use super::{Batch, FlowStep, Lower, Lowering, Scratch, assert_features, host};
use crate::CircleShift;

/// See [`CircleShift`].
#[derive(Debug)]
struct CircleShiftStep {
    shifts: Vec<f64>,
    bounds: Vec<f64>,
}

impl FlowStep for CircleShiftStep {
    fn apply(&self, direction: Direction, x: &mut Batch<'_>, _: &mut Scratch) {
        let sign = match direction {
            Direction::Forward => 1.0,
            Direction::Inverse => -1.0,
        };
        x.change(self.bounds.len(), |_, x| {
            let circles = self.shifts.iter().zip(&self.bounds);
            for (x, (shift, bound)) in x.iter_mut().zip(circles) {
                if *bound > 0.0 {
                    let moved = f64::from(*x) + sign * shift;
                    let turns = (0.5 * moved / bound + 0.5).floor();
                    *x = (moved - turns * 2.0 * bound) as f32;
                }
            }
            0.0
        });
    }
}

impl<C> Lower<C> for CircleShift {
    fn lower(&self, plan: &mut Lowering) {
        assert_features(self.bounds().len(), plan);
        plan.add(CircleShiftStep {
            shifts: host(self.shifts()),
            bounds: self.bounds().to_vec(),
        });
    }
}
