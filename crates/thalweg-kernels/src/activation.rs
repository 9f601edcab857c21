//! Functions between two layers.

use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use crate::number::Number;
use crate::vectorized::vectorized;

/// The function between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// `max(0, x)`.
    Relu,
    /// `tanh x`.
    Tanh,
    /// `x σ(x)`.
    Silu,
    /// `max(x, x / 10)`.
    LeakyRelu,
}

impl Activation {
    /// Applies the function elementwise.
    pub fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu => activation::relu(x),
            Self::Tanh => x.tanh(),
            Self::Silu => x.clone() * crate::sigmoid(x),
            Self::LeakyRelu => activation::leaky_relu(x, LEAK),
        }
    }

    /// `a(x)` and its derivative `a′(x)`, elementwise. At a kink, `x = 0`, the derivative is the one on the
    /// left.
    ///
    /// Both are ordinary operations of tensors, so that a tangent `a′(x) e` has a gradient of its own.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_kernels::Activation;
    ///
    /// let x = Tensor::<1>::from_floats([-2.0, 3.0], &Device::default());
    /// let (y, slope) = Activation::Relu.with_slope(x);
    /// assert_eq!(y.into_data().to_vec::<f32>().unwrap(), [0.0, 3.0]);
    /// assert_eq!(slope.into_data().to_vec::<f32>().unwrap(), [0.0, 1.0]);
    /// ```
    pub fn with_slope<const D: usize>(self, x: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let stepped = |x: &Tensor<D>, below: f64| {
            let above = x.clone().greater_elem(0.0);
            x.full_like(below).mask_fill(above, 1.0)
        };
        match self {
            Self::Relu | Self::LeakyRelu => {
                let below = if self == Self::Relu { 0.0 } else { LEAK };
                let slope = stepped(&x, below);
                (self.apply(x), slope)
            }
            Self::Tanh => {
                let y = x.tanh();
                let slope = y.clone().square().neg().add_scalar(1.0);
                (y, slope)
            }
            Self::Silu => {
                let s = crate::sigmoid(x.clone());
                let y = x * s.clone();
                let slope = s.clone() + y.clone() * s.neg().add_scalar(1.0);
                (y, slope)
            }
        }
    }
}

/// `x ← a(x)`; `None` is the identity.
pub fn activate(activation: Option<Activation>, x: &mut [f32]) {
    if activation.is_some() {
        by_activation!(activation, apply_in_place(x));
    }
}

/// `x ← a(x)`, and `slope ← a′(x)` at the old `x`; `None` is the identity. At a kink the slope is as in
/// [`Activation::with_slope`].
///
/// # Panics
///
/// When the slices differ in length.
pub fn activate_with_slope(activation: Option<Activation>, x: &mut [f32], slope: &mut [f32]) {
    assert!(
        x.len() == slope.len(),
        "an activation of {} numbers got {} slopes",
        x.len(),
        slope.len()
    );
    by_activation!(activation, with_slope_in_place(x, slope));
}

fn with_slope_in_place<A: Function>(a: A, x: &mut [f32], slope: &mut [f32]) {
    vectorized(
        #[inline(always)]
        || {
            for (x, slope) in x.iter_mut().zip(slope.iter_mut()) {
                let y = a.value(*x);
                let kept = if A::NEEDS_INPUT { *x } else { y };
                (*x, *slope) = (y, a.gradient(kept, 1.0));
            }
        },
    );
}

/// `g ← g a′`, from the outputs `a(x)`, for an activation whose derivative does not
/// [need its input](needs_input).
#[cfg(feature = "host")]
pub(crate) fn activation_gradient(
    activation: Option<Activation>,
    gradient: &mut [f32],
    kept: &[f32],
) {
    if activation.is_some() {
        by_activation!(activation, gradient_in_place(gradient, kept));
    }
}

#[cfg(feature = "host")]
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

fn apply_in_place(a: impl Function, x: &mut [f32]) {
    vectorized(
        #[inline(always)]
        || x.iter_mut().for_each(|x| *x = a.value(*x)),
    );
}

