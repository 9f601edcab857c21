//! The epilogue of a product of matrices: a bias and an activation, in one pass, in place.

use std::ops::Range;

use crate::Activation;
use crate::activation::{Function, by_activation};
use crate::vectorized::vectorized;

/// The bias of a product.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bias<'a> {
    None,
    OfRows(&'a [f32]),
    OfColumns(&'a [f32]),
}

/// The map of each number of a product: `x ← a(x + b)`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Epilogue<'a> {
    pub(crate) bias: Bias<'a>,
    pub(crate) activation: Option<Activation>,
}

impl Epilogue<'_> {
    pub(crate) const NONE: Self = Self {
        bias: Bias::None,
        activation: None,
    };

    /// The epilogue of some of the rows.
    pub(crate) fn rows_at(self, range: Range<usize>) -> Self {
        let bias = match self.bias {
            Bias::OfRows(bias) => Bias::OfRows(&bias[range]),
            bias => bias,
        };
        Self { bias, ..self }
    }

    /// The epilogue of some of the columns.
    pub(crate) fn columns_at(self, range: Range<usize>) -> Self {
        let bias = match self.bias {
            Bias::OfColumns(bias) => Bias::OfColumns(&bias[range]),
            bias => bias,
        };
        Self { bias, ..self }
    }

    /// Applies it to a product with this many columns.
    pub(crate) fn apply(self, x: &mut [f32], columns: usize) {
        self.apply_rows(x.chunks_exact_mut(columns.max(1)));
    }

    pub(crate) fn apply_rows<'x>(self, rows: impl Iterator<Item = &'x mut [f32]>) {
        match (self.bias, self.activation) {
            (Bias::None, None) => {}
            (bias, activation) => by_activation!(activation, apply_rows(rows, bias)),
        }
    }
}

fn apply_rows<'x>(a: impl Function, mut rows: impl Iterator<Item = &'x mut [f32]>, bias: Bias<'_>) {
    vectorized(
        #[inline(always)]
        || match bias {
            Bias::None => {
                for row in &mut rows {
                    row.iter_mut().for_each(|x| *x = a.value(*x));
                }
            }
            Bias::OfRows(bias) => {
                for (row, b) in (&mut rows).zip(bias) {
                    row.iter_mut().for_each(|x| *x = a.value(*x + b));
                }
            }
            Bias::OfColumns(bias) => {
                for row in &mut rows {
                    for (x, b) in row.iter_mut().zip(bias) {
                        *x = a.value(*x + b);
                    }
                }
            }
        },
    );
}
