//! Loops, where the host's operations are not compiled in.

use crate::numerics::{factor_of, saturated};
use crate::{Direction, LogScale};

/// `y ← y + A B`, row by row.
pub(super) fn add_product(y: &mut [f32], [a, b]: [&[f32]; 2], [_, terms, columns]: [usize; 3]) {
    for (y, a) in y.chunks_exact_mut(columns).zip(a.chunks_exact(terms)) {
        for (b, a) in b.chunks_exact(columns).zip(a) {
            y.iter_mut().zip(b).for_each(|(y, b)| *y += a * b);
        }
    }
}

pub(super) fn affine(
    x: &mut [f32],
    [shifts, raw]: [&[f32]; 2],
    scale: LogScale,
    direction: Direction,
) {
    for ((x, t), r) in x.iter_mut().zip(shifts).zip(raw) {
        let log_scale = scale.of(*r);
        *x = saturated(match direction {
            Direction::Forward => *x * factor_of(log_scale) + t,
            Direction::Inverse => (*x - t) * factor_of(-log_scale),
        });
    }
}

pub(super) fn log_scales(raw: &[f32], scale: LogScale) -> f64 {
    raw.iter().map(|r| f64::from(scale.of(*r))).sum()
}
