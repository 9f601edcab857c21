//! The gradient of a triangular factor: the triangle of a product.

use super::packed::{BLOCK, Side, Triangle};
use crate::host::filled::{filled, zeroed};
use crate::host::matrix::Matrix;
use crate::host::product::multiply;

/// Some samples of a product's two factors, `G` as columns and `X` as rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) columns: &'a [f32],
    pub(super) rows: &'a [f32],
}

/// `± Σ G X` of some samples each, on one side of the diagonal and zero elsewhere; and its diagonal.
pub(super) fn gradient(
    triangle: Triangle<'_>,
    pairs: &[Pair<'_>],
    sign: f32,
) -> (Vec<f32>, Vec<f32>) {
    let (size, side) = (triangle.size, triangle.side());
    let (gradient, diagonals) =
        filled(size * size, BLOCK * size, triangle.blocks(), |rows, out| {
            let columns = side.columns(&rows, size);
            let mut panel = vec![0.0; rows.len() * columns.len()];
            for (index, pair) in pairs.iter().enumerate() {
                let samples = pair.rows.len() / size;
                let of_rows = Matrix::new(pair.columns, size, samples).rows_at(rows.clone());
                let of_columns = Matrix::new(pair.rows, samples, size).columns_at(columns.clone());
                multiply(&mut panel, index > 0, of_rows, of_columns);
            }
            let (out, mut diagonal) = (zeroed(out), Vec::with_capacity(rows.len()));
            let panel = panel.chunks_exact(columns.len());
            for ((row, from), to) in rows.zip(panel).zip(out.chunks_exact_mut(size)) {
                let place = row - columns.start;
                diagonal.push(sign * from[place]);
                let (from, to) = match side {
                    Side::Below => (&from[..place], &mut to[..row]),
                    Side::Above => (&from[place + 1..], &mut to[row + 1..]),
                };
                let numbers = to.iter_mut().zip(from);
                numbers.for_each(|(to, from)| *to = sign * from);
            }
            (out, diagonal)
        });
    (gradient, diagonals.concat())
}
