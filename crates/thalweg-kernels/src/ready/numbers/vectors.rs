//! The host's operations.

use crate::affine::scale::{Plain, Scale, Sigmoid, SoftBounded, with_scale};
use crate::host::matrix::Matrix;
use crate::host::product::multiply;
use crate::host::sums::sum_of;
use crate::numerics::saturated;
use crate::{Direction, LogScale, vectorized};

/// `y ← y + A B`, row by row.
pub(super) fn add_product(y: &mut [f32], [a, b]: [&[f32]; 2], [rows, terms, columns]: [usize; 3]) {
    let (a, b) = (Matrix::new(a, rows, terms), Matrix::new(b, terms, columns));
    multiply(y, true, a, b);
}

struct Work {
    scale: LogScale,
}

pub(super) fn affine(
    x: &mut [f32],
    [shifts, raw]: [&[f32]; 2],
    scale: LogScale,
    direction: Direction,
) {
    with_scale!(Work { scale }, scale => {
        let numbers = x.iter_mut().zip(shifts).zip(raw);
        match direction {
            Direction::Forward => {
                numbers.for_each(|((x, t), r)| *x = saturated(x.mul_add(scale.scale(*r), *t)));
            }
            Direction::Inverse => {
                numbers.for_each(|((x, t), r)| *x = saturated((*x - t) * scale.inverse(*r)));
            }
        }
    });
}

pub(super) fn log_scales(raw: &[f32], scale: LogScale) -> f64 {
    let mut sum = 0.0;
    with_scale!(Work { scale }, scale => sum = sum_of(raw, raw, |r, _| scale.log(r)));
    f64::from(sum)
}
