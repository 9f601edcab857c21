//! Maps of the numbers of one image, in place.

use crate::{Direction, LogScale};

/// `y = W x + b` at each position: `W [outputs, inputs]`, one `b` an output, `x [inputs, positions]`.
///
/// # Panics
///
/// When the sizes do not fit.
pub fn mix_channels(weight: &[f32], x: &[f32], shift: &[f32], y: &mut [f32]) {
    let (outputs, positions) = (shift.len(), y.len() / shift.len().max(1));
    let inputs = weight.len() / outputs.max(1);
    assert!(
        weight.len() == outputs * inputs && x.len() == inputs * positions,
        "{} weights for {} numbers to {}",
        weight.len(),
        x.len(),
        y.len()
    );
    for (y, shift) in y.chunks_exact_mut(positions.max(1)).zip(shift) {
        y.fill(*shift);
    }
    add_product(y, [weight, x], [outputs, inputs, positions]);
}

#[cfg(feature = "flex")]
fn add_product(y: &mut [f32], [a, b]: [&[f32]; 2], [rows, terms, columns]: [usize; 3]) {
    use crate::host::matrix::Matrix;
    let (a, b) = (Matrix::new(a, rows, terms), Matrix::new(b, terms, columns));
    crate::host::product::multiply(y, true, a, b);
}

#[cfg(not(feature = "flex"))]
fn add_product(y: &mut [f32], [a, b]: [&[f32]; 2], [_, terms, columns]: [usize; 3]) {
    for (y, a) in y.chunks_exact_mut(columns).zip(a.chunks_exact(terms)) {
        for (b, a) in b.chunks_exact(columns).zip(a) {
            y.iter_mut().zip(b).for_each(|(y, b)| *y += a * b);
        }
    }
}

/// `x ← x exp(s) + t`, or back, number by number.
///
/// # Panics
///
/// When there are not as many shifts and raw log-scales as numbers.
pub fn affine_in_place(
    x: &mut [f32],
    shifts: &[f32],
    raw: &[f32],
    scale: LogScale,
    direction: Direction,
) {
    assert!(
        x.len() == shifts.len() && x.len() == raw.len(),
        "{} numbers, {} shifts and {} scales",
        x.len(),
        shifts.len(),
        raw.len()
    );
    each_scale::affine(x, shifts, raw, scale, direction);
}

/// `Σ s`.
pub fn log_scales(raw: &[f32], scale: LogScale) -> f64 {
    each_scale::sum(raw, scale)
}

#[cfg(feature = "flex")]
mod each_scale {
    use crate::affine::scale::{Plain, Scale, Sigmoid, SoftBounded, with_scale};
    use crate::host::sums::sum_of;
    use crate::{Direction, LogScale, vectorized};

    struct Work {
        scale: LogScale,
    }

    pub(super) fn affine(
        x: &mut [f32],
        shifts: &[f32],
        raw: &[f32],
        scale: LogScale,
        direction: Direction,
    ) {
        with_scale!(Work { scale }, scale => {
            let numbers = x.iter_mut().zip(shifts).zip(raw);
            match direction {
                Direction::Forward => {
                    numbers.for_each(|((x, t), r)| *x = x.mul_add(scale.scale(*r), *t));
                }
                Direction::Inverse => {
                    numbers.for_each(|((x, t), r)| *x = (*x - t) * scale.inverse(*r));
                }
            }
        });
    }

    pub(super) fn sum(raw: &[f32], scale: LogScale) -> f64 {
        let mut sum = 0.0;
        with_scale!(Work { scale }, scale => sum = sum_of(raw, raw, |r, _| scale.log(r)));
        f64::from(sum)
    }
}

#[cfg(not(feature = "flex"))]
mod each_scale {
    use crate::{Direction, LogScale};

    pub(super) fn affine(
        x: &mut [f32],
        shifts: &[f32],
        raw: &[f32],
        scale: LogScale,
        direction: Direction,
    ) {
        for ((x, t), r) in x.iter_mut().zip(shifts).zip(raw) {
            let log_scale = scale.of(*r);
            *x = match direction {
                Direction::Forward => *x * log_scale.exp() + t,
                Direction::Inverse => (*x - t) * (-log_scale).exp(),
            };
        }
    }

    pub(super) fn sum(raw: &[f32], scale: LogScale) -> f64 {
        raw.iter().map(|r| f64::from(scale.of(*r))).sum()
    }
}
