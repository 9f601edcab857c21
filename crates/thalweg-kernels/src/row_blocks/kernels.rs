//! Sums of kernels in registers.

use std::f32::consts::LN_2;

use pulp::{Simd, WithSimd};

use super::distances::{Sums, by_registers, registers, squares};
use super::{BLOCK, Block, POINTS, RowBlocks};
use crate::number::{Lanes, Number};
use crate::pointwise::store;
use crate::unrolled::unrolled;

/// Exponents of 2 this far below the largest add nothing to a sum of f32: 18 of e.
const NEGLIGIBLE: f32 = 26.0;

/// The sums of all kernels.
pub(super) struct Kernels<'a> {
    pub(super) blocks: &'a RowBlocks,
    pub(super) kernels: &'a [[Block; 2]],
    pub(super) points: &'a [[f32; POINTS]],
}

impl WithSimd for Kernels<'_> {
    type Output = [f64; POINTS];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [f64; POINTS] {
        by_registers!(simd, all(self))
    }
}

#[inline(always)]
fn all<S: Simd, const N: usize>(simd: S, work: Kernels<'_>) -> [f64; POINTS] {
    let mut sums = [LaneSums::<S, N>::new(simd); POINTS];
    let columns = work.blocks.columns.chunks_exact(work.blocks.width);
    for (columns, [slopes, logs]) in columns.zip(work.kernels) {
        let found: Sums<S, N> = squares(simd, columns, work.points);
        let (slopes, logs) = (registers::<S, N>(slopes), registers::<S, N>(logs));
        unrolled!(at in 0..POINTS => {
            let mut exponents = found[at];
            unrolled!(k in 0..N => {
                exponents[k] = simd.mul_add_f32s(exponents[k], slopes[k], logs[k]);
            });
            sums[at].add(simd, exponents);
        });
    }
    sums.map(|sum| sum.total(simd))
}

/// `ln Σ 2ˣ`, lane by lane.
#[derive(Clone, Copy)]
struct LaneSums<S: Simd, const N: usize> {
    largest: f32,
    /// What exponents have to be above to count, in all lanes.
    bar: S::f32s,
    /// In units of `2` to the largest.
    sums: [S::f32s; N],
}

impl<S: Simd, const N: usize> LaneSums<S, N> {
    #[inline(always)]
    fn new(simd: S) -> Self {
        Self {
            largest: f32::NEG_INFINITY,
            bar: simd.splat_f32s(f32::NEG_INFINITY),
            sums: [simd.splat_f32s(0.0); N],
        }
    }

    #[inline(always)]
    fn add(&mut self, simd: S, exponents: [S::f32s; N]) {
        let mut most = exponents[0];
        unrolled!(k in 0..N => {
            if k > 0 {
                most = simd.max_f32s(most, exponents[k]);
            }
        });
        let exceeds =
            |bar: S::f32s| simd.first_true_m32s(simd.less_than_f32s(bar, most)) < S::F32_LANES;
        if !exceeds(self.bar) {
            return;
        }
        // A maximum over lanes goes from one to the next, unlike this question, and it is needed a few times only.
        if exceeds(simd.splat_f32s(self.largest)) {
            let largest = self.largest.max(simd.reduce_max_f32s(most));
            let factor = simd.splat_f32s(Number::exp((self.largest - largest) * LN_2));
            for sum in &mut self.sums {
                *sum = simd.mul_f32s(*sum, factor);
            }
            self.largest = largest;
            self.bar = simd.splat_f32s(largest - NEGLIGIBLE);
        }
        let largest = simd.splat_f32s(self.largest);
        unrolled!(k in 0..N => {
            let below = simd.sub_f32s(exponents[k], largest);
            self.sums[k] = simd.add_f32s(self.sums[k], power_of_two(simd, below));
        });
    }

    #[inline(always)]
    fn total(&self, simd: S) -> f64 {
        let mut lanes = [0.0; BLOCK];
        for (start, sum) in (0..).step_by(S::F32_LANES).zip(self.sums) {
            store(&mut lanes[start..], Lanes(simd, sum));
        }
        let sum: f64 = lanes.iter().map(|sum| f64::from(*sum)).sum();
        f64::from(self.largest) * std::f64::consts::LN_2 + sum.ln()
    }
}

