//! Maps of numbers, without tensors.

#[cfg(any(test, not(feature = "flex")))]
mod plain;
#[cfg(all(test, feature = "flex"))]
mod tests;
#[cfg(feature = "flex")]
mod vectors;

#[cfg(not(feature = "flex"))]
use self::plain as best;
#[cfg(feature = "flex")]
use self::vectors as best;
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
        weight.len() == outputs * inputs
            && x.len() == inputs * positions
            && y.len() == outputs * positions,
        "{} weights and {outputs} shifts for {} numbers to {}",
        weight.len(),
        x.len(),
        y.len()
    );
    for (y, shift) in y.chunks_exact_mut(positions.max(1)).zip(shift) {
        y.fill(*shift);
    }
    best::add_product(y, [weight, x], [outputs, inputs, positions]);
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
    best::affine(x, [shifts, raw], scale, direction);
}

/// `Σ s`.
pub fn log_scales(raw: &[f32], scale: LogScale) -> f64 {
    best::log_scales(raw, scale)
}
