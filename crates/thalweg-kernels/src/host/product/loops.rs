//! Products of matrices one side of which is very short, as loops over vectors. A flow's couplings
//! begin and end in few features, where tiles compute mostly padding.

use std::array::from_fn;

use pulp::{Simd, WithSimd};

use super::super::matrix::Matrix;
use super::route::SHORT;
use crate::vectorized::{arch, vectorized};

/// `out ← out + A B`, as multiples of the rows of `B`, which are contiguous.
pub(super) fn add_rows(out: &mut [f32], a: Matrix<'_>, b: Matrix<'_>) {
    let (columns, depth) = (b.columns(), a.columns());
    vectorized(
        #[inline(always)]
        || {
            if depth <= SHORT {
                for (i, out) in out.chunks_exact_mut(columns).enumerate() {
                    for k in 0..depth {
                        add_scaled(out, a.at(i, k), b.row(k));
                    }
                }
            } else {
                // Few rows: each row of `B` is read once.
                for k in 0..depth {
                    for (i, out) in out.chunks_exact_mut(columns).enumerate() {
                        add_scaled(out, a.at(i, k), b.row(k));
                    }
                }
            }
        },
    );
}

/// `out ← out + A B` for few columns, as multiples of the columns of `A`, which are contiguous.
pub(super) fn add_columns(out: &mut [f32], a: Matrix<'_>, b: Matrix<'_>) {
    let (columns, a) = (b.columns(), a.transposed());
    vectorized(
        #[inline(always)]
        || {
            for j in 0..columns {
                let mut column = vec![0.0; a.columns()];
                for k in 0..a.rows() {
                    add_scaled(&mut column, b.at(k, j), a.row(k));
                }
                for (out, x) in out.chunks_exact_mut(columns).zip(column) {
                    out[j] += x;
                }
            }
        },
    );
}

#[inline(always)]
fn add_scaled(out: &mut [f32], scale: f32, x: &[f32]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = scale.mul_add(*x, *out);
    }
}

/// `out ← out + A B` for up to four columns, as dot products with the rows of `A`, which are
/// contiguous.
///
/// # Panics
///
/// When there are more columns.
pub(super) fn add_dots(out: &mut [f32], a: Matrix<'_>, b: Matrix<'_>) {
    match b.columns() {
        0 => {}
        1 => arch().dispatch(Dots::<1>::new(out, a, b)),
        2 => arch().dispatch(Dots::<2>::new(out, a, b)),
        3 => arch().dispatch(Dots::<3>::new(out, a, b)),
        4 => arch().dispatch(Dots::<4>::new(out, a, b)),
        columns => panic!("dot products are for up to 4 columns, not {columns}"),
    }
}

struct Dots<'a, const C: usize> {
    out: &'a mut [f32],
    a: Matrix<'a>,
    columns: [Vec<f32>; C],
}

impl<'a, const C: usize> Dots<'a, C> {
    fn new(out: &'a mut [f32], a: Matrix<'a>, b: Matrix<'a>) -> Self {
        let column = |j| (0..b.rows()).map(|k| b.at(k, j)).collect();
        Self {
            out,
            a,
            columns: from_fn(column),
        }
    }
}

impl<const C: usize> WithSimd for Dots<'_, C> {
    type Output = ();

    /// Four rows share the loads of the columns, and no sum waits for another.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        const ROWS: usize = 4;
        let columns = self
            .columns
            .each_ref()
            .map(|column| Vectors::of(simd, column));
        let mut out = self.out.chunks_exact_mut(ROWS * C);
        for (block, out) in out.by_ref().enumerate() {
            let rows = from_fn(|i| self.a.row(block * ROWS + i));
            add_block::<S, ROWS, C>(simd, out, rows, columns);
        }
        let done = self.a.rows() - self.a.rows() % ROWS;
        for (i, out) in out.into_remainder().chunks_exact_mut(C).enumerate() {
            add_block::<S, 1, C>(simd, out, [self.a.row(done + i)], columns);
        }
    }
}

/// Whole vectors, and a last one that zeros fill up.
#[derive(Clone, Copy)]
struct Vectors<'a, S: Simd> {
    whole: &'a [S::f32s],
    rest: S::f32s,
}

impl<'a, S: Simd> Vectors<'a, S> {
    #[inline(always)]
    fn of(simd: S, values: &'a [f32]) -> Self {
        let (whole, rest) = S::as_simd_f32s(values);
        Self {
            whole,
            rest: simd.partial_load_f32s(rest),
        }
    }
}

#[inline(always)]
fn add_block<S: Simd, const R: usize, const C: usize>(
    simd: S,
    out: &mut [f32],
    rows: [&[f32]; R],
    columns: [Vectors<'_, S>; C],
) {
    let rows = rows.map(|row| Vectors::of(simd, row));
    let mut sums = [[simd.splat_f32s(0.0); C]; R];
    for k in 0..rows[0].whole.len() {
        for (sums, row) in sums.iter_mut().zip(&rows) {
            for (sum, column) in sums.iter_mut().zip(&columns) {
                *sum = simd.mul_add_e_f32s(row.whole[k], column.whole[k], *sum);
            }
        }
    }
    for ((sums, row), out) in sums.iter().zip(&rows).zip(out.chunks_exact_mut(C)) {
        for ((sum, column), out) in sums.iter().zip(&columns).zip(out) {
            *out += simd.reduce_sum_f32s(simd.mul_add_e_f32s(row.rest, column.rest, *sum));
        }
    }
}
