//! Activations in place.

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
pub(super) trait Function: Copy {
    /// `a(x)`.
    fn value(self, x: f32) -> f32;
    /// `g a′`, told from the output `y`.
    fn slope(self, y: f32, g: f32) -> f32;
}

macro_rules! function {
    ($name:ident, |$x:ident| $value:expr, |$y:ident, $g:ident| $slope:expr) => {
        #[derive(Clone, Copy)]
        pub(super) struct $name;

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

pub(super) use by_activation;

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

fn apply(a: impl Function, x: &mut [f32]) {
    vectorized(
        #[inline(always)]
        || x.iter_mut().for_each(|x| *x = a.value(*x)),
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
