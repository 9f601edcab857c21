//! A scale and a shift for each feature.

#[cfg(feature = "flex")]
mod host;

use burn::tensor::Tensor;

/// Which of the two comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `(x − a) ⊙ exp(s)`: a small deviation around a large mean keeps its digits.
    CentreFirst,
    /// `x ⊙ exp(s) + a`.
    ScaleFirst,
}

/// `x` of `[batch, features, ..]` with one log-scale `s` and one shift `a` a feature, in this order.
///
/// # Panics
///
/// When there are not as many of them as features.
pub fn channel_scale<const D: usize>(
    x: Tensor<D>,
    shift: Tensor<1>,
    log_scale: Tensor<1>,
    order: Order,
) -> Tensor<D> {
    let features = [x.dims()[1]];
    assert_eq!(shift.dims(), features, "one shift for each feature");
    assert_eq!(log_scale.dims(), features, "one log-scale for each feature");
    #[cfg(feature = "flex")]
    if let Some(y) = host::run(&x, &shift, &log_scale, order) {
        return y;
    }
    plain(x, shift, log_scale, order)
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn plain<const D: usize>(
    x: Tensor<D>,
    shift: Tensor<1>,
    log_scale: Tensor<1>,
    order: Order,
) -> Tensor<D> {
    let along = |v: Tensor<1>| {
        let mut shape = [1; D];
        shape[1] = v.dims()[0];
        v.reshape(shape)
    };
    let (shift, scale) = (along(shift), along(log_scale.exp()));
    match order {
        Order::CentreFirst => (x - shift) * scale,
        Order::ScaleFirst => x * scale + shift,
    }
}
