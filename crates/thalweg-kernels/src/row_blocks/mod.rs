//! Squared distances of points to a set of rows, and sums of kernels around them.

mod distances;
mod kernels;

use crate::vectorized::arch;
use distances::Squares;
use kernels::Kernels;

/// Points whose distances are computed together: each number of the set is loaded once for all of them.
pub const POINTS: usize = 4;
/// Rows of a block, which lie in the lanes of vectors.
pub const BLOCK: usize = 16;

/// A number of each row of a block.
pub type Block = [f32; BLOCK];

/// A set of rows in blocks of [`BLOCK`], each of which lies column by column: the sums of a block stay in registers. The
/// last block is filled up by copies of its last row.
///
/// Registers are spelled out, so that the loops have vectors also where a program is optimized for size.
#[derive(Debug, Clone, PartialEq)]
pub struct RowBlocks {
    width: usize,
    count: usize,
    /// `width` a block.
    columns: Vec<Block>,
}

/// The memory of [`RowBlocks::squares`] and [`RowBlocks::log_sums`].
#[derive(Debug, Default)]
pub struct RowScratch {
    /// Column by column.
    points: Vec<[f32; POINTS]>,
    squares: [Vec<f32>; POINTS],
}

impl RowBlocks {
    /// Of `count × width` numbers, row by row.
    ///
    /// # Panics
    ///
    /// For a width of 0.
    pub fn of_rows(rows: &[f32], width: usize) -> Self {
        let count = rows.len() / width;
        let block = |block: usize| {
            let row = move |lane: usize| (block * BLOCK + lane).min(count - 1);
            (0..width).map(move |k| std::array::from_fn(|lane| rows[row(lane) * width + k]))
        };
        Self {
            width,
            count,
            columns: (0..count.div_ceil(BLOCK)).flat_map(block).collect(),
        }
    }

    /// The number of rows.
    pub fn count(&self) -> usize {
        self.count
    }

    /// One row.
    pub fn row(&self, row: usize) -> impl Iterator<Item = f32> {
        let columns = self.columns.iter().skip(row / BLOCK * self.width);
        columns
            .take(self.width)
            .map(move |lanes| lanes[row % BLOCK])
    }

    /// The squared distances `‖z − cᵢ‖²` of up to [`POINTS`] points to all rows: one list a point.
    ///
    /// ```
    /// use thalweg_kernels::{RowBlocks, RowScratch};
    ///
    /// let rows = RowBlocks::of_rows(&[0.0, 0.0, 3.0, 4.0], 2);
    /// assert!(rows.count() == 2 && rows.row(1).eq([3.0, 4.0]));
    /// let mut scratch = RowScratch::default();
    /// assert_eq!(rows.squares(&[0.0, 1.0], &mut scratch)[0], [1.0, 18.0]);
    /// ```
    pub fn squares<'s>(&self, points: &[f32], scratch: &'s mut RowScratch) -> &'s mut [Vec<f32>] {
        scratch.set(points, self.width);
        let padded = self.count.next_multiple_of(BLOCK);
        let out = &mut scratch.squares;
        out.iter_mut().for_each(|out| out.resize(padded, 0.0));
        arch().dispatch(Squares {
            blocks: self,
            points: &scratch.points,
            out,
        });
        let out = &mut scratch.squares;
        out.iter_mut().for_each(|out| out.truncate(self.count));
        out
    }

    /// `ln Σᵢ 2^(lᵢ + sᵢ ‖z − cᵢ‖²)` of up to [`POINTS`] points `z`, given the slopes `s`, none above 0, and `l` of each block of
    /// rows `c`. A row with `l = −∞` does not count; terms with exponents more than 26 below the largest are left out by
    /// blocks, the sooner the nearer the rows of a block lie to one another.
    ///
    /// ```
    /// use thalweg_kernels::{BLOCK, Block, POINTS, RowBlocks, RowScratch};
    ///
    /// let rows = RowBlocks::of_rows(&[0.0, 2.0], 1);
    /// let mut logs = [f32::NEG_INFINITY; BLOCK];
    /// logs[..2].fill(0.0);
    /// let kernels: [Block; 2] = [[-1.0; BLOCK], logs];
    /// let points = [1.0; POINTS];
    /// let sums = rows.log_sums(&[kernels], &points, &mut RowScratch::default());
    /// assert!(sums.iter().all(|sum| sum.abs() < 1e-6)); // ln(½ + ½)
    /// ```
    ///
    /// # Panics
    ///
    /// Unless there are `s` and `l` of each block.
    pub fn log_sums(
        &self,
        kernels: &[[Block; 2]],
        points: &[f32],
        scratch: &mut RowScratch,
    ) -> [f64; POINTS] {
        let blocks = self.count.div_ceil(BLOCK);
        assert_eq!(
            kernels.len(),
            blocks,
            "{} blocks of kernels for {blocks} blocks of rows",
            kernels.len()
        );
        scratch.set(points, self.width);
        arch().dispatch(Kernels {
            blocks: self,
            kernels,
            points: &scratch.points,
        })
    }
}

impl RowScratch {
    /// Takes up to [`POINTS`] points. One that is not there is a copy of the first.
    fn set(&mut self, points: &[f32], width: usize) {
        let count = points.len() / width;
        let row = |row: usize| if row < count { row } else { 0 };
        self.points.clear();
        let column = |k| std::array::from_fn(|at| points[row(at) * width + k]);
        self.points.extend((0..width).map(column));
    }
}
