//! Codes on the host, and the marginal frequencies of levels.

use burn::tensor::{Int, Tensor};
use thalweg_flow::FlowError;

/// Calls `see(row, variable, code)` with every code.
///
/// # Errors
///
/// [`FlowError::NotACode`] for the first that is no level of its variable.
pub(super) fn each_code(
    levels: &[usize],
    codes: &Tensor<2, Int>,
    mut see: impl FnMut(usize, usize, usize),
) -> Result<(), FlowError> {
    let data = codes.to_data();
    for (index, code) in data.iter::<i64>().enumerate() {
        let (row, variable) = (index / levels.len(), index % levels.len());
        let levels = levels[variable];
        match usize::try_from(code) {
            Ok(code) if code < levels => see(row, variable, code),
            _ => {
                return Err(FlowError::NotACode {
                    row,
                    variable,
                    code,
                    levels,
                });
            }
        }
    }
    Ok(())
}

/// `ln` of the smoothed frequencies of all levels of each variable, but for a constant.
///
/// # Errors
///
/// As [`CategoricalModel::initialize`](super::CategoricalModel::initialize).
///
/// # Panics
///
/// As there.
pub(super) fn marginal_logits(
    levels: &[usize],
    codes: &Tensor<2, Int>,
    weights: Option<&[f64]>,
    smoothing: f64,
) -> Result<Vec<Vec<f64>>, FlowError> {
    let rows = codes.dims()[0];
    if rows == 0 {
        return Err(FlowError::TooFewRows {
            what: "a categorical model",
            rows,
            needed: 1,
        });
    }
    let weights = effective(weights, rows)?;
    let mut counts: Vec<Vec<f64>> = levels
        .iter()
        .map(|levels| vec![smoothing; *levels])
        .collect();
    each_code(levels, codes, |row, variable, code| {
        counts[variable][code] += weights.as_ref().map_or(1.0, |weights| weights[row]);
    })?;
    let logs = |counts: Vec<f64>| counts.into_iter().map(f64::ln).collect();
    Ok(counts.into_iter().map(logs).collect())
}

/// Weights whose sum is the effective number of rows, `(Σ w)² / Σ w²`.
fn effective(weights: Option<&[f64]>, rows: usize) -> Result<Option<Vec<f64>>, FlowError> {
    let Some(weights) = weights else {
        return Ok(None);
    };
    let given = weights.len();
    assert!(
        given == rows,
        "one weight for each of {rows} rows, got {given}"
    );
    let bad = |weight: &f64| !(weight.is_finite() && *weight >= 0.0);
    if let Some(row) = weights.iter().position(bad) {
        let weight = weights[row];
        return Err(FlowError::NotAWeight { row, weight });
    }
    // Relative to the largest, so that no square overflows or vanishes.
    let most = weights.iter().copied().fold(0.0, f64::max);
    if most == 0.0 {
        return Err(FlowError::NoWeight { rows });
    }
    let relative = weights.iter().map(|weight| weight / most);
    let (sum, squares) = relative.fold((0.0, 0.0), |(sum, squares), weight| {
        (sum + weight, squares + weight * weight)
    });
    let factor = sum / squares;
    Ok(Some(
        weights
            .iter()
            .map(|weight| weight / most * factor)
            .collect(),
    ))
}
