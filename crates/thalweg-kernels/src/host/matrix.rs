//! Matrices in slices.

use std::ops::Range;

use super::turned::turned;

/// A matrix in a slice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// Steps in memory from row to row and from column to column.
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// Row by row.
    ///
    /// # Panics
    ///
    /// When the slice has another number of values.
    pub(crate) fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a matrix of another size");
        Self {
            values,
            rows,
            columns,
            strides: [columns, 1],
        }
    }

    /// Rows of so many columns that lie so many values apart, from the first one's first to the last one's
    /// last.
    ///
    /// # Panics
    ///
    /// When rows overlap, or the slice has another number of values.
    pub(crate) fn apart(values: &'a [f32], rows: usize, columns: usize, apart: usize) -> Self {
        assert!(columns <= apart, "rows that overlap");
        let size = rows.saturating_sub(1) * apart + if rows > 0 { columns } else { 0 };
        assert_eq!(values.len(), size, "a matrix of another size");
        Self {
            values,
            rows,
            columns,
            strides: [apart, 1],
        }
    }

    /// The transpose, in the same memory.
    pub(crate) fn transposed(self) -> Self {
        let [row, column] = self.strides;
        Self {
            rows: self.columns,
            columns: self.rows,
            strides: [column, row],
            ..self
        }
    }

    /// Some of the rows, in the same memory.
    ///
    /// # Panics
    ///
    /// When there are fewer.
    pub(crate) fn rows_at(self, range: Range<usize>) -> Self {
        assert!(
            range.start < range.end && range.end <= self.rows,
            "rows of a matrix"
        );
        Self {
            values: &self.values[range.start * self.strides[0]..],
            rows: range.len(),
            ..self
        }
    }

    /// Some of the columns, in the same memory.
    pub(crate) fn columns_at(self, range: Range<usize>) -> Self {
        self.transposed().rows_at(range).transposed()
    }

    /// Where a number lies.
    ///
    /// # Panics
    ///
    /// When the matrix has no such row or column.
    pub(super) fn pointer(&self, row: usize, column: usize) -> *const f32 {
        assert!(
            row < self.rows && column < self.columns,
            "a number of a matrix"
        );
        self.values[row * self.strides[0] + column * self.strides[1]..].as_ptr()
    }

    /// Where the first number lies.
    pub(super) fn as_ptr(&self) -> *const f32 {
        self.values.as_ptr()
    }

    /// Steps in memory from row to row and from column to column: by them, all rows and columns lie
    /// in one slice.
    pub(super) fn strides(&self) -> [usize; 2] {
        self.strides
    }

    #[inline(always)]
    pub(super) fn at(&self, row: usize, column: usize) -> f32 {
        self.values[row * self.strides[0] + column * self.strides[1]]
    }

    /// A row of a matrix whose rows lie in one piece.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> &'a [f32] {
        debug_assert_eq!(self.strides[1], 1, "a row in one piece");
        let start = row * self.strides[0];
        &self.values[start..start + self.columns]
    }

    /// The transpose of a matrix that lies row by row, in memory of its own.
    ///
    /// # Panics
    ///
    /// When it lies otherwise.
    pub(crate) fn turned(self) -> Vec<f32> {
        assert_eq!(self.strides, [self.columns, 1], "a matrix row by row");
        let size = [self.rows, self.columns];
        turned(&self.values[..self.rows * self.columns], size)
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }
}
