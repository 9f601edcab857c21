//! The lanes of a vector register.

use std::ops::{Add, Div, Mul, Neg, Sub};

use pulp::Simd;

use super::{FRACTION, INTEGERS, LEAST_MANTISSA, Number, ONE, SHIFT, Single, elementary};

/// Numbers of 32 bits side by side in a register of the instruction set `S`.
#[derive(Clone, Copy)]
pub(crate) struct Lanes<S: Simd>(pub(crate) S, pub(crate) S::f32s);

macro_rules! operator {
    ($trait:ident, $method:ident, $of:ident) => {
        impl<S: Simd> $trait for Lanes<S> {
            type Output = Self;

            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(self.0, self.0.$of(self.1, other.1))
            }
        }
    };
}

operator!(Add, add, add_f32s);
operator!(Sub, sub, sub_f32s);
operator!(Mul, mul, mul_f32s);
operator!(Div, div, div_f32s);

impl<S: Simd> Neg for Lanes<S> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self(self.0, self.0.neg_f32s(self.1))
    }
}

impl<S: Simd> Number for Lanes<S> {
    type Mask = (S, S::m32s);

    #[inline(always)]
    fn like(self, constant: f64) -> Self {
        Self(self.0, self.0.splat_f32s(constant as f32))
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Self(self.0, self.0.mul_add_f32s(self.1, factor.1, term.1))
    }

    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0, self.0.abs_f32s(self.1))
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0, self.0.sqrt_f32s(self.1))
    }

    #[inline(always)]
    fn exp(self) -> Self {
        elementary::exp(self)
    }

    #[inline(always)]
    fn ln(self) -> Self {
        elementary::ln(self)
    }

    #[inline(always)]
    fn ln_1p(self) -> Self {
        elementary::ln_1p(self)
    }

    #[inline(always)]
    fn tanh(self) -> Self {
        elementary::tanh(self)
    }

    #[inline(always)]
    fn less(self, other: Self) -> Self::Mask {
        (self.0, self.0.less_than_f32s(self.1, other.1))
    }

    #[inline(always)]
    fn select((simd, mask): Self::Mask, yes: Self, no: Self) -> Self {
        Self(simd, simd.select_f32s(mask, yes.1, no.1))
    }

    #[inline(always)]
    fn largest(self) -> Self {
        Self(self.0, self.0.splat_f32s(f32::MAX))
    }

    #[inline(always)]
    fn largest_exponent(self) -> Self {
        self.like(87.0)
    }
}

impl<S: Simd> Single for Lanes<S> {
    #[inline(always)]
    fn power_of_two(self) -> Self {
        let Self(simd, x) = self;
        let n = simd.transmute_u32s_f32s(simd.add_f32s(x, simd.splat_f32s(SHIFT)));
        let bias = simd.splat_u32s(127u32.wrapping_sub(SHIFT.to_bits()));
        let bits = simd.wrapping_dyn_shl_u32s(simd.add_u32s(n, bias), simd.splat_u32s(23));
        Self(simd, simd.transmute_f32s_u32s(bits))
    }

    #[inline(always)]
    fn mantissa_and_exponent(self) -> [Self; 2] {
        let Self(simd, x) = self;
        let least = simd.splat_u32s(LEAST_MANTISSA);
        let bits = simd.transmute_u32s_f32s(x);
        let bits = simd.add_u32s(bits, simd.splat_u32s(ONE - LEAST_MANTISSA));
        let fraction = simd.and_u32s(bits, simd.splat_u32s(FRACTION));
        let mantissa = simd.transmute_f32s_u32s(simd.add_u32s(fraction, least));
        let exponent = simd.wrapping_dyn_shr_u32s(bits, simd.splat_u32s(23));
        let exponent = simd.or_u32s(exponent, simd.splat_u32s(INTEGERS.to_bits()));
        let exponent = Self(simd, simd.transmute_f32s_u32s(exponent));
        let bias = exponent.like(f64::from(INTEGERS) + 127.0);
        [Self(simd, mantissa), exponent - bias]
    }
}
