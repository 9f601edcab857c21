//! The sums of Strassen's products, row by row.

use super::super::super::activate::Function;
use super::super::super::matrix::Matrix;
use super::SUMS;
use crate::vectorized::vectorized;

/// `A₁₁ + A₂₂`, `A₂₁ + A₂₂`, `A₁₁ + A₁₂`, `A₂₁ − A₁₁` and `A₁₂ − A₂₂` of a row and of the one half a matrix below.
pub(super) fn first_sums(top: &[f32], bottom: &[f32], out: &mut [f32]) {
    let half = top.len() / 2;
    let ((a11, a12), (a21, a22)) = (top.split_at(half), bottom.split_at(half));
    let mut sums = out.chunks_exact_mut(half);
    let [m1, m2, m5, m6, m7] = [(); SUMS].map(|()| sums.next().expect("five"));
    vectorized(
        #[inline(always)]
        || {
            for j in 0..half {
                m1[j] = a11[j] + a22[j];
                m2[j] = a21[j] + a22[j];
                m5[j] = a11[j] + a12[j];
                m6[j] = a21[j] - a11[j];
                m7[j] = a12[j] - a22[j];
            }
        },
    );
}

/// `x + y`, there.
pub(super) fn added<'o>(out: &'o mut [f32], x: Matrix<'_>, y: Matrix<'_>) -> Matrix<'o> {
    by_rows(out, x, y, |x, y| x + y)
}

/// `x − y`, there.
pub(super) fn subtracted<'o>(out: &'o mut [f32], x: Matrix<'_>, y: Matrix<'_>) -> Matrix<'o> {
    by_rows(out, x, y, |x, y| x - y)
}

#[inline(always)]
fn by_rows<'o>(
    out: &'o mut [f32],
    x: Matrix<'_>,
    y: Matrix<'_>,
    f: impl Fn(f32, f32) -> f32,
) -> Matrix<'o> {
    let columns = x.columns();
    let mut rows = out.chunks_exact_mut(columns).enumerate();
    vectorized(
        #[inline(always)]
        || {
            for (row, out) in &mut rows {
                for ((out, x), y) in out.iter_mut().zip(x.row(row)).zip(y.row(row)) {
                    *out = f(*x, *y);
                }
            }
        },
    );
    Matrix::new(out, x.rows(), columns)
}

/// The product and what is done to it, of `M₁` and `M₃` above `M₂` and `M₆`, and of `M₄`, `M₅` and `M₇` aside.
pub(super) fn last_sums(
    a: impl Function,
    out: &mut [f32],
    columns: usize,
    aside: [&[f32]; 3],
    bias: Option<&[f32]>,
) {
    let half = columns / 2;
    let (top, bottom) = out.split_at_mut(out.len() / 2);
    let rows = top
        .chunks_exact_mut(columns)
        .zip(bottom.chunks_exact_mut(columns));
    let below = rows.len();
    let mut rows = rows.enumerate();
    let bias = |row: usize| bias.map_or(0.0, |bias| bias[row]);
    vectorized(
        #[inline(always)]
        || {
            for (row, (top, bottom)) in &mut rows {
                let (above, below) = (bias(row), bias(below + row));
                let [m4, m5, m7] = aside.map(|m| &m[row * half..(row + 1) * half]);
                let ((c11, c12), (c21, c22)) = (top.split_at_mut(half), bottom.split_at_mut(half));
                for j in 0..half {
                    let [m1, m2, m3, m6] = [c11[j], c21[j], c12[j], c22[j]];
                    c11[j] = a.value(m1 + m4[j] - m5[j] + m7[j] + above);
                    c12[j] = a.value(m3 + m5[j] + above);
                    c21[j] = a.value(m2 + m4[j] + below);
                    c22[j] = a.value(m1 - m2 + m3 + m6 + below);
                }
            }
        },
    );
}
