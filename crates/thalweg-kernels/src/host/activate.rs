//! Activations and what stands in front of them, in one pass, in place.

use std::ops::Range;

use super::elementary::tanh;
use crate::Activation;
use crate::vectorized::vectorized;

/// An activation, or none, whose derivative can be told from its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Monotone {
    Identity,
    Relu,
    Tanh,
    LeakyRelu,
}

/// What [`Activation::LeakyRelu`] multiplies negative numbers by.
const LEAK: f32 = 0.1;

/// An activation that a loop knows: a choice for each number is no vector. NaN passes through all.
trait Function: Copy {
    /// `a(x)`.
    fn value(self, x: f32) -> f32;
    /// `g a′`, told from the output `y`.
    fn slope(self, y: f32, g: f32) -> f32;
}

macro_rules! function {
    ($name:ident, |$x:ident| $value:expr, |$y:ident, $g:ident| $slope:expr) => {
        #[derive(Clone, Copy)]
        struct $name;

        impl Function for $name {
            #[inline(always)]
            fn value(self, $x: f32) -> f32 {
                $value
            }

            #[inline(always)]
            fn slope(self, $y: f32, $g: f32) -> f32 {
                $slope
            }
        }
    };
}

function!(Identity, |x| x, |_y, g| g);
function!(
    Relu,
    |x| if x < 0.0 { 0.0 } else { x },
    |y, g| if y <= 0.0 { 0.0 } else { g }
);
function!(Tanh, |x| tanh(x), |y, g| g * (1.0 - y * y));
function!(
    LeakyRelu,
    |x| if x < 0.0 { LEAK * x } else { x },
    |y, g| if y <= 0.0 { LEAK * g } else { g }
);

/// One loop for each activation.
macro_rules! by_activation {
    ($activation:expr, $loop:ident($($argument:expr),*)) => {
        match $activation {
            Monotone::Identity => $loop(Identity, $($argument),*),
            Monotone::Relu => $loop(Relu, $($argument),*),
            Monotone::Tanh => $loop(Tanh, $($argument),*),
            Monotone::LeakyRelu => $loop(LeakyRelu, $($argument),*),
        }
    };
}

impl Monotone {
    /// `None` for SiLU, which takes a value twice.
    pub(crate) fn of(activation: Activation) -> Option<Self> {
        match activation {
            Activation::Relu => Some(Self::Relu),
            Activation::Tanh => Some(Self::Tanh),
            Activation::LeakyRelu => Some(Self::LeakyRelu),
            Activation::Silu => None,
        }
    }

    /// `x ← a(x)`.
    pub(crate) fn apply(self, x: &mut [f32]) {
        if self != Self::Identity {
            by_activation!(self, apply(x));
        }
    }

    /// `g ← g a′`, told from the outputs `y`.
    pub(crate) fn slope(self, gradient: &mut [f32], outputs: &[f32]) {
        if self != Self::Identity {
            by_activation!(self, slope(gradient, outputs));
        }
    }
}

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

fn apply(a: impl Function, x: &mut [f32]) {
    vectorized(
        #[inline(always)]
        || x.iter_mut().for_each(|x| *x = a.value(*x)),
    );
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

fn slope(a: impl Function, gradient: &mut [f32], outputs: &[f32]) {
    vectorized(
        #[inline(always)]
        || {
            for (g, y) in gradient.iter_mut().zip(outputs) {
                *g = a.slope(*y, *g);
            }
        },
    );
}
