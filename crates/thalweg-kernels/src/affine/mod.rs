//! The affine map of a coupling.

#[cfg(feature = "flex")]
mod host;

use burn::tensor::Tensor;

use crate::{LogScale, sum_features};

/// Which way through a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Data to latent.
    Forward,
    /// Latent to data.
    Inverse,
}

/// `y = x ⊙ exp(s) + t`, or `x = (y − t) ⊙ exp(−s)`, and the log-determinant a sample, `±Σ s`.
///
/// `parameters` are `[batch, 2 · features, ..]` for `x` of `[batch, features, ..]`: first `t`, then
/// what `scale` makes `s` of.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Direction, LogScale, affine};
///
/// let device = Device::default();
/// let x = Tensor::<2>::ones([5, 3], &device);
/// let parameters = Tensor::<2>::zeros([5, 6], &device);
/// let (y, log_det) = affine(x.clone(), parameters, LogScale::Plain, Direction::Forward);
/// assert_eq!(y.to_data(), x.to_data());
/// assert_eq!(log_det.dims(), [5]);
/// ```
///
/// # Panics
///
/// When there are not twice as many parameters as numbers.
pub fn affine<const D: usize>(
    x: Tensor<D>,
    parameters: Tensor<D>,
    scale: LogScale,
    direction: Direction,
) -> (Tensor<D>, Tensor<1>) {
    let mut expected = x.dims();
    expected[1] *= 2;
    assert_eq!(
        parameters.dims(),
        expected,
        "an affine map takes a shift and a scale for each number"
    );
    #[cfg(feature = "flex")]
    if let Some(found) = host::run(&x, &parameters, scale, direction) {
        return found;
    }
    plain(x, parameters, scale, direction)
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn plain<const D: usize>(
    x: Tensor<D>,
    parameters: Tensor<D>,
    scale: LogScale,
    direction: Direction,
) -> (Tensor<D>, Tensor<1>) {
    let features = x.dims()[1];
    let shift = parameters.clone().narrow(1, 0, features);
    let log_scale = scale.apply(parameters.narrow(1, features, features));
    match direction {
        Direction::Forward => (x * log_scale.clone().exp() + shift, sum_features(log_scale)),
        Direction::Inverse => {
            let log_scale = log_scale.neg();
            (
                (x - shift) * log_scale.clone().exp(),
                sum_features(log_scale),
            )
        }
    }
}
