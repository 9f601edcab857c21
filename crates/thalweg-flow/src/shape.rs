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
pub fn nothing<const D: usize>(x: &Tensor<D>) -> Option<(Tensor<D>, LogDet)> {
    (x.dims()[0] == 0).then(|| (x.clone(), sum_features(x.clone())))
}

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