/// `2ˣ` of `x ≤ 0` to 3 · 10⁻⁷ of it, in half the operations of an exponential for all numbers: half of the time of a sum goes
/// into these. Below −125 it is `2⁻¹²⁵`.
///
/// `x = n + r`; the lowest bits of `1.5 · 2²³ + x` are `n`. The polynomial is the one of degree 5 that is right at Chebyshev's
/// nodes of `|r| ≤ ½`, with its first two coefficients rounded to those of the series.
#[inline(always)]
fn power_of_two<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    const SHIFT: f32 = 12_582_912.0;
    let x = simd.max_f32s(x, simd.splat_f32s(-125.0));
    let shift = simd.splat_f32s(SHIFT);
    let shifted = simd.add_f32s(x, shift);
    let r = simd.sub_f32s(x, simd.sub_f32s(shifted, shift));
    const SERIES: [f32; 5] = [9.676_04e-3, 5.550_357e-2, 0.240_221_08, LN_2, 1.0];
    let mut value = simd.splat_f32s(1.339_087_5e-3);
    unrolled!(k in 0..5 => {
        value = simd.mul_add_f32s(r, value, simd.splat_f32s(SERIES[k]));
    });
    let bits = simd.transmute_u32s_f32s(shifted);
    let bits = simd.wrapping_dyn_shl_u32s(bits, simd.splat_u32s(23));
    let bits = simd.add_u32s(bits, simd.splat_u32s(0x3f80_0000));
    simd.mul_f32s(value, simd.transmute_f32s_u32s(bits))
}

#[cfg(test)]
mod tests {
    use pulp::Scalar;

    use super::power_of_two;
    use crate::{BLOCK, RowBlocks, RowScratch};

    #[test]
    fn powers_are_right() {
        let power = |x: f32| power_of_two(Scalar::new(), x);
        for step in 0..=120_000 {
            let x = -(step as f32) * 1e-3;
            let exact = f64::from(x).exp2();
            let error = f64::from(power(x)) / exact - 1.0;
            assert!(error.abs() < 3e-7, "{x}: {error:e}");
        }
        assert!(power(f32::NEG_INFINITY) < 3e-38);
        assert_eq!(power(0.0), 1.0);
    }

    #[test]
    fn sums_are_those_of_the_definition() {
        let number = |k: usize| ((k * 7919 + 13) % 1009) as f32 / 250.0 - 2.0;
        for (count, width) in [(1, 1), (16, 3), (37, 2), (100, 12)] {
            let rows: Vec<f32> = (0..count * width).map(number).collect();
            let points: Vec<f32> = (0..3 * width).map(|k| number(k + 500)).collect();
            let blocks = RowBlocks::of_rows(&rows, width);
            let kernel = |row: usize| [-0.3 - number(row).abs(), number(row + 77)];
            let of_block = |block: usize, part: usize, none: f32| {
                std::array::from_fn(|lane| {
                    let row = block * BLOCK + lane;
                    if row < count { kernel(row)[part] } else { none }
                })
            };
            let kernels: Vec<[[f32; BLOCK]; 2]> = (0..count.div_ceil(BLOCK))
                .map(|block| {
                    [
                        of_block(block, 0, 0.0),
                        of_block(block, 1, f32::NEG_INFINITY),
                    ]
                })
                .collect();
            let found = blocks.log_sums(&kernels, &points, &mut RowScratch::default());
            let mut scratch = RowScratch::default();
            let squares = blocks.squares(&points, &mut scratch);
            for (k, point) in points.chunks_exact(width).enumerate() {
                let found = found[k];
                let square = |row: usize| -> f64 {
                    let row = &rows[row * width..][..width];
                    row.iter()
                        .zip(point)
                        .map(|(a, b)| f64::from(a - b).powi(2))
                        .sum()
                };
                let term = |row: usize| {
                    let [slope, log] = kernel(row).map(f64::from);
                    (log + slope * square(row)).exp2()
                };
                let expected = (0..count).map(term).sum::<f64>().ln();
                assert!(
                    (found - expected).abs() < 1e-5 * expected.abs().max(1.0),
                    "{found}, not {expected}"
                );
                assert_eq!(squares[k].len(), count);
                for (row, found) in squares[k].iter().enumerate() {
                    let expected = square(row);
                    assert!((f64::from(*found) - expected).abs() < 1e-5 * expected.max(1.0));
                }
            }
        }
    }

    #[test]
    fn far_points_have_finite_sums_and_no_kernel_none() {
        let blocks = RowBlocks::of_rows(&[0.0, 1.0], 1);
        let mut logs = [f32::NEG_INFINITY; BLOCK];
        let none = blocks.log_sums(&[[[-1.0; BLOCK], logs]], &[0.5], &mut RowScratch::default());
        assert_eq!(none[0], f64::NEG_INFINITY);
        logs[0] = 0.0;
        logs[1] = 0.0;
        let far = blocks.log_sums(
            &[[[-1.0; BLOCK], logs]],
            &[100.0],
            &mut RowScratch::default(),
        );
        assert!(
            (far[0] + 9801.0 * std::f64::consts::LN_2).abs() < 1.0,
            "{far:?}"
        );
    }
}
