use crate::MetricError;
use crate::roc::{steps, total};

/// The mean precision over recall,
///
/// AP = Σₖ (Rₖ − Rₖ₋₁) Pₖ,
///
/// with the precision Pₖ and the recall Rₖ of the alarms of all rows that score at least the k-th highest distinct score.
///
/// Rows with equal scores raise alarms together, as in scikit-learn: their order in the input does not count, and there
/// is no interpolation, which would be too optimistic. `scores` and `labels` have the shape `[n]`; a label is true for
/// a positive row. Scores may be infinite. A ranking by chance has the share of positive rows.
///
/// # Errors
/// [`MetricError`] if a score is not a number, or all rows have one label.
///
/// # Panics
/// If the lengths differ.
///
/// Source: Davis and Goadrich, "The relationship between precision-recall and ROC curves", 2006.
///
/// ```
/// let ap = thalweg_metrics::average_precision(&[0.1, 0.4, 0.4, 0.9], &[false, false, true, true])?;
/// assert_eq!(ap, 0.5 * 1.0 + 0.5 * 2.0 / 3.0);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn average_precision(scores: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    average_precision_weighted(scores, labels, &vec![1.0; scores.len()])
}

/// [`average_precision`] of rows with weights, which count a row as often as its weight says.
///
/// # Errors
/// Those of [`average_precision`], of the rows with weight, and if a weight is negative or not finite.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// let labels = [false, false, true, true];
/// let ap = thalweg_metrics::average_precision_weighted(&[0.1, 0.4, 0.4, 0.9], &labels, &[1.0, 0.0, 3.0, 1.0])?;
/// assert_eq!(ap, 1.0);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn average_precision_weighted(
    scores: &[f64],
    labels: &[bool],
    weights: &[f64],
) -> Result<f64, MetricError> {
    let steps = steps(scores, labels, weights)?;
    let [positive, _] = total(&steps)?;
    let (mut found, mut alarms, mut sum) = (0.0, 0.0, 0.0);
    for step in steps {
        found += step.positive;
        alarms += step.positive + step.negative;
        // Rows of weight zero alone raise no alarm: 0 / 0.
        if step.positive > 0.0 {
            sum += step.positive * found / alarms;
        }
    }
    Ok(sum / positive)
}
