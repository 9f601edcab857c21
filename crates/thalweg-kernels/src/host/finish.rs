//! What a layer does to its product: a bias and an activation, in one pass, in place.

use std::ops::Range;

use super::activate::{Function, Identity, LeakyRelu, Monotone, Relu, Tanh, by_activation};
use crate::vectorized::vectorized;

/// What is added to a product of matrices.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bias<'a> {
    None,
    OfRows(&'a [f32]),
    OfColumns(&'a [f32]),
}

/// What is done to each number of a product once it is there: `x ← a(x + b)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finish<'a> {
    pub(crate) bias: Bias<'a>,
    pub(crate) after: Monotone,
}

impl Finish<'_> {
    pub(crate) const NONE: Self = Self {
        bias: Bias::None,
        after: Monotone::Identity,
    };

    /// Of some of the rows.
    pub(crate) fn rows_at(self, range: Range<usize>) -> Self {
        let bias = match self.bias {
            Bias::OfRows(bias) => Bias::OfRows(&bias[range]),
            bias => bias,
        };
        Self { bias, ..self }
    }

    /// Of some of the columns.
    pub(crate) fn columns_at(self, range: Range<usize>) -> Self {
        let bias = match self.bias {
            Bias::OfColumns(bias) => Bias::OfColumns(&bias[range]),
            bias => bias,
        };
        Self { bias, ..self }
    }

    /// Does it to a product of so many columns.
    pub(crate) fn apply(self, x: &mut [f32], columns: usize) {
        self.apply_rows(x.chunks_exact_mut(columns));
    }

    /// Does it to all rows.
    pub(crate) fn apply_rows<'x>(self, rows: impl Iterator<Item = &'x mut [f32]>) {
        match self.bias {
            Bias::None if self.after == Monotone::Identity => {}
            Bias::None => by_activation!(self.after, finish(rows)),
            Bias::OfRows(bias) => by_activation!(self.after, finish_rows(rows, bias)),
            Bias::OfColumns(bias) => by_activation!(self.after, finish_columns(rows, bias)),
        }
    }
}

fn finish<'x>(a: impl Function, mut rows: impl Iterator<Item = &'x mut [f32]>) {
    vectorized(
        #[inline(always)]
        || {
            for row in &mut rows {
                row.iter_mut().for_each(|x| *x = a.value(*x));
            }
        },
    );
}

fn finish_rows<'x>(a: impl Function, mut rows: impl Iterator<Item = &'x mut [f32]>, bias: &[f32]) {
    vectorized(
        #[inline(always)]
        || {
            for (row, b) in (&mut rows).zip(bias) {
                row.iter_mut().for_each(|x| *x = a.value(*x + b));
            }
        },
    );
}

fn finish_columns<'x>(
    a: impl Function,
    mut rows: impl Iterator<Item = &'x mut [f32]>,
    bias: &[f32],
) {
    vectorized(
        #[inline(always)]
        || {
            for row in &mut rows {
                for (x, b) in row.iter_mut().zip(bias) {
                    *x = a.value(*x + b);
                }
            }
        },
    );
}
