//! What every model asks of its data first.

use burn::tensor::Tensor;

/// Asserts that a batch has rows of a model's shape.
///
/// # Panics
///
/// When it has not, naming the model and both shapes.
#[track_caller]
pub(crate) fn assert_shape<const D: usize>(model: &str, what: &str, x: &Tensor<D>, each: &[usize]) {
    let found = x.dims();
    assert!(
        found[1..] == *each,
        "{model}: {what} of shape {}, got {found:?}",
        with_batch(each)
    );
}

/// Asserts that a condition or labels go with a batch: one for each row, or where `one_for_all` one
/// for all of them.
///
/// # Panics
///
/// When they do not, naming the model and both numbers.
#[track_caller]
pub(crate) fn assert_count(
    model: &str,
    what: &str,
    found: usize,
    samples: usize,
    one_for_all: bool,
) {
    let or = if one_for_all { ", or one for all" } else { "" };
    assert!(
        found == samples || (one_for_all && found == 1),
        "{model}: one of {what} for each of {samples} samples{or}, got {found}"
    );
}

/// `[batch, 3, 8, 8]`.
fn with_batch(each: &[usize]) -> String {
    let numbers = each.iter().map(|number| format!(", {number}"));
    format!("[batch{}]", numbers.collect::<String>())
}

/// The mean over a batch, `[1]`; 0 for an empty one, which so adds nothing to a sum of batches and has
/// no gradient.
pub(crate) fn mean(values: Tensor<1>) -> Tensor<1> {
    match values.dims()[0] {
        0 => values.sum(),
        _ => values.mean(),
    }
}
