//! Elementwise functions that stay accurate in f64 on every backend, and sums over features.

use burn::tensor::Tensor;

/// `ln(1 + eˣ)`, without overflow.
///
/// Burn's own `softplus`, `sigmoid` and `log_sigmoid` compute in f32 on some backends whatever
/// the dtype. The form `(x + |x|)/2 + ln(1 + e^−|x|)` has the derivative ½ at 0, where a maximum
/// would give 0 or 1.
pub fn softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let magnitude = x.clone().abs();
    (x + magnitude.clone()).mul_scalar(0.5) + magnitude.neg().exp().log1p()
}

/// `ln σ(x) = −ln(1 + e⁻ˣ)`.
pub fn log_sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    softplus(x.neg()).neg()
}

/// `σ(x) = 1 / (1 + e⁻ˣ)`.
pub fn sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    x.neg().exp().add_scalar(1.0).recip()
}

/// Sums over everything but the batch: `[batch, ..] → [batch]`.
pub fn sum_features<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let batch = x.dims()[0];
    x.reshape([batch as i32, -1])
        .sum_dim(1)
        .reshape([batch as i32])
}
