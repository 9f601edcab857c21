//! Products whose numbers are sums over a row of each matrix: few columns, each as long as a row.

use std::array::from_fn;

use pulp::{Arch, Simd, WithSimd};

use super::super::matrix::Matrix;

/// `out ← out + A B` for up to four columns; rows of `A` lie in one piece.
///
/// # Panics
///
/// When there are more columns.
pub(super) fn add(out: &mut [f32], a: Matrix<'_>, b: Matrix<'_>) {
    match b.columns() {
        0 => {}
        1 => Arch::new().dispatch(Dots::<1>::new(out, a, b)),
        2 => Arch::new().dispatch(Dots::<2>::new(out, a, b)),
        3 => Arch::new().dispatch(Dots::<3>::new(out, a, b)),
        4 => Arch::new().dispatch(Dots::<4>::new(out, a, b)),
        columns => panic!("sums over rows are for up to 4 columns, not {columns}"),
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

    /// Rows at a time share what is read of the columns, and no sum waits for another.
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
            add_rows::<S, ROWS, C>(simd, out, rows, columns);
        }
        let done = self.a.rows() - self.a.rows() % ROWS;
        for (i, out) in out.into_remainder().chunks_exact_mut(C).enumerate() {
            add_rows::<S, 1, C>(simd, out, [self.a.row(done + i)], columns);
        }
    }
}

/// Numbers as whole vectors and one that zeros fill up.
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
fn add_rows<S: Simd, const R: usize, const C: usize>(
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
