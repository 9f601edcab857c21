//! What a formula needs of its numbers: [`Number`]s, or tensors of numbers.

use std::ops::{Add, Div, Mul, Neg, Sub};

use burn::tensor::{Bool, Tensor};

use super::Number;

/// A real number that a formula computes with: a [`Number`], or a tensor of numbers.
///
/// A formula over it is written once for lanes, for their gradients and for tensors. It has no branches, and both sides
/// of a [`select`](Self::select) are numbers with finite slopes: a gradient of 0 times an infinite slope is NaN.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::Real;
///
/// /// ln(2 cosh x) = ln(1 + e²ˣ) − x.
/// fn log_cosh<R: Real>(x: R) -> R {
///     (x.clone() + x.clone()).softplus() - x
/// }
///
/// let exact = (2.0 * 1.5_f64.cosh()).ln();
/// assert!((log_cosh(1.5_f64) - exact).abs() < 1e-12);
/// let x = Tensor::<2>::from_floats([[1.5]], &Device::default());
/// assert!((f64::from(log_cosh(x).into_scalar::<f32>()) - exact).abs() < 1e-6);
/// ```
pub trait Real:
    Clone
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// Where a comparison holds.
    type Mask: Clone;

    /// A constant, in the type and the shape of `self`.
    fn like(&self, constant: f64) -> Self;
    /// `eˣ`.
    fn exp(self) -> Self;
    /// `ln x` of a positive normal number.
    fn ln(self) -> Self;
    /// `√x`.
    fn sqrt(self) -> Self;
    /// `ln(1 + eˣ)`.
    fn softplus(self) -> Self;
    /// `1 / (1 + e⁻ˣ)`.
    fn sigmoid(self) -> Self;
    /// `self < other`, which is false of NaN.
    fn less(&self, other: &Self) -> Self::Mask;
    /// `yes` where the mask holds, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// The same number, which gradients do not pass.
    fn detached(self) -> Self;
    /// Infinite numbers as the largest ones; NaN stays NaN.
    fn saturated(self) -> Self;

    /// The smaller one.
    fn least_of(self, other: Self) -> Self {
        Self::select(self.less(&other), self, other)
    }

    /// The larger one.
    fn largest_of(self, other: Self) -> Self {
        Self::select(self.less(&other), other, self)
    }
}

impl<N: Number> Real for N {
    type Mask = N::Mask;

    #[inline(always)]
    fn like(&self, constant: f64) -> Self {
        Number::like(*self, constant)
    }
    #[inline(always)]
    fn exp(self) -> Self {
        Number::exp(self)
    }
    #[inline(always)]
    fn ln(self) -> Self {
        Number::ln(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Number::sqrt(self)
    }
    #[inline(always)]
    fn softplus(self) -> Self {
        Number::softplus(self)
    }
    #[inline(always)]
    fn sigmoid(self) -> Self {
        Number::sigmoid(self)
    }
    #[inline(always)]
    fn less(&self, other: &Self) -> Self::Mask {
        Number::less(*self, *other)
    }
    #[inline(always)]
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        <N as Number>::select(mask, yes, no)
    }
    #[inline(always)]
    fn detached(self) -> Self {
        self.constant()
    }
    #[inline(always)]
    fn saturated(self) -> Self {
        Number::saturated(self)
    }
}

impl Real for Tensor<2> {
    type Mask = Tensor<2, Bool>;

    fn like(&self, constant: f64) -> Self {
        Tensor::full(
            self.dims(),
            constant,
            (&self.device().without_autodiff(), self.dtype()),
        )
    }
    fn exp(self) -> Self {
        Tensor::exp(self)
    }
    fn ln(self) -> Self {
        self.log()
    }
    fn sqrt(self) -> Self {
        Tensor::sqrt(self)
    }
    fn softplus(self) -> Self {
        crate::softplus(self)
    }
    fn sigmoid(self) -> Self {
        crate::sigmoid(self)
    }
    fn less(&self, other: &Self) -> Self::Mask {
        self.clone().lower(other.clone())
    }
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self {
        no.mask_where(mask, yes)
    }
    fn detached(self) -> Self {
        self.detach()
    }
    fn saturated(self) -> Self {
        crate::saturate(self)
    }
}
