//! Multiples of rows, added to sums, in registers.

use pulp::Simd;

use crate::pointwise::{load, store};

/// `sumⱼ += Σᵢ xᵢ wᵢⱼ` of one sample, `w` one row after the other.
///
/// Each product is added with one rounding, input after input. So the bits are the same on any processor. The
/// registers run over the units.
#[inline(always)]
pub(super) fn add_rows<S: Simd>(simd: S, x: &[f32], weights: &[f32], sums: &mut [f32]) {
    // Four rows at a time, so that a sum is read and written once for four products.
    const ROWS: usize = 4;
    let width = sums.len();
    let (fours, rest) = x.as_chunks::<ROWS>();
    let (many, few) = weights.split_at(fours.len() * ROWS * width);
    for (x, rows) in fours.iter().zip(many.chunks_exact((ROWS * width).max(1))) {
        add(simd, x, rows, sums);
    }
    match rest {
        [a] => add(simd, &[*a], few, sums),
        [a, b] => add(simd, &[*a, *b], few, sums),
        [a, b, c] => add(simd, &[*a, *b, *c], few, sums),
        _ => {}
    }
}

#[inline(always)]
fn add<S: Simd, const R: usize>(simd: S, x: &[f32; R], weights: &[f32], sums: &mut [f32]) {
    let width = sums.len();
    let mut rows = [weights; R];
    for (index, row) in rows.iter_mut().enumerate() {
        *row = &weights[index * width..(index + 1) * width];
    }
    // Not `map`, whose closure may stay a call without the instruction set.
    let mut inputs = [simd.splat_f32s(0.0); R];
    for (input, x) in inputs.iter_mut().zip(x) {
        *input = simd.splat_f32s(*x);
    }
    for start in (0..width).step_by(S::F32_LANES) {
        let part = start..width.min(start + S::F32_LANES);
        let mut sum = load(simd, &sums[part.clone()]);
        for (input, row) in inputs.iter().zip(&rows) {
            let weights = load(simd, &row[part.clone()]);
            sum.1 = simd.mul_add_f32s(*input, weights.1, sum.1);
        }
        store(&mut sums[part], sum);
    }
}
