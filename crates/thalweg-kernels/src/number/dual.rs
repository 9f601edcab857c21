//! Numbers with a derivative.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Number;

/// A number and its derivative by one variable: forward differentiation of a formula.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dual<N> {
    pub(crate) value: N,
    pub(crate) slope: N,
}

impl<N: Number> Dual<N> {
    /// A number that does not depend on the variable.
    #[inline(always)]
    pub(crate) fn constant_of(value: N) -> Self {
        let slope = value.like(0.0);
        Self { value, slope }
    }

    /// The variable itself.
    #[inline(always)]
    pub(crate) fn variable(value: N) -> Self {
        let slope = value.like(1.0);
        Self { value, slope }
    }

    /// A function of the number, by its value and its derivative.
    #[inline(always)]
    fn chain(self, value: N, slope: N) -> Self {
        Self {
            value,
            slope: slope * self.slope,
        }
    }
}

impl<N: Number> Add for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            slope: self.slope + other.slope,
        }
    }
}

impl<N: Number> Sub for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self {
            value: self.value - other.value,
            slope: self.slope - other.slope,
        }
    }
}

impl<N: Number> Mul for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            slope: self.slope * other.value + self.value * other.slope,
        }
    }
}

impl<N: Number> Div for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        Self {
            value,
            slope: (self.slope - value * other.slope) / other.value,
        }
    }
}

impl<N: Number> Neg for Dual<N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self {
            value: -self.value,
            slope: -self.slope,
        }
    }
}

impl<N: Number> Number for Dual<N> {
    type Mask = N::Mask;

    #[inline(always)]
    fn like(self, constant: f64) -> Self {
        Self::constant_of(self.value.like(constant))
    }
    #[inline(always)]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Self {
            value: self.value.mul_add(factor.value, term.value),
            slope: self.slope * factor.value + self.value * factor.slope + term.slope,
        }
    }
    #[inline(always)]
    fn abs(self) -> Self {
        let one = self.value.like(1.0);
        let sign = N::select(self.value.less(self.value.like(0.0)), -one, one);
        self.chain(self.value.abs(), sign)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.chain(root, root.like(0.5) / root)
    }
    #[inline(always)]
    fn exp(self) -> Self {
        let value = self.value.exp();
        self.chain(value, value)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        self.chain(self.value.ln(), self.value.like(1.0) / self.value)
    }
    #[inline(always)]
    fn ln_1p(self) -> Self {
        let one = self.value.like(1.0);
        self.chain(self.value.ln_1p(), one / (one + self.value))
    }
    #[inline(always)]
    fn tanh(self) -> Self {
        let value = self.value.tanh();
        self.chain(value, value.like(1.0) - value * value)
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self::Mask {
        self.value.less(other.value)
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        Self {
            value: N::select(mask, yes.value, no.value),
            slope: N::select(mask, yes.slope, no.slope),
        }
    }
    #[inline(always)]
    fn largest(self) -> Self {
        Self::constant_of(self.value.largest())
    }
    #[inline(always)]
    fn largest_exponent(self) -> Self {
        Self::constant_of(self.value.largest_exponent())
    }
    #[inline(always)]
    fn constant(self) -> Self {
        Self::constant_of(self.value)
    }
}
