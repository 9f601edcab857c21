//! Products of a vector and a few rows.

use crate::vectorized;

/// Sums that are formed side by side.
const LANES: usize = 16;

/// `yⱼ += Σ xᵢ wⱼᵢ` with one row of `weight` for each number of `y`.
///
/// Products and sums are rounded alike and have one order under every instruction set.
///
/// ```
/// let mut y = [1.0, 0.0];
/// thalweg_kernels::add_products(&[2.0, 3.0], &[1.0, 1.0, 0.0, -1.0], &mut y);
/// assert_eq!(y, [6.0, -3.0]);
/// ```
///
/// # Panics
///
/// Unless `weight` has `x.len() * y.len()` numbers.
pub fn add_products(x: &[f32], weight: &[f32], y: &mut [f32]) {
    assert_eq!(
        weight.len(),
        x.len() * y.len(),
        "a matrix of {} numbers for {} inputs and {} outputs",
        weight.len(),
        x.len(),
        y.len()
    );
    vectorized(
        #[inline(always)]
        || rows(x, weight, y),
    );
}

#[inline(always)]
fn rows(x: &[f32], weight: &[f32], y: &mut [f32]) {
    for (y, row) in y.iter_mut().zip(weight.chunks_exact(x.len().max(1))) {
        let mut sums = [0.0; LANES];
        let (inputs, weights) = (x.chunks_exact(LANES), row.chunks_exact(LANES));
        let rest = inputs.remainder().iter().zip(weights.remainder());
        for (inputs, weights) in inputs.zip(weights) {
            for ((sum, x), w) in sums.iter_mut().zip(inputs).zip(weights) {
                *sum += x * w;
            }
        }
        for (sum, (x, w)) in sums.iter_mut().zip(rest) {
            *sum += x * w;
        }
        *y += sums.iter().sum::<f32>();
    }
}
