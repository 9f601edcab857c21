//! Sums of products of matrices: the gradients of weights, whose terms are pieces of a batch.

use super::epilogue::Epilogue;
use super::matrix::Matrix;
use super::product::{Threads, multiply, product};
use crate::share::{share, threads};
use crate::vectorized::vectorized;

pub(crate) use crate::sum::sum_of;

/// `Σ A B`, `[rows, columns]`.
pub(crate) struct Sum<'a> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) terms: Vec<(Matrix<'a>, Matrix<'a>)>,
}

/// Fewest rows that a thread takes at a time: it packs the other matrix whole for them.
const FEWEST: usize = 64;

/// All sums, on all threads. Each number is added up in the order of the terms, whoever does it.
pub(crate) fn sums_of_products(sums: &[Sum<'_>]) -> Vec<Vec<f32>> {
    if sums.iter().all(|sum| sum.terms.len() == 1) {
        let terms = sums.iter().flat_map(|sum| &sum.terms);
        return terms
            .map(|(a, b)| product(*a, *b, Epilogue::NONE, Threads::All))
            .collect();
    }
    let size = |sum: &Sum<'_>| sum.rows * sum.columns;
    let mut results: Vec<Vec<f32>> = sums.iter().map(|sum| vec![0.0; size(sum)]).collect();
    let mut blocks = vec![];
    for (sum, result) in sums.iter().zip(&mut results) {
        let block = sum.rows.div_ceil(threads()).max(FEWEST);
        let starts = (0..sum.rows).step_by(block);
        let parts = result.chunks_mut((block * sum.columns).max(1));
        blocks.extend(starts.zip(parts).map(|(start, part)| {
            let rows = start..(start + block).min(sum.rows);
            (rows, &sum.terms, part)
        }));
    }
    share(blocks.into_iter(), |(rows, terms, part)| {
        for (index, (a, b)) in terms.iter().enumerate() {
            multiply(part, index > 0, a.rows_at(rows.clone()), *b);
        }
    });
    results
}

/// The sum of each row of a matrix of this width.
pub(crate) fn sums_of_rows(x: &[f32], width: usize) -> Vec<f32> {
    let mut sums = Vec::with_capacity(x.len() / width.max(1));
    vectorized(
        #[inline(always)]
        || sums.extend(x.chunks_exact(width).map(|row| sum_of(row, row, |x, _| x))),
    );
    sums
}

/// The sum of each column of a matrix of this width.
pub(crate) fn sums_of_columns(x: &[f32], width: usize) -> Vec<f32> {
    let mut sums = vec![0.0; width];
    vectorized(
        #[inline(always)]
        || {
            for row in x.chunks_exact(width) {
                sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
        },
    );
    sums
}

/// Arrays of this length, added up in their order.
pub(crate) fn add_up(length: usize, arrays: impl IntoIterator<Item = Vec<f32>>) -> Vec<f32> {
    let sums = arrays.into_iter().reduce(|mut sums, array| {
        sums.iter_mut().zip(array).for_each(|(sum, x)| *sum += x);
        sums
    });
    sums.unwrap_or_else(|| vec![0.0; length])
}
