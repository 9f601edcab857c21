//! Multiples of rows, added to sums, in registers.

use pulp::Simd;

use crate::pointwise::{load, store};

/// `sumⱼ += Σᵢ xᵢ wᵢⱼ` for `L` samples side by side, `w` one row after the other.
///
/// Each product is added with one rounding, input after input. So the bits are the same for any `L`, on any
/// processor. The registers run over the samples, or over the units of one sample.
#[inline(always)]
pub(super) fn add_rows<S: Simd, const L: usize>(
    simd: S,
    x: &[[f32; L]],
    weights: &[f32],
    sums: &mut [[f32; L]],
) {
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
fn add<S: Simd, const R: usize, const L: usize>(
    simd: S,
    x: &[[f32; L]; R],
    weights: &[f32],
    sums: &mut [[f32; L]],
) {
    let width = sums.len();
    let mut rows = [weights; R];
    for (index, row) in rows.iter_mut().enumerate() {
        *row = &weights[index * width..(index + 1) * width];
    }
    match L {
        1 => add_to_units(simd, x, rows, sums),
        _ => add_to_samples(simd, x, rows, sums),
    }
}

/// Registers of units, for one sample.
#[inline(always)]
fn add_to_units<S: Simd, const R: usize, const L: usize>(
    simd: S,
    x: &[[f32; L]; R],
    rows: [&[f32]; R],
    sums: &mut [[f32; L]],
) {
    let (width, sums) = (sums.len(), sums.as_flattened_mut());
    let mut inputs = [simd.splat_f32s(0.0); R];
    for (input, x) in inputs.iter_mut().zip(x) {
        *input = simd.splat_f32s(x[0]);
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

/// Registers of samples, which hold the inputs while the units go by.
#[inline(always)]
fn add_to_samples<S: Simd, const R: usize, const L: usize>(
    simd: S,
    x: &[[f32; L]; R],
    rows: [&[f32]; R],
    sums: &mut [[f32; L]],
) {
    for start in (0..L).step_by(S::F32_LANES) {
        let mut inputs = [simd.splat_f32s(0.0); R];
        for (input, x) in inputs.iter_mut().zip(x) {
            *input = load(simd, &x[start..]).1;
        }
        for (unit, sums) in sums.iter_mut().enumerate() {
            let part = &mut sums[start..];
            let mut sum = load(simd, part);
            for (input, row) in inputs.iter().zip(&rows) {
                sum.1 = simd.mul_add_f32s(*input, simd.splat_f32s(row[unit]), sum.1);
            }
            store(part, sum);
        }
    }
}
