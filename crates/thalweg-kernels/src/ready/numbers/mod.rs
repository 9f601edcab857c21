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
