//! Functions between two layers.

use burn::tensor::{Tensor, activation};
use serde::{Deserialize, Serialize};

use crate::number::Number;
use crate::vectorized::vectorized;

/// The function between two layers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Activation {
    /// `max(0, x)`.
    Relu,
    /// `tanh x`.
    Tanh,
    /// `x σ(x)`.
    Silu,
    /// `max(x, x / 10)`.
    LeakyRelu,
    /// `x` above 0 and `slope · x` below, for a slope from 0 on.
    LeakySlope(f64),
    /// `x` above 0 and `eˣ − 1` below.
    ///
    /// Clevert, Unterthiner, Hochreiter: *Fast and accurate deep network learning by exponential linear
    /// units (ELUs)*, 2016, eq. 15 with `α = 1`.
    Elu,
    /// `x Φ(x)`, `Φ` the standard normal distribution function.
    ///
    /// Hendrycks, Gimpel: *Gaussian error linear units (GELUs)*, 2016, section 2.
    Gelu,
}

impl Activation {
    /// Applies the function elementwise.
    ///
    /// See [`with_slope`](Self::with_slope) for an example.
    pub fn apply<const D: usize>(self, x: Tensor<D>) -> Tensor<D> {
        match self {
            Self::Relu => activation::relu(x),
            Self::Tanh => x.tanh(),
            Self::Silu => x.clone() * crate::sigmoid(x),
            Self::LeakyRelu => activation::leaky_relu(x, LEAK),
            Self::LeakySlope(slope) => activation::leaky_relu(x, slope),
            Self::Elu => {
                let below = x.clone().clamp_max(0.0).exp().sub_scalar(1.0);
                let above = x.clone().greater_elem(0.0);
                below.mask_where(above, x)
            }
            Self::Gelu => normal_share(x.clone()) * x,
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
    /// let (y, slope) = Activation::Relu.with_slope(x.clone());
    /// assert_eq!(y.to_data().try_to_vec::<f32>().unwrap(), [0.0, 3.0]);
    /// assert_eq!(y.into_data(), Activation::Relu.apply(x).into_data());
    /// assert_eq!(slope.into_data().try_to_vec::<f32>().unwrap(), [0.0, 1.0]);
    /// ```
    pub fn with_slope<const D: usize>(self, x: Tensor<D>) -> (Tensor<D>, Tensor<D>) {
        let stepped = |x: &Tensor<D>, below: f64| {
            let above = x.clone().greater_elem(0.0);
            x.full_like(below).mask_fill(above, 1.0)
        };
        match self {
            Self::Relu | Self::LeakyRelu | Self::LeakySlope(_) => {
                let below = match self {
                    Self::LeakyRelu => LEAK,
                    Self::LeakySlope(slope) => slope,
                    _ => 0.0,
                };
                let slope = stepped(&x, below);
                (self.apply(x), slope)
            }
            Self::Elu => {
                let slope = x.clone().clamp_max(0.0).exp();
                (self.apply(x), slope)
            }
            Self::Gelu => {
                let share = normal_share(x.clone());
                let density = x.clone().square().mul_scalar(-0.5).exp();
                let density = density.mul_scalar(1.0 / std::f64::consts::TAU.sqrt());
                (x.clone() * share.clone(), share + x * density)
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

/// `Φ(x)` of the standard normal distribution.
fn normal_share<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let erf = x.mul_scalar(std::f64::consts::FRAC_1_SQRT_2).erf();
    erf.add_scalar(1.0).mul_scalar(0.5)
}

/// `x ← a(x)`; `None` is the identity.
///
/// ```
/// use thalweg_kernels::{Activation, activate};
///
/// let mut x = [-2.0, 3.0];
/// activate(None, &mut x);
/// assert_eq!(x, [-2.0, 3.0]);
/// activate(Some(Activation::LeakySlope(0.5)), &mut x);
/// assert_eq!(x, [-1.0, 3.0]);
/// ```
pub fn activate(activation: Option<Activation>, x: &mut [f32]) {
    if activation.is_some() {
        by_activation!(activation, apply_in_place(x));
    }
}

/// `x ← σ(x)`, the factors of gates.
///
/// ```
/// let mut x = [0.0, 100.0];
/// thalweg_kernels::gates(&mut x);
/// assert_eq!(x, [0.5, 1.0]);
/// ```
pub fn gates(x: &mut [f32]) {
    vectorized(
        #[inline(always)]
        || x.iter_mut().for_each(|x| *x = sigmoids(*x)[0]),
    );
}

/// `x ← a(x)`, and `slope ← a′(x)` at the old `x`; `None` is the identity. At a kink the slope is as in
/// [`Activation::with_slope`].
///
/// ```
/// use thalweg_kernels::{Activation, activate_with_slope};
///
/// let (mut x, mut slope) = ([-2.0, 3.0], [0.0; 2]);
/// activate_with_slope(Some(Activation::LeakySlope(0.5)), &mut x, &mut slope);
/// assert_eq!((x, slope), ([-1.0, 3.0], [0.5, 1.0]));
/// ```
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
pub(crate) const LEAK: f64 = 0.1;

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
function!(
    Elu,
    |x| N::select(x.less(x.like(0.0)), less_one(x), x),
    // Below 0 the derivative eˣ is the output and 1.
    |y, g| N::select(y.like(0.0).less(y), g, g * (y + y.like(1.0)))
);
function!(
    Gelu,
    |x| {
        let tail = x * half_erfc(x.abs());
        N::select(x.less(x.like(0.0)), tail, x - tail)
    },
    |x, g| {
        let tail = half_erfc(x.abs());
        let share = N::select(x.less(x.like(0.0)), tail, x.like(1.0) - tail);
        let density = (x.like(-0.5) * x * x).exp() * x.like(1.0 / std::f64::consts::TAU.sqrt());
        g * (share + bounded_product(x, density))
    },
    needs_input: true
);

/// [`Activation::LeakySlope`], and with the slope [`LEAK`] [`Activation::LeakyRelu`].
#[derive(Clone, Copy)]
pub(crate) struct Leaky(pub(crate) f64);

impl Function for Leaky {
    #[inline(always)]
    fn value<N: Number>(self, x: N) -> N {
        leak(x, self.0)
    }

    #[inline(always)]
    fn gradient<N: Number>(self, y: N, g: N) -> N {
        leak_back(y, g, self.0)
    }
}

/// `eˣ − 1` of a number that is not above 0; near 0, where the digits of the exponential cancel, as
/// `2t / (1 − t)` with `t = tanh(x/2)`.
#[inline(always)]
fn less_one<N: Number>(x: N) -> N {
    let t = (x * x.like(0.5)).tanh();
    let near = (t + t) / (x.like(1.0) - t);
    N::select(x.less(x.like(-1.0)), x.exp() - x.like(1.0), near)
}

/// `½ erfc(x / √2)` for `x ≥ 0`, to 1e-7.
///
/// Abramowitz, Stegun: *Handbook of mathematical functions*, 1964, 7.1.26.
#[inline(always)]
fn half_erfc<N: Number>(x: N) -> N {
    let z = x * x.like(std::f64::consts::FRAC_1_SQRT_2);
    let t = z.like(1.0) / z.mul_add(z.like(0.327_591_1), z.like(1.0));
    let mut sum = t.like(1.061_405_429);
    for coefficient in [-1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592] {
        sum = sum.mul_add(t, t.like(coefficient));
    }
    t.like(0.5) * t * sum * (-(z * z)).exp()
}

/// `x · y` where a `y` of 0 wins over an `x` of any size.
#[inline(always)]
fn bounded_product<N: Number>(x: N, y: N) -> N {
    x.saturated() * y
}
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
            Some($crate::Activation::LeakyRelu) => {
                $loop($crate::activation::Leaky($crate::activation::LEAK), $($argument),*)
            }
            Some($crate::Activation::LeakySlope(slope)) => {
                $loop($crate::activation::Leaky(slope), $($argument),*)
            }
            Some($crate::Activation::Elu) => $loop($crate::activation::Elu, $($argument),*),
            Some($crate::Activation::Gelu) => $loop($crate::activation::Gelu, $($argument),*),
            Some($crate::Activation::Silu) => $loop($crate::activation::Silu, $($argument),*),
        }
    };
}
pub(crate) use by_activation;
