//! Squared distances of rows to a set of rows.

use thalweg_kernels::vectorized;

/// Rows whose distances are computed together: each number of the set is loaded once for all of them.
pub(super) const TOGETHER: usize = 4;
/// Rows of the set whose distances are computed together, in the lanes of vectors.
pub(super) const LANES: usize = 16;

/// A number of each of [`LANES`] rows.
pub(super) type Lanes = [f32; LANES];

/// A set of rows in blocks of [`LANES`], each of which lies column by column: the sums of a block stay in registers. The
/// last block is filled up by copies of its last row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Blocks {
    width: usize,
    count: usize,
    /// `width` a block.
    columns: Vec<Lanes>,
}

impl Blocks {
    /// Of `count × width` numbers, row by row.
    pub(super) fn of_rows(rows: &[f32], width: usize) -> Self {
        let count = rows.len() / width;
        let block = |block: usize| {
            let row = move |lane: usize| (block * LANES + lane).min(count - 1);
            (0..width).map(move |k| std::array::from_fn(|lane| rows[row(lane) * width + k]))
        };
        Self {
            width,
            count,
            columns: (0..count.div_ceil(LANES)).flat_map(block).collect(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// One row.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = f32> {
        let columns = self.columns.iter().skip(row / LANES * self.width);
        columns
            .take(self.width)
            .map(move |lanes| lanes[row % LANES])
    }

    /// Gives the squared distances of [`TOGETHER`] points to each block of the set: the block, and for each of the points the
    /// distances to its lanes. The points come column by column, as [`together`] makes them.
    #[inline(always)]
    pub(super) fn each(
        &self,
        points: &[[f32; TOGETHER]],
        mut take: impl FnMut(usize, &[Lanes; TOGETHER]),
    ) {
        vectorized(
            #[inline(always)]
            || {
                for (block, columns) in self.columns.chunks_exact(self.width).enumerate() {
                    // By name: an inner loop over the points would take the place of that over the lanes.
                    let [mut a, mut b, mut c, mut d] = [[0.0; LANES]; TOGETHER];
                    for (lanes, x) in columns.iter().zip(points) {
                        for lane in 0..LANES {
                            let differences = x.map(|x| lanes[lane] - x);
                            a[lane] = differences[0].mul_add(differences[0], a[lane]);
                            b[lane] = differences[1].mul_add(differences[1], b[lane]);
                            c[lane] = differences[2].mul_add(differences[2], c[lane]);
                            d[lane] = differences[3].mul_add(differences[3], d[lane]);
                        }
                    }
                    let sums = [a, b, c, d];
                    take(block, &sums);
                }
            },
        );
    }

    /// The squared distances of up to [`TOGETHER`] rows to all rows.
    pub(super) fn squares<'s>(&self, rows: &[f32], scratch: &'s mut Scratch) -> &'s mut [Vec<f32>] {
        together(rows, self.width, &mut scratch.points);
        let out = &mut scratch.squares;
        let padded = self.count.next_multiple_of(LANES);
        out.iter_mut().for_each(|out| out.resize(padded, 0.0));
        self.each(
            &scratch.points,
            #[inline(always)]
            |block, sums| {
                for (out, sums) in out.iter_mut().zip(sums) {
                    out[block * LANES..][..LANES].copy_from_slice(sums);
                }
            },
        );
        out.iter_mut().for_each(|out| out.truncate(self.count));
        out
    }
}

/// The memory of [`Blocks::squares`].
#[derive(Debug, Default)]
pub(super) struct Scratch {
    points: Vec<[f32; TOGETHER]>,
    squares: [Vec<f32>; TOGETHER],
}

/// Up to [`TOGETHER`] rows of `width` numbers, column by column. A row that is not there is a copy of the first.
pub(super) fn together(rows: &[f32], width: usize, points: &mut Vec<[f32; TOGETHER]>) {
    let count = rows.len() / width;
    let row = |row: usize| if row < count { row } else { 0 };
    points.clear();
    points.extend((0..width).map(|k| std::array::from_fn(|at| rows[row(at) * width + k])));
}
