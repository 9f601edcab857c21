//! Biases and activations in one pass, in place.

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

/// One loop for each activation, which is known inside it: a choice for each number is no vector.
/// NaN passes through all of them.
macro_rules! by_activation {
    ($activation:expr, $loop:ident($($argument:expr),*)) => {
        match $activation {
            Monotone::Identity => $loop($($argument,)* |x| x, |_, g| g),
            Monotone::Relu => $loop(
                $($argument,)*
                |x| if x < 0.0 { 0.0 } else { x },
                |y, g| if y <= 0.0 { 0.0 } else { g },
            ),
            Monotone::Tanh => $loop($($argument,)* |x| tanh(x), |y, g| g * (1.0 - y * y)),
            Monotone::LeakyRelu => $loop(
                $($argument,)*
                |x| if x < 0.0 { LEAK * x } else { x },
                |y, g| if y <= 0.0 { LEAK * g } else { g },
            ),
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

    /// `x ← a(x + b)`, one `b` a column of a matrix.
    pub(crate) fn finish_columns(self, x: &mut [f32], bias: &[f32]) {
        by_activation!(self, finish_columns(x, bias));
    }

    /// `x ← a(x + b)`, one `b` a row of a matrix of this width.
    pub(crate) fn finish_rows(self, x: &mut [f32], width: usize, bias: &[f32]) {
        by_activation!(self, finish_rows(x, width, bias));
    }

    /// `g ← g a′`, told from the outputs `y`.
    pub(crate) fn slope(self, gradient: &mut [f32], outputs: &[f32]) {
        if self != Self::Identity {
            by_activation!(self, slope(gradient, outputs));
        }
    }
}

fn apply(x: &mut [f32], value: impl Fn(f32) -> f32, _: impl Fn(f32, f32) -> f32) {
    vectorized(
        #[inline(always)]
        || x.iter_mut().for_each(|x| *x = value(*x)),
    );
}

fn finish_columns(
    x: &mut [f32],
    bias: &[f32],
    value: impl Fn(f32) -> f32,
    _: impl Fn(f32, f32) -> f32,
) {
    vectorized(
        #[inline(always)]
        || {
            for row in x.chunks_exact_mut(bias.len()) {
                for (x, b) in row.iter_mut().zip(bias) {
                    *x = value(*x + b);
                }
            }
        },
    );
}

fn finish_rows(
    x: &mut [f32],
    width: usize,
    bias: &[f32],
    value: impl Fn(f32) -> f32,
    _: impl Fn(f32, f32) -> f32,
) {
    vectorized(
        #[inline(always)]
        || {
            for (row, b) in x.chunks_exact_mut(width).zip(bias) {
                for x in row {
                    *x = value(*x + b);
                }
            }
        },
    );
}

fn slope(
    gradient: &mut [f32],
    outputs: &[f32],
    _: impl Fn(f32) -> f32,
    slope: impl Fn(f32, f32) -> f32,
) {
    vectorized(
        #[inline(always)]
        || {
            for (g, y) in gradient.iter_mut().zip(outputs) {
                *g = slope(*y, *g);
            }
        },
    );
}
