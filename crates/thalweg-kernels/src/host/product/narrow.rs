//! Products of matrices one side of which is very short: a flow's couplings begin and end in few
//! features, where a library that works in tiles computes mostly padding.

use super::super::matrix::Matrix;
use super::dots;
use crate::vectorized::vectorized;

/// What counts as short.
pub(super) const SHORT: usize = 4;

/// Whether [`add`] knows a loop over vectors for the product.
pub(super) fn is_short(a: Matrix<'_>, b: Matrix<'_>) -> bool {
    b.columns() <= SHORT || (a.columns().min(a.rows()) <= SHORT && b.strides()[1] == 1)
}

/// `out ← out + A B`, row by row, for what [`is_short`].
pub(super) fn add(out: &mut [f32], a: Matrix<'_>, b: Matrix<'_>) {
    let (columns, depth) = (b.columns(), a.columns());
    let rows_of_b = b.strides()[1] == 1;
    let by_columns = !(rows_of_b && depth.min(a.rows()) <= SHORT);
    if by_columns && a.strides()[1] == 1 {
        return dots::add(out, a, b);
    }
    vectorized(
        #[inline(always)]
        || {
            if rows_of_b && depth <= SHORT {
                for (i, out) in out.chunks_exact_mut(columns).enumerate() {
                    for k in 0..depth {
                        add_scaled(out, a.at(i, k), b.row(k));
                    }
                }
            } else if rows_of_b && a.rows() <= SHORT {
                for k in 0..depth {
                    for (i, out) in out.chunks_exact_mut(columns).enumerate() {
                        add_scaled(out, a.at(i, k), b.row(k));
                    }
                }
            } else {
                let a = a.transposed();
                for j in 0..columns {
                    let mut column = vec![0.0; a.columns()];
                    for k in 0..depth {
                        add_scaled(&mut column, b.at(k, j), a.row(k));
                    }
                    for (out, x) in out.chunks_exact_mut(columns).zip(column) {
                        out[j] += x;
                    }
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
