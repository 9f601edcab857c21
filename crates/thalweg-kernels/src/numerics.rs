//! Elementwise functions that stay accurate in f64 on every backend and finite on every finite
//! number, and sums over features.

use burn::tensor::{DType, Tensor};

use crate::largest_of;

/// `ln(1 + eˣ)`, without overflow.
///
/// Burn's own `softplus`, `sigmoid` and `log_sigmoid` compute in f32 on some backends whatever
/// the dtype. The form `x/2 + |x/2| + ln(1 + e^−|x|)` has the derivative ½ at 0, where a maximum
/// would give 0 or 1.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::softplus;
///
/// let x = Tensor::<1>::from_floats([-1000.0, 1000.0], &Device::default());
/// assert_eq!(softplus(x).into_data().try_to_vec::<f32>().unwrap(), [0.0, 1000.0]);
/// ```
pub fn softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let half = x.mul_scalar(0.5);
    let magnitude = half.clone().abs();
    half + magnitude.clone() + magnitude.mul_scalar(-2.0).exp().log1p()
}

/// `ln σ(x) = −ln(1 + e⁻ˣ)`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::log_sigmoid;
///
/// let x = Tensor::<1>::from_floats([-1000.0, 1000.0], &Device::default());
/// assert_eq!(log_sigmoid(x).into_data().try_to_vec::<f32>().unwrap(), [-1000.0, 0.0]);
/// ```
pub fn log_sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    softplus(x.neg()).neg()
}

/// `σ(x) = 1 / (1 + e⁻ˣ)`. Below −[`exponents`] it stays as it is there: an infinite `e⁻ˣ` would
/// make the gradient NaN.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::sigmoid;
///
/// let x = Tensor::<1>::from_floats([-1000.0, 0.0], &Device::default());
/// let y = sigmoid(x).into_data().try_to_vec::<f32>().unwrap();
/// assert!(y[0] > 0.0 && y[1] == 0.5);
/// ```
pub fn sigmoid<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let least = -exponents(x.dtype());
    x.clamp_min(least).neg().exp().add_scalar(1.0).recip()
}

/// The largest number such that its exponential and that of its negative are normal numbers of the
/// dtype: 87 in f32, 708 in f64.
///
/// ```
/// use burn::tensor::DType;
/// use thalweg_kernels::exponents;
///
/// let most = exponents(DType::F64);
/// assert!(most.exp().is_normal() && (-most).exp().is_normal());
/// assert!((most + 2.0).exp().is_infinite());
/// ```
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
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::factor;
///
/// let s = Tensor::<1>::from_floats([0.0, 1000.0], &Device::default());
/// let product = factor(s.clone()) * factor(s.neg());
/// assert!((product - 1.0).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
pub fn factor<const D: usize>(log_scale: Tensor<D>) -> Tensor<D> {
    let most = exponents(log_scale.dtype());
    log_scale.clamp(-most, most).exp()
}

/// [`factor`] of one number.
///
/// ```
/// use thalweg_kernels::factor_of;
///
/// assert_eq!(factor_of(0.0), 1.0);
/// assert!(factor_of(1000.0).is_finite() && factor_of(-1000.0) > 0.0);
/// ```
pub fn factor_of(log_scale: f32) -> f32 {
    const MOST: f32 = EXPONENTS as f32;
    log_scale.clamp(-MOST, MOST).exp()
}

/// Numbers beyond the largest of the dtype as that one, so that an overflow stays a number for
/// the layers behind; NaN stays NaN. There is no gradient there.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::saturate;
///
/// let x = Tensor::<1>::from_floats([f32::INFINITY, 1.0, f32::NEG_INFINITY], &Device::default());
/// let y = saturate(x).into_data().try_to_vec::<f32>().unwrap();
/// assert_eq!(y, [f32::MAX, 1.0, -f32::MAX]);
/// ```
pub fn saturate<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let most = largest_of(x.dtype());
    x.clamp(-most, most)
}

/// The largest magnitude of a network's inputs, `2³⁶`; larger ones count as this. Layers multiply and add, so
/// numbers near the end of the range would overflow and cancel to NaN. No network tells numbers of this size
/// apart.
///
/// See [`network_input`] for an example.
pub const NETWORK_LIMIT: f32 = 68_719_476_736.0;

/// The inputs of a network, those beyond ±[`NETWORK_LIMIT`] as that; NaN stays NaN.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{NETWORK_LIMIT, network_input};
///
/// let x = Tensor::<1>::from_floats([1e30, 2.0], &Device::default());
/// let y = network_input(x).into_data().try_to_vec::<f32>().unwrap();
/// assert_eq!(y, [NETWORK_LIMIT, 2.0]);
/// ```
pub fn network_input<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let limit = f64::from(NETWORK_LIMIT);
    x.clamp(-limit, limit)
}

/// Sums over everything but the batch: `[batch, ..] → [batch]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::sum_features;
///
/// let x = Tensor::<3>::from_floats([[[1.0, 2.0], [3.0, 4.0]], [[0.0; 2]; 2]], &Device::default());
/// assert_eq!(sum_features(x).into_data().try_to_vec::<f32>().unwrap(), [10.0, 0.0]);
/// ```
pub fn sum_features<const D: usize>(x: Tensor<D>) -> Tensor<1> {
    let dims = x.dims();
    let (batch, each): (usize, usize) = (dims[0], dims[1..].iter().product());
    x.reshape([batch, each]).sum_dim(1).reshape([batch])
}

/// The headroom of a product of matrices: one factor is divided by this, which is exact, and
/// the sum multiplied, so that terms which cancel do not overflow before they do.
///
/// ```
/// use thalweg_kernels::HEADROOM;
///
/// let x = f32::MAX;
/// assert!((2.0 * x - x).is_infinite());
/// assert_eq!((2.0 * (x / HEADROOM) - x / HEADROOM) * HEADROOM, x);
/// ```
pub const HEADROOM: f32 = 65_536.0;
