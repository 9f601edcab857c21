//! Products of matrices one side of which is very short: a flow's couplings begin and end in few
//! features, where a library that works in tiles computes mostly padding.

use super::matrix::Matrix;
use crate::vectorized::vectorized;

/// What counts as short.
const SHORT: usize = 4;

/// Whether [`add`] knows a loop over vectors for the product.
pub(super) fn is_short(a: Matrix<'_>, b: Matrix<'_>) -> bool {
    b.columns() <= SHORT || (a.columns().min(a.rows()) <= SHORT && b.strides()[1] == 1)
}

/// `out ← out + A B`, row by row, for what [`is_short`].
pub(super) fn add(out: &mut [f32], a: Matrix<'_>, b: Matrix<'_>) {
    let (columns, depth) = (b.columns(), a.columns());
    let rows_of_b = b.strides()[1] == 1;
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
            } else if a.strides()[1] == 1 {
                for j in 0..columns {
                    let column: Vec<f32> = (0..depth).map(|k| b.at(k, j)).collect();
                    for (i, out) in out.chunks_exact_mut(columns).enumerate() {
                        out[j] += dot(a.row(i), &column);
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

/// In lanes of several vectors: one alone would wait for each sum.
#[inline(always)]
fn dot(x: &[f32], y: &[f32]) -> f32 {
    const LANES: usize = 32;
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let mut lanes = [0.0f32; LANES];
    for (x, y) in x.iter().zip(y) {
        for ((lane, x), y) in lanes.iter_mut().zip(x).zip(y) {
            *lane = x.mul_add(*y, *lane);
        }
    }
    let mut sum: f32 = lanes.iter().sum();
    for (x, y) in x_rest.iter().zip(y_rest) {
        sum = x.mul_add(*y, sum);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_sides_in_every_layout_give_the_product() {
        let values: Vec<f32> = (0..1640)
            .map(|i| ((i * 37 % 101) as f32) / 50.0 - 1.0)
            .collect();
        let mut tried = 0;
        for (m, k, n) in [
            (7, 2, 9),
            (40, 40, 1),
            (3, 50, 6),
            (9, 41, 4),
            (40, 1, 3),
            (1, 1, 1),
        ] {
            for layout in 0..4 {
                let matrix = |rows, columns, flipped| match flipped {
                    false => Matrix::new(&values[..rows * columns], rows, columns),
                    true => Matrix::new(&values[..rows * columns], columns, rows).transposed(),
                };
                let (a, b) = (matrix(m, k, layout & 1 == 1), matrix(k, n, layout & 2 == 2));
                let mut out = vec![1.0; m * n];
                if !is_short(a, b) {
                    continue;
                }
                add(&mut out, a, b);
                tried += 1;
                for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
                    let exact: f64 = (0..k)
                        .map(|k| f64::from(a.at(i, k)) * f64::from(b.at(k, j)))
                        .sum();
                    let found = f64::from(out[i * n + j]);
                    assert!(
                        (found - 1.0 - exact).abs() < 1e-5,
                        "{m} {k} {n}, layout {layout}"
                    );
                }
            }
        }
        assert!(tried >= 16, "{tried}");
    }
}
