//! The operands of a rule: numbers, or tensors of them.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use burn::tensor::Tensor;

/// `f32`, `f64` or a tensor of them, so that a [`Rule`](crate::Rule) has one body for a loop over
/// numbers and for a chain of tensor operations.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_optim::Operand;
///
/// /// `√(x² + 1)`.
/// fn hypotenuse<N: Operand>(x: N) -> N {
///     x.square().plus(N::constant(1.0)).sqrt()
/// }
/// let x = Tensor::<1>::from_floats([0.75], &Device::default());
/// assert_eq!(hypotenuse(0.75_f64), 1.25);
/// assert_eq!(hypotenuse(x).into_scalar::<f32>(), 1.25);
/// ```
pub trait Operand:
    Clone
    + Debug
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + Mul<Self::Scalar, Output = Self>
{
    /// A constant of a formula: `f32` for `f32`, otherwise `f64`.
    type Scalar: Copy + Send + Sync;

    /// The constant nearest to a value.
    fn constant(value: f64) -> Self::Scalar;
    /// `x + c`. A tensor skips the operation for `c = 0`.
    fn plus(self, constant: Self::Scalar) -> Self;
    /// `x²`.
    fn square(self) -> Self;
    /// `√x`.
    fn sqrt(self) -> Self;
    /// `|x|`.
    fn abs(self) -> Self;
    /// 1, −1, or 0 for 0.
    fn sign(self) -> Self;
    /// The larger of two.
    fn max(self, other: Self) -> Self;
}

macro_rules! number {
    ($type:ty) => {
        impl Operand for $type {
            type Scalar = $type;

            #[inline]
            fn constant(value: f64) -> $type {
                value as $type
            }

            #[inline]
            fn plus(self, constant: $type) -> Self {
                self + constant
            }

            #[inline]
            fn square(self) -> Self {
                self * self
            }

            #[inline]
            fn sqrt(self) -> Self {
                self.sqrt()
            }

            #[inline]
            fn abs(self) -> Self {
                self.abs()
            }

            #[inline]
            fn sign(self) -> Self {
                match self.partial_cmp(&0.0) {
                    Some(std::cmp::Ordering::Greater) => 1.0,
                    Some(std::cmp::Ordering::Less) => -1.0,
                    _ => 0.0,
                }
            }

            #[inline]
            fn max(self, other: Self) -> Self {
                if self > other { self } else { other }
            }
        }
    };
}

number!(f32);
number!(f64);

impl<const D: usize> Operand for Tensor<D> {
    type Scalar = f64;

    fn constant(value: f64) -> f64 {
        value
    }

    fn plus(self, constant: f64) -> Self {
        match constant == 0.0 {
            true => self,
            false => self.add_scalar(constant),
        }
    }

    fn square(self) -> Self {
        self.square()
    }

    fn sqrt(self) -> Self {
        self.sqrt()
    }

    fn abs(self) -> Self {
        self.abs()
    }

    fn sign(self) -> Self {
        self.sign()
    }

    fn max(self, other: Self) -> Self {
        self.max_pair(other)
    }
}
