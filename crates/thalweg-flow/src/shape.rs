//! What a layer says to a batch that it is not made for.
//!
//! Burn broadcasts: one column given to a layer of two gives two columns, without a word. So each layer, base density and network looks at the shapes
//! at its door. That reads sizes on the host and costs nothing.

use std::fmt::Write;

use burn::tensor::Tensor;

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
/// Unless the parts that a layer is given are as long as each other.
#[track_caller]
pub(crate) fn assert_alike<const D: usize>(layer: &str, names: [&str; 2], dims: [[usize; D]; 2]) {
    let ([first, second], [a, b]) = (names, dims);
    assert!(
        a == b,
        "{layer} takes {first} and {second} of one shape, got {a:?} and {b:?}"
    );
}
