//! Squared distances of rows to a set of rows.

use thalweg_kernels::vectorized;

/// Rows whose distances are computed together: each number of the set is loaded once for all of them.
pub(super) const TOGETHER: usize = 4;

/// A set of rows, column by column, so that a loop over its rows takes whole vectors.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Columns {
    width: usize,
    count: usize,
    values: Vec<f32>,
}

impl Columns {
    /// Of `count × width` numbers, row by row.
    pub(super) fn of_rows(rows: &[f32], width: usize) -> Self {
        let count = rows.len() / width;
        let column = |column: usize| {
            rows[column.min(rows.len())..]
                .iter()
                .step_by(width)
                .copied()
        };
        Self {
            width,
            count,
            values: (0..width).flat_map(column).collect(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// One row.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = f32> {
        self.values.iter().skip(row).step_by(self.count).copied()
    }

    /// The squared distances of up to [`TOGETHER`] rows, `width` numbers each, to all rows: one row of `out` each.
    pub(super) fn squares(&self, rows: &[f32], out: &mut [Vec<f32>; TOGETHER]) {
        out.iter_mut().for_each(|out| {
            out.clear();
            out.resize(self.count, 0.0);
        });
        let mut at = [&[][..]; TOGETHER];
        at.iter_mut()
            .zip(rows.chunks_exact(self.width))
            .for_each(|(at, row)| *at = row);
        let used = rows.len() / self.width;
        let [a, b, c, d] = out;
        vectorized(
            #[inline(always)]
            || {
                for (k, column) in self.values.chunks_exact(self.count).enumerate() {
                    let x = [0, 1, 2, 3].map(|row| at[row].get(k).copied().unwrap_or_default());
                    if used == 1 {
                        for (c, a) in column.iter().zip(a.iter_mut()) {
                            let difference = c - x[0];
                            *a += difference * difference;
                        }
                        continue;
                    }
                    let sums = a
                        .iter_mut()
                        .zip(b.iter_mut())
                        .zip(c.iter_mut().zip(d.iter_mut()));
                    for (value, ((a, b), (c, d))) in column.iter().zip(sums) {
                        let differences = x.map(|x| value - x);
                        *a += differences[0] * differences[0];
                        *b += differences[1] * differences[1];
                        *c += differences[2] * differences[2];
                        *d += differences[3] * differences[3];
                    }
                }
            },
        );
    }
}