/// Whether the derivative is a function of the input alone.
#[cfg(feature = "host")]
pub(crate) fn needs_input(activation: Option<Activation>) -> bool {
    fn of<A: Function>(_: A) -> bool {
        A::NEEDS_INPUT
    }
    by_activation!(activation, of())
}

/// An activation as a type, for loops without a branch a number. NaN passes through all.
pub(crate) trait Function: Copy {
    /// Whether the derivative is a function of the input alone: SiLU takes some values twice.
    const NEEDS_INPUT: bool = false;
    /// `a(x)`.
    fn value<N: Number>(self, x: N) -> N;
    /// `g a′`, from the output or, where the activation needs it, the input.
    fn gradient<N: Number>(self, kept: N, g: N) -> N;
}

macro_rules! function {
    (
        $name:ident, |$x:ident| $value:expr, |$kept:ident, $g:ident| $gradient:expr
        $(, needs_input: $needs_input:literal)?
    ) => {
        #[derive(Clone, Copy)]
        pub(crate) struct $name;

        impl Function for $name {
            $(const NEEDS_INPUT: bool = $needs_input;)?

            #[inline(always)]
            fn value<N: Number>(self, $x: N) -> N {
                $value
            }

            #[inline(always)]
            fn gradient<N: Number>(self, $kept: N, $g: N) -> N {
                $gradient
            }
        }
    };
}

/// The factor of [`Activation::LeakyRelu`] for negative numbers.
const LEAK: f64 = 0.1;

/// `x · factor` where it is below 0.
#[inline(always)]
fn leak<N: Number>(x: N, factor: f64) -> N {
    N::select(x.less(x.like(0.0)), x.like(factor) * x, x)
}

/// `g · factor` where the output is not above 0.
#[inline(always)]
fn leak_back<N: Number>(y: N, g: N, factor: f64) -> N {
    N::select(y.like(0.0).less(y), g, y.like(factor) * g)
}

function!(Identity, |x| x, |_y, g| g);
function!(
    Relu,
    |x| N::select(x.less(x.like(0.0)), x.like(0.0), x),
    |y, g| N::select(y.like(0.0).less(y), g, y.like(0.0))
);
function!(Tanh, |x| x.tanh(), |y, g| g * (y.like(1.0) - y * y));
function!(LeakyRelu, |x| leak(x, LEAK), |y, g| leak_back(y, g, LEAK));
function!(
    Silu,
    |x| x * sigmoids(x)[0],
    |x, g| {
        let [s, rest] = sigmoids(x);
        g * (s + bounded(x) * s * rest)
    },
    needs_input: true
);

/// `σ(x)` and `1 − σ(x) = σ(−x)`, neither from the other, whose digits would cancel.
#[inline(always)]
fn sigmoids<N: Number>(x: N) -> [N; 2] {
    let x = bounded(x);
    let (one, small) = (x.like(1.0), (-x.abs()).exp());
    let (all, negative) = (one + small, x.less(x.like(0.0)));
    let of = |below, above| N::select(negative, below, above) / all;
    [of(small, one), of(one, small)]
}

/// A number that is not below the smallest exponent: the sigmoid stays above 0, as in tensors.
#[inline(always)]
fn bounded<N: Number>(x: N) -> N {
    x.or_above(-x.largest_exponent())
}

/// One loop for each activation.
macro_rules! by_activation {
    ($activation:expr, $loop:ident($($argument:expr),*)) => {
        match $activation {
            None => $loop($crate::activation::Identity, $($argument),*),
            Some($crate::Activation::Relu) => $loop($crate::activation::Relu, $($argument),*),
            Some($crate::Activation::Tanh) => $loop($crate::activation::Tanh, $($argument),*),
            Some($crate::Activation::LeakyRelu) => $loop($crate::activation::LeakyRelu, $($argument),*),
            Some($crate::Activation::Silu) => $loop($crate::activation::Silu, $($argument),*),
        }
    };
}
pub(crate) use by_activation;
