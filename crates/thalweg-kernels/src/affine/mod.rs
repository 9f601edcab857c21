//! The affine map of a coupling.

#[cfg(feature = "flex")]
mod host;
#[cfg(feature = "flex")]
pub(crate) mod scale;

use burn::tensor::Tensor;

use crate::places::{plain_merge, plain_take};
use crate::{LogScale, Places, factor, saturate, sum_features};

/// Which way through a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Data to latent.
    Forward,
    /// Latent to data.
    Inverse,
}

/// `y = x ⊙ exp(s) + t`, or `x = (y − t) ⊙ exp(−s)`, at some features, the others as they are, and the
/// log-determinant a sample, `±Σ s`.
///
/// `places` are those of the features that stay and of those that are mapped. `parameters` are
/// `[batch, 2 · mapped, ..]` for `x` of `[batch, features, ..]`: first `t`, then what `scale` makes `s`
/// of. What overflows is the largest number of the dtype; `exp(s)` is the [`factor`] of `s`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_kernels::{Direction, LogScale, Places, affine};
///
/// let device = Device::default();
/// let x = Tensor::<2>::ones([5, 3], &device);
/// let parameters = Tensor::<2>::zeros([5, 6], &device);
/// let places = [Places::NONE, Places::all(3)];
/// let (y, log_det) = affine(x.clone(), places, parameters, LogScale::Plain, Direction::Forward);
/// assert_eq!(y.to_data(), x.to_data());
/// assert_eq!(log_det.dims(), [5]);
/// ```
///
/// # Panics
///
/// When there are not two parameters for each number that is mapped, no feature is mapped, or the
/// places are not those of all features.
pub fn affine<const D: usize>(
    x: Tensor<D>,
    places: [Places; 2],
    parameters: Tensor<D>,
    scale: LogScale,
    direction: Direction,
) -> (Tensor<D>, Tensor<1>) {
    let (mut expected, [kept, mapped]) = (x.dims(), places);
    let features = expected[1];
    assert!(
        kept.are_among(features)
            && mapped.are_among(features)
            && mapped.count > 0
            && kept.count + mapped.count == features,
        "{kept:?} and {mapped:?} are not all of the {features} features that were given"
    );
    expected[1] = 2 * mapped.count;
    let found = parameters.dims();
    assert!(
        found == expected,
        "an affine map of {} of the features of {:?} takes parameters {expected:?}, a shift and a \
         scale for each number, and got {found:?}",
        mapped.count,
        x.dims()
    );
    if x.dims()[0] == 0 {
        let none = Tensor::empty([0], (&x.device(), x.dtype()));
        return (x, none);
    }
    #[cfg(feature = "flex")]
    if let Some(found) = host::run(&x, mapped, &parameters, scale, direction) {
        return found;
    }
    plain(x, places, parameters, scale, direction)
}

/// The same in operations of tensors.
#[doc(hidden)]
pub fn plain<const D: usize>(
    x: Tensor<D>,
    [kept, mapped]: [Places; 2],
    parameters: Tensor<D>,
    scale: LogScale,
    direction: Direction,
) -> (Tensor<D>, Tensor<1>) {
    let shift = parameters.clone().narrow(1, 0, mapped.count);
    let log_scale = scale.apply(parameters.narrow(1, mapped.count, mapped.count));
    let part = plain_take(x.clone(), mapped);
    let (part, log_scale) = match direction {
        Direction::Forward => (part * factor(log_scale.clone()) + shift, log_scale),
        Direction::Inverse => {
            let log_scale = log_scale.neg();
            ((part - shift) * factor(log_scale.clone()), log_scale)
        }
    };
    let (part, log_det) = (saturate(part), sum_features(log_scale));
    if kept.count == 0 {
        return (part, log_det);
    }
    let parts = [plain_take(x, kept), part];
    (plain_merge(parts, [kept, mapped]), log_det)
}
