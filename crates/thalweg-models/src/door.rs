//! The checks of data that all models share, and the reductions over a batch.

use burn::module::Module;
use burn::tensor::Tensor;
use thalweg_flow::points::zero_of;
use thalweg_flow::{Condition, Dequantize, FlowError, Warning};

use crate::variational::importance_bound;

/// Asserts that a batch has samples of a model's shape.
///
/// # Panics
///
/// When it has not, naming the model and both shapes.
#[track_caller]
pub(crate) fn assert_shape<const D: usize>(model: &str, what: &str, x: &Tensor<D>, each: &[usize]) {
    let found = x.dims();
    let expected = || each.iter().map(|number| format!(", {number}"));
    assert!(
        found[1..] == *each,
        "{model}: {what} of shape [batch{}], got {found:?}",
        expected().collect::<String>()
    );
}

/// Asserts that a batch of rows has this many columns.
///
/// # Panics
///
/// When it has not, naming the model and both shapes.
#[track_caller]
pub(crate) fn assert_columns(model: &str, what: &str, found: [usize; 2], columns: usize) {
    assert!(
        found[1] == columns,
        "{model}: {what} of shape [batch, {columns}], got {found:?}"
    );
}

/// Asserts that there is a label for each sample, or, where `one_for_all`, one for all of them.
///
/// # Panics
///
/// When there is not, naming the model and both numbers.
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

/// Asserts that a condition has one row, or one for each sample.
///
/// # Panics
///
/// When it has not, naming the model and both numbers.
#[track_caller]
pub(crate) fn assert_condition<C: Condition>(model: &str, context: &C, samples: usize) {
    if let Some(rows) = context.rows() {
        assert_count(model, "the condition", rows, samples, true);
    }
}

/// The result of a fit to levels, and the warnings about them.
///
/// # Errors
///
/// Fewer than two samples, values that are no levels, and the errors of the fit.
pub(crate) fn fit<T, const D: usize>(
    model: &'static str,
    dequantize: Dequantize,
    levels: &Tensor<D>,
    fit: impl FnOnce() -> Result<T, FlowError>,
) -> Result<(T, Vec<Warning>), FlowError> {
    let rows = levels.dims()[0];
    if rows < 2 {
        return Err(FlowError::TooFewRows {
            what: model,
            rows,
            needed: 2,
        });
    }
    let (fitted, warnings) = Warning::gather(|| {
        dequantize.check_for_fitting(levels)?;
        fit()
    });
    Ok((fitted?, warnings))
}

/// The importance-weighted bound of `k` evaluations of `log_prob`, for each sample.
pub(crate) fn importance<const D: usize>(
    levels: Tensor<D>,
    k: usize,
    mut log_prob: impl FnMut(Tensor<D>) -> Result<Tensor<1>, FlowError>,
) -> Result<Vec<f64>, FlowError> {
    if levels.dims()[0] == 0 {
        return Ok(vec![]);
    }
    importance_bound(
        k,
        1,
        |_| Ok(log_prob(levels.clone())?.unsqueeze_dim::<2>(0)),
    )
}

/// The mean over a batch, `[1]`. For an empty batch it is 0, with a gradient of 0 in each parameter
/// of the model.
pub(crate) fn mean<M: Module>(model: &M, values: Tensor<1>) -> Tensor<1> {
    match values.dims()[0] {
        0 => zero_of(model),
        _ => values.mean(),
    }
}

/// `Σ w v / Σ w`, `[1]`, with weights from 0 on, one a row: the [`mean`] of rows that count `w` times. Where no row
/// counts it is 0, with a gradient of 0 in each parameter of the model.
///
/// # Panics
///
/// For another number of weights than values.
#[track_caller]
pub(crate) fn weighted_mean<M: Module>(
    model: &M,
    values: Tensor<1>,
    weights: Tensor<1>,
) -> Tensor<1> {
    let (rows, given) = (values.dims()[0], weights.dims()[0]);
    assert!(
        rows == given,
        "one weight for each of {rows} rows, got {given}"
    );
    if rows == 0 {
        return zero_of(model);
    }
    let total = weights
        .clone()
        .sum()
        .clamp_min(f64::from(f32::MIN_POSITIVE));
    (values * weights).sum() / total
}

/// The value of [`mean`].
pub(crate) fn mean_of(values: Tensor<1>) -> Tensor<1> {
    match values.dims()[0] {
        0 => Tensor::zeros([1], (&values.device(), values.dtype())),
        _ => values.mean(),
    }
}
