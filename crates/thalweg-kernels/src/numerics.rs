//! Elementwise functions that stay accurate in f64 on every backend and finite on every finite
//! number, and sums over features.

use burn::tensor::{DType, Tensor};

use crate::largest_of;

/// `ln(1 + eˣ)`, without overflow.
///
/// Burn's own `softplus`, `sigmoid` and `log_sigmoid` compute in f32 on some backends whatever
/// the dtype. The form `x/2 + |x/2| + ln(1 + e^−|x|)` has the derivative ½ at 0, where a maximum
/// would give 0 or 1.
pub fn softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let half = x.mul_scalar(0.5);
    let magnitude = half.clone().abs();
    half + magnitude.clone() + magnitude.mul_scalar(-2.0).exp().log1p()
}

/// `ln σ(x) = −ln(1 + e⁻ˣ)`.
pub fn log_sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    softplus(x.neg()).neg()
}

/// `σ(x) = 1 / (1 + e⁻ˣ)`. Below −[`exponents`] it stays as it is there: an infinite `e⁻ˣ` would
/// make the gradient NaN.
pub fn sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let least = -exponents(x.dtype());
    x.clamp_min(least).neg().exp().add_scalar(1.0).recip()
}

/// The largest number such that its exponential and that of its negative are normal numbers of the
/// dtype: 87 in f32, 708 in f64.
pub fn exponents(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => 708.0,
        DType::F16 => 9.0,
        _ => EXPONENTS,
    }
}

/// [`exponents`] of f32.
pub(crate) const EXPONENTS: f64 = 87.0;

/// `e^s` of log-scales, those beyond ±[`exponents`] as at the end: the factor and its inverse stay
/// numbers above 0. The log-scale itself is not bounded, so that a log-determinant is exact and keeps
/// its gradient, by which training leaves such a region.
pub fn factor<const D: usize>(log_scale: Tensor<D>) -> Tensor<D> {
    let most = exponents(log_scale.dtype());
    log_scale.clamp(-most, most).exp()
}

/// [`factor`] of one number.
pub fn factor_of(log_scale: f32) -> f32 {
    const MOST: f32 = EXPONENTS as f32;
    log_scale.clamp(-MOST, MOST).exp()
}

/// Numbers beyond the largest of the dtype as that one, so that an overflow stays a number for
/// the layers behind; NaN stays NaN. There is no gradient there.
pub fn saturate<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let most = largest_of(x.dtype());
    x.clamp(-most, most)
}

/// The largest magnitude of a network's inputs, `2³⁶`; larger ones count as this. Layers multiply and add, so
/// numbers near the end of the range would overflow and cancel to NaN. No network tells numbers of this size
/// apart.
pub const NETWORK_LIMIT: f32 = 68_719_476_736.0;

/// The inputs of a network, those beyond ±[`NETWORK_LIMIT`] as that; NaN stays NaN.
pub fn network_input<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let limit = f64::from(NETWORK_LIMIT);
    x.clamp(-limit, limit)
}

/// Sums over everything but the batch: `[batch, ..] → [batch]`.
pub fn sum_features<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let dims = x.dims();
    let (batch, each): (usize, usize) = (dims[0], dims[1..].iter().product());
    x.reshape([batch, each]).sum_dim(1).reshape([batch])
}

/// The headroom of a product of matrices: one factor is divided by this, which is exact, and
/// the sum multiplied, so that terms which cancel do not overflow before they do.
pub const HEADROOM: f32 = 65_536.0;
