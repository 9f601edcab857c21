//! Products of large matrices by seven products of their quadrants, in place of eight.
//!
//! `C = A B` by 15 sums of quadrants:
//!
//! ```text
//! S₁ = A₂₁ + A₂₂    T₁ = B₁₂ − B₁₁    U₁ = A₁₁ B₁₁         C₁₁ = U₁ + A₁₂ B₂₁
//! S₂ = S₁ − A₁₁     T₂ = B₂₂ − T₁     U₂ = U₁ + S₂ T₂      C₁₂ = U₂ + S₁ T₁ + S₄ B₂₂
//! S₃ = A₁₁ − A₂₁    T₃ = B₂₂ − B₁₂    U₃ = U₂ + S₃ T₃      C₂₁ = U₃ + A₂₂ T₄
//! S₄ = A₁₂ − S₂     T₄ = B₂₁ − T₂                          C₂₂ = U₃ + S₁ T₁
//! ```
//!
//! Strassen: *Gaussian Elimination is not Optimal*, 1969; in the form of Winograd: *On Multiplication of 2×2
//! Matrices*, 1971.
//!
//! Columns of `B` that lie half its width apart share their rounding, and what is not a number: they must
//! belong together, as pixels of one image do. So do rows of `A`, whose rounding is shared alike.

use std::cell::Cell;

use super::super::filled::filled;
use super::super::finish::Finish;
use super::super::matrix::Matrix;
use super::{GAP, multiply_rows};
use crate::vectorized::vectorized;

thread_local! {
    /// `T₁` to `T₄`: each thread keeps the memory, which would be filled with zeros each time.
    static SECOND: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// The first factors of the seven products, in the order of their rows in memory.
#[derive(Clone, Copy)]
enum First {
    A11,
    A12,
    A22,
    S1,
    S2,
    S3,
    S4,
}

impl First {
    const COUNT: usize = 7;
}

/// A first matrix made ready.
pub(crate) struct Strassen {
    /// A row of each of the first factors, one behind the other, and a gap.
    factors: Vec<f32>,
    /// Of a quadrant.
    rows: usize,
    columns: usize,
}

impl Strassen {
    /// Fewest columns of the second matrix: those of a quadrant are a tile.
    pub(crate) const COLUMNS: usize = 64;

    /// Whether a first matrix of this size is so large that the sums cost less than a product.
    pub(crate) fn takes(rows: usize, columns: usize) -> bool {
        const FEWEST: usize = 256;
        rows.min(columns) >= FEWEST && rows.is_multiple_of(2) && columns.is_multiple_of(2)
    }

    /// Of a first matrix with so many columns, row by row.
    pub(crate) fn new(a: &[f32], columns: usize) -> Self {
        let (top, bottom) = a.split_at(a.len() / 2);
        let (rows, apart) = (top.len() / columns, First::COUNT * (columns / 2) + GAP);
        let pairs = top.chunks_exact(columns).zip(bottom.chunks_exact(columns));
        let (factors, _) = filled(rows * apart, apart, pairs, |(top, bottom), out| {
            let mut factors = vec![0.0; apart];
            first_factors(top, bottom, &mut factors);
            (out.write_copy_of_slice(&factors), ())
        });
        let columns = columns / 2;
        Self {
            factors,
            rows,
            columns,
        }
    }

    fn factor(&self, first: First) -> Matrix<'_> {
        let start = first as usize * self.columns;
        let apart = First::COUNT * self.columns + GAP;
        let end = self.factors.len() - apart + start + self.columns;
        Matrix::apart(&self.factors[start..end], self.rows, self.columns, apart)
    }

    /// `A B` for a matrix with so many columns, an even number, row by row; and what is done to it.
    pub(crate) fn product(&self, b: &[f32], columns: usize, finish: Finish<'_>) -> Vec<f32> {
        let (half, each) = (columns / 2, self.columns * columns / 2);
        let mut second = SECOND.take();
        second.resize(4 * each, 0.0);
        second_factors(b, half, &mut second);
        let b = Matrix::new(b, 2 * self.columns, columns);
        let b = |i: usize, j: usize| {
            let rows = b.rows_at((i - 1) * self.columns..i * self.columns);
            rows.columns_at((j - 1) * half..j * half)
        };
        let t = |i: usize| Matrix::new(&second[(i - 1) * each..i * each], self.columns, half);

        let top = self.rows * columns;
        let [c11, c12, c21, c22] = [0, half, top, top + half];
        let mut out = vec![0.0; 2 * top];
        let set = |c: &mut [f32], a, b| multiply_rows(c, columns, false, self.factor(a), b);
        let add = |c: &mut [f32], a, b| multiply_rows(c, columns, true, self.factor(a), b);
        set(&mut out[c11..], First::A11, b(1, 1));
        by_rows(&mut out, columns, |[c11, c12], _| c12.copy_from_slice(c11));
        add(&mut out[c11..], First::A12, b(2, 1));
        add(&mut out[c12..], First::S2, t(2));
        by_rows(&mut out, columns, |[_, c12], [c21, _]| {
            c21.copy_from_slice(c12);
        });
        add(&mut out[c21..], First::S3, t(3));
        set(&mut out[c22..], First::S1, t(1));
        by_rows(&mut out, columns, |[_, c12], [c21, c22]| {
            for ((c12, c21), c22) in c12.iter_mut().zip(c21).zip(c22) {
                *c12 += *c22;
                *c22 += *c21;
            }
        });
        add(&mut out[c12..], First::S4, b(2, 2));
        add(&mut out[c21..], First::A22, t(4));
        SECOND.set(second);
        finish.apply(&mut out, columns);
        out
    }
}

