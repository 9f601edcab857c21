//! Checks that layers, densities and networks make of their inputs.
//!
//! Burn broadcasts: a layer of two features would accept one column. The checks read sizes on the host
//! and cost nothing.

use std::fmt::Write;

use burn::tensor::Tensor;

use crate::numerics::sum_features;
use crate::{LogDet, probe};

/// Applies the map of a layer to a batch. Checks its features, axis 1, where the layer has a fixed
/// number; returns an [empty batch](nothing) unchanged; shows the result to the [`probe`].
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::numerics::guarded;
///
/// let negate = |x: Tensor<2>| guarded("Negate", Some(3), x, |x| {
///     let log_det = x.clone().sum_dim(1).squeeze_dim(1).zeros_like();
///     (x.neg(), log_det)
/// });
/// let (z, log_det) = negate(Tensor::ones([5, 3], &Device::default()));
/// assert_eq!((z.sum().into_scalar::<f32>(), log_det.dims()), (-15.0, [5]));
/// // An empty batch does not reach the map.
/// assert_eq!(negate(Tensor::zeros([0, 3], &Device::default())).1.dims(), [0]);
/// ```
///
/// # Panics
///
/// Unless `x` has `features` features.
#[track_caller]
pub fn guarded<const D: usize>(
    layer: &str,
    features: Option<usize>,
    x: Tensor<D>,
    map: impl FnOnce(Tensor<D>) -> (Tensor<D>, LogDet),
) -> (Tensor<D>, LogDet) {
    if let Some(features) = features {
        assert_features(layer, features, &x);
    }
    nothing(&x).unwrap_or_else(|| probe::layer(layer, map(x)))
}

/// The result of any layer for a batch without rows, and `None` for other batches. Some of Burn's
/// operations and gradients fail on empty tensors.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::numerics::nothing;
///
/// let device = Device::default();
/// assert!(nothing(&Tensor::<2>::ones([5, 3], &device)).is_none());
/// let (z, log_det) = nothing(&Tensor::<2>::zeros([0, 3], &device)).unwrap();
/// assert_eq!((z.dims(), log_det.dims()), ([0, 3], [0]));
/// ```
pub fn nothing<const D: usize>(x: &Tensor<D>) -> Option<(Tensor<D>, LogDet)> {
    (x.dims()[0] == 0).then(|| (x.clone(), sum_features(x.clone())))
}

/// Checks the features of a layer's input, with a message that names both numbers.
///
/// ```should_panic
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::numerics::assert_features;
///
/// assert_features("MyLayer", 3, &Tensor::<2>::ones([5, 4], &Device::default()));
/// ```
///
/// # Panics
///
/// Unless `x` has this many features, its axis 1.
#[track_caller]
pub fn assert_features<const D: usize>(layer: &str, features: usize, x: &Tensor<D>) {
    let found = x.dims();
    if found[1] != features {
        let rest = if D > 2 { ", .." } else { "" };
        panic!("{layer} is made for [batch, {features}{rest}] and got {found:?}");
    }
}

/// Checks the shape of each sample of a layer's input, with a message that names both.
///
/// ```should_panic
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::numerics::assert_sample_shape;
///
/// assert_sample_shape("MyLayer", &[3, 8, 8], &Tensor::<4>::ones([5, 3, 8, 7], &Device::default()));
/// ```
///
/// # Panics
///
/// Unless each sample of `x` has this shape.
#[track_caller]
pub fn assert_sample_shape<const D: usize>(layer: &str, shape: &[usize], x: &Tensor<D>) {
    let found = x.dims();
    if found[1..] != *shape {
        let mut expected = String::from("batch");
        for size in shape {
            // Writing to a string does not fail.
            let _ = write!(expected, ", {size}");
        }
        panic!("{layer} is made for [{expected}] and got {found:?}");
    }
}

/// Checks that the rows of a condition fit those of the samples.
///
/// ```
/// use thalweg_flow::numerics::assert_rows;
///
/// assert_rows(1, 5);
/// assert_rows(5, 5);
/// assert!(std::panic::catch_unwind(|| assert_rows(2, 5)).is_err());
/// ```
///
/// # Panics
///
/// Unless there is one condition for each sample, or one for all.
#[track_caller]
pub fn assert_rows(conditions: usize, samples: usize) {
    assert!(
        conditions == samples || conditions == 1,
        "a condition has one row for each sample, or one row for all: got {conditions} rows for \
         {samples} samples"
    );
}

/// # Panics
///
/// Unless both parts of a layer have the same shape.
#[track_caller]
pub(crate) fn assert_alike<const D: usize>(layer: &str, names: [&str; 2], dims: [[usize; D]; 2]) {
    let ([first, second], [a, b]) = (names, dims);
    assert!(
        a == b,
        "{layer} takes {first} and {second} of one shape, got {a:?} and {b:?}"
    );
}
