//! Views of slices as matrices.

use std::ops::Range;

use super::transpose::transpose;

/// A view of a slice as a matrix.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// From row to row and from column to column.
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// Row-major.
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

    /// Rows with a stride, from the first number of the first to the last of the last.
    ///
    /// # Panics
    ///
    /// When rows overlap, or the slice has another number of values.
    pub(crate) fn with_stride(
        values: &'a [f32],
        rows: usize,
        columns: usize,
        stride: usize,
    ) -> Self {
        assert!(columns <= stride, "rows that overlap");
        let size = rows.saturating_sub(1) * stride + if rows > 0 { columns } else { 0 };
        assert_eq!(values.len(), size, "a matrix of another size");
        Self {
            values,
            rows,
            columns,
            strides: [stride, 1],
        }
    }

    /// The transpose, a view of the same memory.
    pub(crate) fn transposed(self) -> Self {
        let [row, column] = self.strides;
        Self {
            rows: self.columns,
            columns: self.rows,
            strides: [column, row],
            ..self
        }
    }

    /// A view of some of the rows.
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

    /// A view of some of the columns.
    pub(crate) fn columns_at(self, range: Range<usize>) -> Self {
        self.transposed().rows_at(range).transposed()
    }

    /// The address of a number.
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

    /// The address of the first number.
    pub(super) fn as_ptr(&self) -> *const f32 {
        self.values.as_ptr()
    }

    /// From row to row and from column to column. Every number lies in the slice by them.
    pub(super) fn strides(&self) -> [usize; 2] {
        self.strides
    }

    #[inline(always)]
    pub(super) fn at(&self, row: usize, column: usize) -> f32 {
        self.values[row * self.strides[0] + column * self.strides[1]]
    }

    /// A row, where rows are contiguous.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> &'a [f32] {
        debug_assert_eq!(self.strides[1], 1, "contiguous rows");
        let start = row * self.strides[0];
        &self.values[start..start + self.columns]
    }

    /// A transposed copy of a row-major matrix.
    ///
    /// # Panics
    ///
    /// When the matrix has another layout.
    pub(crate) fn packed_transpose(self) -> Vec<f32> {
        assert_eq!(self.strides, [self.columns, 1], "a row-major matrix");
        let size = [self.rows, self.columns];
        transpose(&self.values[..self.rows * self.columns], size)
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn columns(&self) -> usize {
        self.columns
    }
}