/// Does `work` on halves of each row of the upper half of a matrix, and of the row half a matrix below.
fn by_rows(out: &mut [f32], columns: usize, work: impl Fn([&mut [f32]; 2], [&mut [f32]; 2])) {
    let (top, bottom) = out.split_at_mut(out.len() / 2);
    let (top, bottom) = (
        top.chunks_exact_mut(columns),
        bottom.chunks_exact_mut(columns),
    );
    let mut pairs = top.zip(bottom);
    vectorized(
        #[inline(always)]
        || {
            for (top, bottom) in &mut pairs {
                work(
                    top.split_at_mut(columns / 2).into(),
                    bottom.split_at_mut(columns / 2).into(),
                );
            }
        },
    );
}

/// What the first factors have of a row and of the one half a matrix below.
fn first_factors(top: &[f32], bottom: &[f32], out: &mut [f32]) {
    let half = top.len() / 2;
    let ((a11, a12), (a21, a22)) = (top.split_at(half), bottom.split_at(half));
    out[..2 * half].copy_from_slice(top);
    out[2 * half..3 * half].copy_from_slice(a22);
    let sums = [First::S1, First::S2, First::S3, First::S4];
    let sums = sums.map(|first| first as usize * half..(first as usize + 1) * half);
    let [s1, s2, s3, s4] = out.get_disjoint_mut(sums).expect("rows apart");
    vectorized(
        #[inline(always)]
        || {
            for j in 0..half {
                s1[j] = a21[j] + a22[j];
                s2[j] = s1[j] - a11[j];
                s3[j] = a11[j] - a21[j];
                s4[j] = a12[j] - s2[j];
            }
        },
    );
}

/// `T₁` to `T₄`, one behind the other, of a second matrix whose quadrants have so many columns.
fn second_factors(b: &[f32], half: usize, out: &mut [f32]) {
    let (top, bottom) = b.split_at(b.len() / 2);
    let pairs = top
        .chunks_exact(2 * half)
        .zip(bottom.chunks_exact(2 * half));
    let (t1, rest) = out.split_at_mut(out.len() / 4);
    let (t2, rest) = rest.split_at_mut(t1.len());
    let (t3, t4) = rest.split_at_mut(t1.len());
    let firsts = t1.chunks_exact_mut(half).zip(t2.chunks_exact_mut(half));
    let lasts = t3.chunks_exact_mut(half).zip(t4.chunks_exact_mut(half));
    let mut rows = pairs.zip(firsts).zip(lasts);
    vectorized(
        #[inline(always)]
        || {
            for (((top, bottom), (t1, t2)), (t3, t4)) in &mut rows {
                let ((b11, b12), (b21, b22)) = (top.split_at(half), bottom.split_at(half));
                for j in 0..half {
                    t1[j] = b12[j] - b11[j];
                    t2[j] = b22[j] - t1[j];
                    t3[j] = b22[j] - b12[j];
                    t4[j] = b21[j] - t2[j];
                }
            }
        },
    );
}
