//! The likelihood of black and white.

#[cfg(feature = "host")]
mod host;

use burn::tensor::Tensor;

use crate::{softplus, sum_features};

/// `Σ x l − ln(1 + eˡ)` over the numbers of each sample, the log-probability of `x ∈ {0, 1}` given
/// logits `l`: both `[batch, ..]`, to `[batch]`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::bernoulli;
///
/// let device = Device::default();
/// let x = Tensor::<2>::from_floats([[1.0, 0.0]], &device);
/// // The probability of 1 is ¾.
/// let logits = Tensor::full([1, 2], 3.0_f32.ln(), &device);
/// let probability = bernoulli(x, logits).exp().into_scalar::<f32>();
/// assert!((probability - 0.75 * 0.25).abs() < 1e-6);
/// ```
///
/// # Panics
///
/// When their shapes differ.
pub fn bernoulli<const D: usize>(x: Tensor<D>, logits: Tensor<D>) -> Tensor<1> {
    let (seen, given) = (x.dims(), logits.dims());
    assert!(
        seen == given,
        "there is one logit for each number: numbers {seen:?} got logits {given:?}"
    );
    if x.dims()[0] == 0 {
        return sum_features(logits);
    }
    #[cfg(feature = "host")]
    if let Some(sum) = host::run(&x, &logits) {
        return sum;
    }
    #[cfg(not(feature = "host"))]
    crate::chain::without_host();
    plain(x, logits)
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn plain<const D: usize>(x: Tensor<D>, logits: Tensor<D>) -> Tensor<1> {
    sum_features(x * logits.clone() - softplus(logits))
}
