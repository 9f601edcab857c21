//! A scale and a shift for each feature.

#[cfg(feature = "flex")]
mod host;

use burn::tensor::Tensor;

use crate::numerics::{factor, saturate};

/// Which of the two comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `(x − a) ⊙ exp(s)`: a small deviation around a large mean keeps its digits.
    CentreFirst,
    /// `x ⊙ exp(s) + a`.
    ScaleFirst,
}

/// `x` of `[batch, features, ..]` with one log-scale `s` and one shift `a` a feature, in this order.
/// What overflows is the largest number of the dtype.
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
    let ([shifts], [scales], dims) = (shift.dims(), log_scale.dims(), x.dims());
    assert!(
        shifts == scales,
        "a map of features has as many shifts as log-scales, got {shifts} and {scales}"
    );
    assert!(
        dims[1] == scales,
        "a scale and a shift of {scales} features got {} of them, in {dims:?}",
        dims[1]
    );
    if dims[0] == 0 {
        return x;
    }
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
    let (shift, scale) = (along(shift), along(factor(log_scale)));
    saturate(match order {
        Order::CentreFirst => (x - shift) * scale,
        Order::ScaleFirst => x * scale + shift,
    })
}
