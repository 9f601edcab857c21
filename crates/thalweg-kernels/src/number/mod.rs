//! One body for each elementwise formula: generic over [`Number`], which `f32`, `f64` and the lanes of
//! a vector register are.

mod dual;
pub(crate) mod elementary;
mod lanes;
mod real;

pub(crate) use dual::Dual;
pub(crate) use lanes::Lanes;
pub use real::Real;

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A real number, or several side by side on which every operation acts.
///
/// A formula has no branches: it computes both sides and [`select`](Self::select)s one.
///
/// ```
/// use thalweg_kernels::Number;
///
/// /// Huber's loss: ½ x² up to 1, |x| − ½ beyond.
/// fn huber<N: Number>(x: N) -> N {
///     let (size, half) = (x.abs(), x.like(0.5));
///     N::select(size.less(x.like(1.0)), half * x * x, size - half)
/// }
///
/// assert_eq!([0.5_f32, -3.0].map(huber), [0.125, 2.5]);
/// assert_eq!(huber(-3.0_f64), 2.5);
/// ```
pub trait Number:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Where a comparison holds.
    type Mask: Copy;

    /// A constant, in the type of `self`.
    fn like(self, constant: f64) -> Self;
    /// `self · factor + term`, rounded once.
    fn mul_add(self, factor: Self, term: Self) -> Self;
    /// `|x|`.
    fn abs(self) -> Self;
    /// `√x`.
    fn sqrt(self) -> Self;
    /// `eˣ`.
    fn exp(self) -> Self;
    /// `ln x` of a positive normal number; smaller ones count as the least of them.
    fn ln(self) -> Self;
    /// `ln(1 + x)` for `0 ≤ x ≤ 1`.
    fn ln_1p(self) -> Self;
    /// `tanh x`.
    fn tanh(self) -> Self;
    /// `self < other`, which is false of NaN.
    fn less(self, other: Self) -> Self::Mask;
    /// `yes` where the mask holds, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// The largest finite number.
    fn largest(self) -> Self;
    /// The largest number whose exponential, and that of its negative, are normal numbers.
    fn largest_exponent(self) -> Self;

    /// The same number, without a derivative where it has one.
    #[inline(always)]
    fn constant(self) -> Self {
        self
    }

    /// The larger one; `self` if the other is NaN.
    #[inline(always)]
    fn or_above(self, least: Self) -> Self {
        Self::select(self.less(least), least, self)
    }

    /// The smaller one; `self` if the other is NaN.
    #[inline(always)]
    fn or_below(self, most: Self) -> Self {
        Self::select(most.less(self), most, self)
    }

    /// Numbers beyond `±most` as that; NaN stays NaN.
    #[inline(always)]
    fn within(self, most: Self) -> Self {
        self.or_below(most).or_above(-most)
    }

    /// Infinite numbers as the largest ones; NaN stays NaN.
    #[inline(always)]
    fn saturated(self) -> Self {
        self.within(self.largest())
    }

    /// `σ(x) = 1 / (1 + e⁻ˣ)`.
    #[inline(always)]
    fn sigmoid(self) -> Self {
        let (zero, one) = (self.like(0.0), self.like(1.0));
        let u = (-self.abs()).exp();
        Self::select(self.less(zero), u, one) / (one + u)
    }

    /// `ln(1 + eˣ)`.
    #[inline(always)]
    fn softplus(self) -> Self {
        self.or_above(self.like(0.0)) + (-self.abs()).exp().ln_1p()
    }
}

/// Numbers of 32 bits: how their exponents are read and written.
pub(crate) trait Single: Number {
    /// `2ⁿ` of a whole number `−126 ≤ n ≤ 127`.
    fn power_of_two(self) -> Self;
    /// `m` and `n` with `x = m 2ⁿ` and `√½ ≤ m < √2`, of a positive normal number.
    fn mantissa_and_exponent(self) -> [Self; 2];
}

/// Adding this leaves the nearest integer in the lowest bits.
pub(crate) const SHIFT: f32 = 12_582_912.0;
/// The bits of the float just above `√½`, at which mantissas begin.
pub(crate) const LEAST_MANTISSA: u32 = 0x3f35_04f3;
pub(crate) const ONE: u32 = 0x3f80_0000;
pub(crate) const FRACTION: u32 = 0x007f_ffff;
/// `2²³`, whose lowest bits are those of an integer added to it.
pub(crate) const INTEGERS: f32 = 8_388_608.0;

impl Single for f32 {
    #[inline(always)]
    fn power_of_two(self) -> Self {
        let n = (self + SHIFT).to_bits().wrapping_sub(SHIFT.to_bits());
        f32::from_bits(n.wrapping_add(127) << 23)
    }

    #[inline(always)]
    fn mantissa_and_exponent(self) -> [Self; 2] {
        let bits = self.to_bits().wrapping_add(ONE - LEAST_MANTISSA);
        let mantissa = f32::from_bits((bits & FRACTION) + LEAST_MANTISSA);
        let exponent = f32::from_bits((bits >> 23) | INTEGERS.to_bits());
        [mantissa, exponent - (INTEGERS + 127.0)]
    }
}

macro_rules! scalar {
    ($float:ty, $exponent:literal, $exp:expr, $ln:expr, $ln_1p:expr, $tanh:expr) => {
        impl Number for $float {
            type Mask = bool;

            #[inline(always)]
            fn like(self, constant: f64) -> Self {
                constant as $float
            }
            #[inline(always)]
            fn mul_add(self, factor: Self, term: Self) -> Self {
                <$float>::mul_add(self, factor, term)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                <$float>::abs(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$float>::sqrt(self)
            }
            #[inline(always)]
            fn exp(self) -> Self {
                $exp(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                $ln(self)
            }
            #[inline(always)]
            fn ln_1p(self) -> Self {
                $ln_1p(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $tanh(self)
            }
            #[inline(always)]
            fn less(self, other: Self) -> bool {
                self < other
            }
            #[inline(always)]
            fn select(mask: bool, yes: Self, no: Self) -> Self {
                if mask { yes } else { no }
            }
            #[inline(always)]
            fn largest(self) -> Self {
                <$float>::MAX
            }
            #[inline(always)]
            fn largest_exponent(self) -> Self {
                $exponent
            }
        }
    };
}

scalar!(
    f32,
    87.0,
    elementary::exp,
    elementary::ln,
    elementary::ln_1p,
    elementary::tanh
);
scalar!(f64, 708.0, f64::exp, f64::ln, f64::ln_1p, f64::tanh);
