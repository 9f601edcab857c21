//! What follows a product of matrices: a bias and an activation, in one pass, in place; and the
//! gradient of the activation.

use std::ops::Range;

use crate::Activation;
use crate::number::Number;
use crate::number::elementary::tanh;
use crate::numerics::EXPONENTS;
use crate::vectorized::vectorized;

/// What is added to a product.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bias<'a> {
    None,
    OfRows(&'a [f32]),
    OfColumns(&'a [f32]),
}

/// What is done to each number of a product: `x ← a(x + b)`.
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

/// `x ← a(x)`.
pub(crate) fn activate(activation: Option<Activation>, x: &mut [f32]) {
    Epilogue {
        bias: Bias::None,
        activation,
    }
    .apply(x, x.len());
}

/// `g ← g a′`, from the numbers that were kept: the outputs `a(x)`, or the inputs `x` of an activation
/// that [needs them](needs_input).
pub(crate) fn activation_gradient(
    activation: Option<Activation>,
    gradient: &mut [f32],
    kept: &[f32],
) {
    if activation.is_some() {
        by_activation!(activation, gradient_in_place(gradient, kept));
    }
}

fn gradient_in_place(a: impl Function, gradient: &mut [f32], kept: &[f32]) {
    vectorized(
        #[inline(always)]
        || {
            for (g, kept) in gradient.iter_mut().zip(kept) {
                *g = a.gradient(*kept, *g);
            }
        },
    );
}

/// Whether the derivative is a function of the input alone: SiLU takes some values twice.
pub(crate) fn needs_input(activation: Option<Activation>) -> bool {
    activation == Some(Activation::Silu)
}

/// An activation as a type, for loops without a branch a number. NaN passes through all.
trait Function: Copy {
    /// `a(x)`.
    fn value(self, x: f32) -> f32;
    /// `g a′`, from the output or, where the activation needs it, the input.
    fn gradient(self, kept: f32, g: f32) -> f32;
}

macro_rules! function {
    ($name:ident, |$x:ident| $value:expr, |$kept:ident, $g:ident| $gradient:expr) => {
        #[derive(Clone, Copy)]
        struct $name;

        impl Function for $name {
            #[inline(always)]
            fn value(self, $x: f32) -> f32 {
                $value
            }

            #[inline(always)]
            fn gradient(self, $kept: f32, $g: f32) -> f32 {
                $gradient
            }
        }
    };
}

/// The factor of [`Activation::LeakyRelu`] for negative numbers.
const LEAK: f32 = 0.1;

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
function!(Silu, |x| x * bounded(x).sigmoid(), |x, g| {
    let x = bounded(x);
    let s = x.sigmoid();
    g * (s + x * s * (1.0 - s))
});

/// A number that is not below the smallest exponent: the sigmoid stays above 0, as in tensors.
#[inline(always)]
fn bounded(x: f32) -> f32 {
    const LEAST: f32 = -(EXPONENTS as f32);
    if x < LEAST { LEAST } else { x }
}

/// One loop for each activation.
macro_rules! by_activation {
    ($activation:expr, $loop:ident($($argument:expr),*)) => {
        match $activation {
            None => $loop(Identity, $($argument),*),
            Some(Activation::Relu) => $loop(Relu, $($argument),*),
            Some(Activation::Tanh) => $loop(Tanh, $($argument),*),
            Some(Activation::LeakyRelu) => $loop(LeakyRelu, $($argument),*),
            Some(Activation::Silu) => $loop(Silu, $($argument),*),
        }
    };
}
use by_activation;
