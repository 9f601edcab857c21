//! What every model asks of its data first.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::points::zero_of;

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

/// The mean over a batch of what a model gives for each sample, `[1]`. For an empty batch it is 0, with a
/// gradient of 0 in each parameter: so it adds nothing to a sum of batches.
pub(crate) fn mean<M: Module>(model: &M, values: Tensor<1>) -> Tensor<1> {
    match values.dims()[0] {
        0 => zero_of(model),
        _ => values.mean(),
    }
}

/// The value of [`mean`].
pub(crate) fn mean_of(values: Tensor<1>) -> Tensor<1> {
    match values.dims()[0] {
        0 => Tensor::zeros([1], (&values.device(), values.dtype())),
        _ => values.mean(),
    }
}
