//! A triangular matrix in the order in which it is multiplied.

use std::ops::Range;

use crate::host::matrix::Matrix;
use crate::host::product::GAP;
use crate::share::map;
use crate::transpose::transpose_rows;

/// Rows of a block: whole tiles of the microkernel. What a block computes on the wrong side of the diagonal is half of
/// its square.
pub(super) const BLOCK: usize = 48;

/// The side of the diagonal where a triangular matrix has numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Below,
    Above,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Below => Self::Above,
            Self::Above => Self::Below,
        }
    }

    /// The columns in which these rows have numbers, those of the block on the diagonal included.
    pub(super) fn columns(self, rows: &Range<usize>, size: usize) -> Range<usize> {
        match self {
            Self::Below => 0..rows.end,
            Self::Above => rows.start..size,
        }
    }
}

/// A factor as it is stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Triangle<'a> {
    /// Row by row; the other side of the diagonal, and the diagonal, are not read.
    pub(super) values: &'a [f32],
    pub(super) size: usize,
    pub(super) side: Side,
    /// Ones if there is none.
    pub(super) diagonal: Option<&'a [f32]>,
    /// Whether the transpose is meant.
    pub(super) transposed: bool,
}

impl<'a> Triangle<'a> {
    pub(super) fn lower(values: &'a [f32], size: usize) -> Self {
        Self {
            values,
            size,
            side: Side::Below,
            diagonal: None,
            transposed: false,
        }
    }

    pub(super) fn upper(values: &'a [f32], diagonal: &'a [f32]) -> Self {
        Self {
            values,
            size: diagonal.len(),
            side: Side::Above,
            diagonal: Some(diagonal),
            transposed: false,
        }
    }

    pub(super) fn transposed(self) -> Self {
        Self {
            transposed: !self.transposed,
            ..self
        }
    }

    /// The side that has numbers, of the transpose if that is meant.
    pub(super) fn side(&self) -> Side {
        match self.transposed {
            false => self.side,
            true => self.side.other(),
        }
    }

    /// Blocks of rows, top to bottom.
    pub(super) fn blocks(&self) -> impl ExactSizeIterator<Item = Range<usize>> + Send + use<> {
        let size = self.size;
        let block = move |start: usize| start..(start + BLOCK).min(size);
        (0..size.div_ceil(BLOCK)).map(move |index| block(index * BLOCK))
    }
}

/// A triangle by blocks of rows, each with the columns of its side and those of its square on the diagonal, where the
/// other side is zero. Rows do not fall on the same places of the cache, as those of a width of a power of two do.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) size: usize,
    pub(super) side: Side,
    /// Top to bottom.
    pub(super) blocks: Vec<Block>,
}

#[derive(Debug)]
pub(super) struct Block {
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
    values: Vec<f32>,
}

impl Packed {
    /// Each number off the diagonal times `sign`.
    pub(super) fn of(triangle: Triangle<'_>, sign: f32) -> Self {
        Self {
            size: triangle.size,
            side: triangle.side(),
            blocks: map(triangle.blocks(), |rows| Block::of(triangle, rows, sign)),
        }
    }
}

impl Block {
    fn of(triangle: Triangle<'_>, rows: Range<usize>, sign: f32) -> Self {
        let (size, side) = (triangle.size, triangle.side());
        let columns = side.columns(&rows, size);
        let stride = columns.len() + GAP;
        let mut values = vec![0.0; rows.len() * stride];
        match triangle.transposed {
            false => {
                for (row, to) in rows.clone().zip(values.chunks_exact_mut(stride)) {
                    let from = &triangle.values[row * size..][columns.clone()];
                    to[..columns.len()].copy_from_slice(from);
                }
            }
            true => {
                // The triangle is stored transposed: a row of it is a stored column.
                let from = &triangle.values[columns.start * size + rows.start..];
                let sizes = [columns.len(), rows.len()];
                transpose_rows(from, size, sizes, &mut values, stride);
            }
        }
        for (index, to) in values.chunks_exact_mut(stride).enumerate() {
            let (row, start) = (rows.start + index, columns.start);
            let wrong = match side {
                Side::Below => row..columns.end,
                Side::Above => start..row + 1,
            };
            to[wrong.start - start..wrong.end - start].fill(0.0);
            if sign != 1.0 {
                to.iter_mut().for_each(|x| *x *= sign);
            }
            to[row - start] = triangle.diagonal.map_or(1.0, |diagonal| diagonal[row]);
        }
        Self {
            rows,
            columns,
            values,
        }
    }

    /// Its rows, with these of its columns.
    pub(super) fn panel(&self, columns: Range<usize>) -> Matrix<'_> {
        let (width, count) = (self.columns.len(), self.rows.len());
        let stride = width + GAP;
        let values = &self.values[..(count - 1) * stride + width];
        let start = self.columns.start;
        Matrix::with_stride(values, count, width, stride)
            .columns_at(columns.start - start..columns.end - start)
    }

    /// The numbers of a row of the matrix.
    pub(super) fn row(&self, row: usize) -> &[f32] {
        let width = self.columns.len();
        &self.values[(row - self.rows.start) * (width + GAP)..][..width]
    }
}
