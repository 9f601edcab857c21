use crate::MetricError;
use crate::check::{at_least, bounded, numbers, same_length, weight_sum};
use crate::rank::ascending;

/// The weighted mean of values of which the lowest are raised to a quantile, so that no few rows decide it,
///
/// m = Σ wᵢ max(xᵢ, q) / Σ wᵢ,
///
/// where q is the smallest value such that more than `share` of the weight lies at values up to it.
///
/// Made for held-out log-densities: one impossible row with −∞ makes their mean −∞ and hides all others. A value of −∞
/// counts as the quantile, unless more than `share` of the weight has it. `values` and `weights` have the shape `[n]`; the
/// result has the units of `values`. A share of 0 is the mean itself.
///
/// # Errors
/// [`MetricError`] if there are no values, one is not a number, a weight is negative or not finite, all are zero, or `share`
/// is not in 0 to below 1.
///
/// # Panics
/// If the lengths differ.
///
/// Source: Huber, "Robust Statistics", 1981.
///
/// ```
/// let values = [f64::NEG_INFINITY, -3.0, -2.0, -1.0];
/// assert_eq!(thalweg_metrics::winsorized_mean(&values, &[1.0; 4], 0.25)?, -9.0 / 4.0);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn winsorized_mean(values: &[f64], weights: &[f64], share: f64) -> Result<f64, MetricError> {
    same_length(("values", values.len()), ("weights", weights.len()));
    at_least("the values", values.len(), 1)?;
    numbers("the values", values)?;
    bounded("the share", &[share], "at least 0 and below 1", |share| {
        (0.0..1.0).contains(&share)
    })?;
    let sum = weight_sum("weights", weights)?;
    // Rows of weight zero do not count, nor make 0 × ∞.
    let mut order = ascending(values);
    order.retain(|row| weights[*row] > 0.0);
    let mut seen = 0.0;
    let quantile = order.iter().find(|row| {
        seen += weights[**row];
        // A share that the weight meets but for rounding is not passed.
        seen > share * sum * (1.0 + 1e-12)
    });
    let lowest = match (share > 0.0, quantile) {
        (true, Some(row)) => values[*row],
        _ => f64::NEG_INFINITY,
    };
    let parts = order
        .iter()
        .map(|row| weights[*row] * values[*row].max(lowest));
    Ok(parts.sum::<f64>() / sum)
}
