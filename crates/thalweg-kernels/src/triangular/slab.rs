//! Triangular products and solutions for several samples at a time, which are the columns of a matrix.

use std::ops::Range;

use super::packed::{Block, Packed, Side};
use crate::host::matrix::Matrix;
use crate::host::product::multiply;
use crate::vectorized::vectorized;

/// Rows that are solved one by one; the blocks before them come by products.
const FEW: usize = 12;

/// `X ← T X` of a matrix with this many columns, from a triangle packed with the sign 1.
pub(super) fn multiply_in_place(triangle: &Packed, x: &mut [f32], columns: usize) {
    assert_eq!(x.len(), triangle.size * columns, "a slab of another size");
    let mut product = vec![];
    let mut multiply_block = |block: &Block| {
        let Range { start, end } = block.columns;
        product.resize(block.rows.len() * columns, 0.0);
        let of = Matrix::new(&x[start * columns..end * columns], end - start, columns);
        multiply(&mut product, false, block.panel(start..end), of);
        let Range { start, end } = block.rows;
        x[start * columns..end * columns].copy_from_slice(&product);
    };
    // Rows are overwritten when no later block reads them.
    match triangle.side {
        Side::Above => triangle.blocks.iter().for_each(&mut multiply_block),
        Side::Below => triangle.blocks.iter().rev().for_each(multiply_block),
    }
}

/// `X ← T⁻¹ X` of a matrix with this many columns, from a triangle packed with the sign −1.
pub(super) fn solve_in_place(triangle: &Packed, x: &mut [f32], columns: usize) {
    assert_eq!(x.len(), triangle.size * columns, "a slab of another size");
    let solve_block = |block: &Block| {
        let Range { start, end } = block.rows;
        let solved = match triangle.side {
            Side::Below => 0..start,
            Side::Above => end..triangle.size,
        };
        subtract(block, start..end, solved, x, columns);
        let few = (0..(end - start).div_ceil(FEW)).map(|index| {
            let start = start + index * FEW;
            start..(start + FEW).min(end)
        });
        let solve_few = |rows: Range<usize>| {
            let solved = match triangle.side {
                Side::Below => start..rows.start,
                Side::Above => rows.end..end,
            };
            subtract(block, rows.clone(), solved, x, columns);
            solve_rows(block, rows, triangle.side, x, columns);
        };
        match triangle.side {
            Side::Below => few.for_each(solve_few),
            Side::Above => few.rev().for_each(solve_few),
        }
    };
    match triangle.side {
        Side::Below => triangle.blocks.iter().for_each(solve_block),
        Side::Above => triangle.blocks.iter().rev().for_each(solve_block),
    }
}

/// Subtracts from some rows of a block their products with rows that are solved, all of them above or all below.
fn subtract(
    block: &Block,
    rows: Range<usize>,
    solved: Range<usize>,
    x: &mut [f32],
    columns: usize,
) {
    if solved.is_empty() {
        return;
    }
    let of = |rows: &Range<usize>| rows.start * columns..rows.end * columns;
    let (out, x) = match solved.end <= rows.start {
        true => {
            let (before, after) = x.split_at_mut(rows.start * columns);
            (&mut after[..rows.len() * columns], &before[of(&solved)])
        }
        false => {
            let (before, after) = x.split_at_mut(rows.end * columns);
            let solved = solved.start - rows.end..solved.end - rows.end;
            (&mut before[rows.start * columns..], &after[of(&solved)])
        }
    };
    let x = Matrix::new(x, solved.len(), columns);
    let first = block.rows.start;
    let panel = block.panel(solved);
    multiply(
        out,
        true,
        panel.rows_at(rows.start - first..rows.end - first),
        x,
    );
}

/// Solves a few rows, from which all others have been subtracted.
fn solve_rows(block: &Block, rows: Range<usize>, side: Side, x: &mut [f32], columns: usize) {
    let solve = |row: usize, x: &mut [f32]| {
        let numbers = block.row(row);
        let of = |column: usize| numbers[column - block.columns.start];
        let (before, rest) = x.split_at_mut(row * columns);
        let (this, after) = rest.split_at_mut(columns);
        let others = match side {
            Side::Below => rows.start..row,
            Side::Above => row + 1..rows.end,
        };
        vectorized(
            #[inline(always)]
            || {
                for other in others.clone() {
                    let from = match side {
                        Side::Below => &before[other * columns..][..columns],
                        Side::Above => &after[(other - row - 1) * columns..][..columns],
                    };
                    let factor = of(other);
                    for (x, from) in this.iter_mut().zip(from) {
                        *x = factor.mul_add(*from, *x);
                    }
                }
                let diagonal = of(row);
                if diagonal != 1.0 {
                    this.iter_mut().for_each(|x| *x /= diagonal);
                }
            },
        );
    };
    match side {
        Side::Below => rows.clone().for_each(|row| solve(row, x)),
        Side::Above => rows.clone().rev().for_each(|row| solve(row, x)),
    }
}
