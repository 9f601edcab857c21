//! Units of one degree as register tiles over samples side by side.

use pulp::Simd;

use crate::pointwise::{load, store};

/// Most units of a panel: with four registers of samples, 24 sums of the 32 registers of AVX-512.
const MOST: usize = 6;

/// How many units the first panel of some units has, such that all have nearly as many.
#[inline(always)]
fn first_panel(units: usize) -> usize {
    units.div_ceil(units.div_ceil(MOST).max(1))
}

/// Appends the weights of units of one degree, panel by panel, those of all units of a panel for one input
/// behind each other.
pub(super) fn pack(
    packed: &mut Vec<f32>,
    inputs: &[usize],
    mut units: &[usize],
    weight: impl Fn(usize, usize) -> f32,
) {
    while !units.is_empty() {
        let (panel, rest) = units.split_at(first_panel(units.len()));
        for input in inputs {
            packed.extend(panel.iter().map(|unit| weight(*input, *unit)));
        }
        units = rest;
    }
}

/// `sumⱼ = bⱼ + Σᵢ xᵢ wᵢⱼ` for `L` samples side by side, the weights as [`pack`] leaves them.
///
/// A sum stays in a register from its bias to its last input, and each product is added with one rounding, input
/// after input: the bits are those of [`add_rows`](super::rows::add_rows).
#[inline(always)]
pub(super) fn fill<S: Simd, const L: usize>(
    simd: S,
    x: &[[f32; L]],
    mut weights: &[f32],
    mut bias: &[f32],
    mut sums: &mut [[f32; L]],
) {
    while !sums.is_empty() {
        let width = first_panel(sums.len());
        let panel;
        let these;
        (panel, weights) = weights.split_at(x.len() * width);
        (these, bias) = bias.split_at(width);
        let (to, rest) = sums.split_at_mut(width);
        sums = rest;
        macro_rules! by_width {
            ($($units:literal)*) => {
                match width {
                    $($units => tile::<S, $units, L>(simd, x, panel, these, to),)*
                    _ => unreachable!("a panel of {width} units"),
                }
            };
        }
        by_width!(1 2 3 4 5 6);
    }
}

/// A panel, by as many registers of samples as the processor has room for.
#[inline(always)]
fn tile<S: Simd, const M: usize, const L: usize>(
    simd: S,
    x: &[[f32; L]],
    weights: &[f32],
    bias: &[f32],
    sums: &mut [[f32; L]],
) {
    // Sixteen registers hold the sums of two; AVX-512, with vectors of sixteen numbers, has twice as many.
    let many = if S::F32_LANES < 16 { 2 } else { 4 };
    let registers = L / S::F32_LANES;
    if registers.is_multiple_of(4) && many == 4 {
        strips::<S, M, 4, L>(simd, x, weights, bias, sums);
    } else if registers.is_multiple_of(2) {
        strips::<S, M, 2, L>(simd, x, weights, bias, sums);
    } else {
        strips::<S, M, 1, L>(simd, x, weights, bias, sums);
    }
}

/// `M` units of `N` registers of samples at a time.
#[inline(always)]
fn strips<S: Simd, const M: usize, const N: usize, const L: usize>(
    simd: S,
    x: &[[f32; L]],
    weights: &[f32],
    bias: &[f32],
    sums: &mut [[f32; L]],
) {
    let lanes = S::F32_LANES;
    for start in (0..L).step_by(N * lanes) {
        let mut tile = [[simd.splat_f32s(0.0); N]; M];
        for (sums, bias) in tile.iter_mut().zip(bias) {
            *sums = [simd.splat_f32s(*bias); N];
        }
        for (x, weights) in x.iter().zip(weights.as_chunks::<M>().0) {
            let mut registers = [simd.splat_f32s(0.0); N];
            for (index, register) in registers.iter_mut().enumerate() {
                *register = load(simd, &x[start + index * lanes..]).1;
            }
            for (sums, weight) in tile.iter_mut().zip(weights) {
                let weight = simd.splat_f32s(*weight);
                for (sum, x) in sums.iter_mut().zip(registers) {
                    *sum = simd.mul_add_f32s(x, weight, *sum);
                }
            }
        }
        for (to, tile) in sums.iter_mut().zip(tile) {
            for (index, sum) in tile.into_iter().enumerate() {
                store(
                    &mut to[start + index * lanes..],
                    crate::number::Lanes(simd, sum),
                );
            }
        }
    }
}
