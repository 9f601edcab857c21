//! Products of large matrices by seven products of their quadrants, in place of eight.
//!
//! `C = A B`, each of the seven a sum of quadrants times another:
//!
//! ```text
//! M₁ = (A₁₁ + A₂₂) (B₁₁ + B₂₂)    M₅ = (A₁₁ + A₁₂) B₂₂              C₁₁ = M₁ + M₄ − M₅ + M₇
//! M₂ = (A₂₁ + A₂₂) B₁₁            M₆ = (A₂₁ − A₁₁) (B₁₁ + B₁₂)      C₁₂ = M₃ + M₅
//! M₃ = A₁₁ (B₁₂ − B₂₂)            M₇ = (A₁₂ − A₂₂) (B₂₁ + B₂₂)      C₂₁ = M₂ + M₄
//! M₄ = A₂₂ (B₂₁ − B₁₁)                                              C₂₂ = M₁ − M₂ + M₃ + M₆
//! ```
//!
//! Strassen: *Gaussian Elimination is not Optimal*, 1969. Winograd's form of it has 15 sums for these 18,
//! and takes as long here, but its largest error is half as large again.
//!
//! Columns of `B` that lie half its width apart share their rounding, and what is not a number: they must
//! belong together, as pixels of one image do. So do rows of `A`, whose rounding is shared alike.

mod sums;

use std::borrow::Cow;
use std::cell::Cell;

use self::sums::{added, first_sums, last_sums, subtracted};
use super::super::activate::{Identity, LeakyRelu, Monotone, Relu, Tanh, by_activation};
use super::super::filled::{filled, zeroed};
use super::super::matrix::Matrix;
use super::{GAP, multiply, write_rows};

thread_local! {
    /// A sum of quadrants of `B`, and three of the products: each thread keeps the memory, which would be
    /// filled with zeros each time.
    static ASIDE: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// The products that take a sum of quadrants of `A`, in the order of these sums.
#[derive(Clone, Copy)]
enum Sum {
    M1,
    M2,
    M5,
    M6,
    M7,
}

const SUMS: usize = 5;

/// A first matrix made ready.
pub(crate) struct Strassen<'a> {
    /// Row by row.
    a: Cow<'a, [f32]>,
    /// A row of each [`Sum`], one behind the other, and a gap.
    sums: Vec<f32>,
    /// Of a quadrant.
    rows: usize,
    columns: usize,
}

impl<'a> Strassen<'a> {
    /// Fewest columns of the second matrix: those of a quadrant are a tile.
    pub(crate) const COLUMNS: usize = 64;

    /// Whether a first matrix of this size is so large that the sums cost less than a product.
    pub(crate) fn takes(rows: usize, columns: usize) -> bool {
        const FEWEST: usize = 256;
        rows.min(columns) >= FEWEST && rows.is_multiple_of(2) && columns.is_multiple_of(2)
    }

    /// Of a first matrix with so many columns, row by row.
    pub(crate) fn new(a: impl Into<Cow<'a, [f32]>>, columns: usize) -> Self {
        let a = a.into();
        let (top, bottom) = a.split_at(a.len() / 2);
        let (rows, apart) = (top.len() / columns, SUMS * (columns / 2) + GAP);
        let pairs = top.chunks_exact(columns).zip(bottom.chunks_exact(columns));
        let (sums, _) = filled(rows * apart, apart, pairs, |(top, bottom), out| {
            let out = zeroed(out);
            first_sums(top, bottom, out);
            (out, ())
        });
        let columns = columns / 2;
        Self {
            a,
            sums,
            rows,
            columns,
        }
    }

    fn sum(&self, of: Sum) -> Matrix<'_> {
        let apart = SUMS * self.columns + GAP;
        let start = of as usize * self.columns;
        let end = self.sums.len() - apart + start + self.columns;
        Matrix::apart(&self.sums[start..end], self.rows, self.columns, apart)
    }

    /// `a(A B + b)` for a matrix with so many columns, an even number, row by row, and one number a row.
    pub(crate) fn product(
        &self,
        b: &[f32],
        columns: usize,
        bias: Option<&[f32]>,
        after: Monotone,
    ) -> Vec<f32> {
        let half = columns / 2;
        let a = Matrix::new(&self.a, 2 * self.rows, 2 * self.columns);
        let [[a11, _], [_, a22]] = quadrants(a);
        let [[b11, b12], [b21, b22]] = quadrants(Matrix::new(b, 2 * self.columns, columns));
        let mut aside = ASIDE.take();
        let (sum, product) = (self.columns * half, self.rows * half);
        aside.resize(sum + 3 * product, 0.0);
        let (sum, products) = aside.split_at_mut(sum);
        let mut products = products.chunks_exact_mut(product);
        let [m4, m5, m7] = [(); 3].map(|()| products.next().expect("three"));

        let size = 2 * self.rows * columns;
        let mut out = Vec::with_capacity(size);
        let (top, bottom) = out.spare_capacity_mut()[..size].split_at_mut(size / 2);
        write_rows(top, columns, self.sum(Sum::M1), added(sum, b11, b22));
        write_rows(&mut top[half..], columns, a11, subtracted(sum, b12, b22));
        write_rows(bottom, columns, self.sum(Sum::M2), b11);
        write_rows(
            &mut bottom[half..],
            columns,
            self.sum(Sum::M6),
            added(sum, b11, b12),
        );
        // SAFETY: all four quadrants are written.
        unsafe { out.set_len(size) };
        multiply(m4, false, a22, subtracted(sum, b21, b11));
        multiply(m5, false, self.sum(Sum::M5), b22);
        multiply(m7, false, self.sum(Sum::M7), added(sum, b21, b22));

        by_activation!(after, last_sums(&mut out, columns, [m4, m5, m7], bias));
        ASIDE.set(aside);
        out
    }
}

fn quadrants(matrix: Matrix<'_>) -> [[Matrix<'_>; 2]; 2] {
    let (rows, columns) = (matrix.rows() / 2, matrix.columns() / 2);
    [0, rows].map(|row| {
        let matrix = matrix.rows_at(row..row + rows);
        [0, columns].map(|column| matrix.columns_at(column..column + columns))
    })
}
