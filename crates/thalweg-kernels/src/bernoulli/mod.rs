//! The likelihood of black and white.

#[cfg(feature = "host")]
mod host;

use burn::tensor::Tensor;

use crate::{softplus, sum_features};

/// `Σ x l − ln(1 + eˡ)` over the numbers of each sample, the log-probability of `x ∈ {0, 1}` given
/// logits `l`: both `[batch, ..]`, to `[batch]`.
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
