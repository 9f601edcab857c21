//! How well scores rank positive rows above negative ones.

use crate::MetricError;
use crate::check::{numbers, same_length, weight_sum};
use crate::rank::{ascending, ties};

/// The area under the receiver operating characteristic: the probability that a positive row scores above a
/// negative one,
///
/// AUC = P(s⁺ > s⁻) + ½ P(s⁺ = s⁻).
///
/// `scores` and `labels` have the shape `[n]`; a label is true for a positive row (an anomaly). Scores may be infinite.
///
/// # Errors
/// [`MetricError`] if a score is not a number, or all rows have one label.
///
/// # Panics
/// If the lengths differ.
///
/// Source: Hanley and McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC) curve",
/// 1982.
///
/// ```
/// let auc = thalweg_metrics::roc_auc(&[0.1, 0.4, 0.4, 0.9], &[false, false, true, true])?;
/// assert_eq!(auc, 3.5 / 4.0);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn roc_auc(scores: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    roc_auc_weighted(scores, labels, &vec![1.0; scores.len()])
}

/// [`roc_auc`] of rows with weights, which count a row as often as its weight says.
///
/// # Errors
/// Those of [`roc_auc`], of the rows with weight, and if a weight is negative or not finite.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// let scores = [0.1, 0.4, 0.4, 0.9];
/// let auc = thalweg_metrics::roc_auc_weighted(&scores, &[false, false, true, true], &[1.0, 0.0, 3.0, 1.0])?;
/// assert_eq!(auc, 1.0);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn roc_auc_weighted(
    scores: &[f64],
    labels: &[bool],
    weights: &[f64],
) -> Result<f64, MetricError> {
    let steps = steps(scores, labels, weights)?;
    let [positive, negative] = total(&steps)?;
    let (mut area, mut above) = (0.0, 0.0);
    for step in &steps {
        area += step.negative * (above + step.positive / 2.0);
        above += step.positive;
    }
    Ok(area / (positive * negative))
}

/// A point of the receiver operating characteristic.
///
/// See [`roc_curve`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocPoint {
    /// Rows with at least this score raise an alarm; +∞ at the first point, where none does unless its score is +∞.
    pub threshold: f64,
    /// The share of the negative rows that raise one.
    pub false_alarm_rate: f64,
    /// The share of the positive rows that raise one.
    pub recall: f64,
}

/// The points of the receiver operating characteristic from (0, 0) to (1, 1): one for each distinct score, from the
/// highest on, so that rows with equal scores raise alarms together. Straight lines between the points enclose the area
/// [`roc_auc`].
///
/// # Errors
/// Those of [`roc_auc`].
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// use thalweg_metrics::{RocPoint, roc_curve};
///
/// let points = roc_curve(&[0.1, 0.4, 0.4, 0.9], &[false, false, true, true])?;
/// assert_eq!(points.len(), 4);
/// assert_eq!(points[2], RocPoint { threshold: 0.4, false_alarm_rate: 0.5, recall: 1.0 });
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn roc_curve(scores: &[f64], labels: &[bool]) -> Result<Vec<RocPoint>, MetricError> {
    let steps = steps(scores, labels, &vec![1.0; scores.len()])?;
    let [positive, negative] = total(&steps)?;
    let mut points = vec![RocPoint {
        threshold: f64::INFINITY,
        false_alarm_rate: 0.0,
        recall: 0.0,
    }];
    let (mut alarms, mut found) = (0.0, 0.0);
    for step in steps {
        alarms += step.negative;
        found += step.positive;
        points.push(RocPoint {
            threshold: step.score,
            false_alarm_rate: alarms / negative,
            recall: found / positive,
        });
    }
    Ok(points)
}

/// The largest recall of a threshold whose false-alarm rate is at most `rate`.
///
/// No threshold between points of [`roc_curve`] is assumed, because none can be set there.
///
/// # Errors
/// Those of [`roc_auc`], and if `rate` is not in 0 to 1.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// let (scores, labels) = ([0.1, 0.4, 0.6, 0.9], [false, true, false, true]);
/// assert_eq!(thalweg_metrics::recall_at_false_alarm_rate(&scores, &labels, 0.4)?, 0.5);
/// assert_eq!(thalweg_metrics::recall_at_false_alarm_rate(&scores, &labels, 0.5)?, 1.0);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn recall_at_false_alarm_rate(
    scores: &[f64],
    labels: &[bool],
    rate: f64,
) -> Result<f64, MetricError> {
    crate::check::bounded("the false-alarm rate", &[rate], "in 0 to 1", |rate| {
        (0.0..=1.0).contains(&rate)
    })?;
    let points = roc_curve(scores, labels)?;
    let allowed = points.iter().filter(|point| point.false_alarm_rate <= rate);
    Ok(allowed.fold(0.0, |best, point| point.recall.max(best)))
}

/// The weights of the rows with one score.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) score: f64,
    pub(crate) positive: f64,
    pub(crate) negative: f64,
}

/// The steps from the highest score to the lowest.
#[track_caller]
pub(crate) fn steps(
    scores: &[f64],
    labels: &[bool],
    weights: &[f64],
) -> Result<Vec<Step>, MetricError> {
    same_length(("scores", scores.len()), ("labels", labels.len()));
    same_length(("scores", scores.len()), ("weights", weights.len()));
    numbers("the scores", scores)?;
    crate::check::at_least("the scores", scores.len(), 2)?;
    weight_sum("weights", weights)?;
    let mut order = ascending(scores);
    order.reverse();
    let step = |tie: &[usize]| {
        let of = |label: bool| {
            let rows = tie.iter().filter(|row| labels[**row] == label);
            rows.map(|row| weights[*row]).sum()
        };
        Step {
            score: scores[tie[0]],
            positive: of(true),
            negative: of(false),
        }
    };
    Ok(ties(scores, &order).map(step).collect())
}

/// The weights of all positive and of all negative rows, neither of them zero.
pub(crate) fn total(steps: &[Step]) -> Result<[f64; 2], MetricError> {
    let positive: f64 = steps.iter().map(|step| step.positive).sum();
    let negative: f64 = steps.iter().map(|step| step.negative).sum();
    match (positive > 0.0, negative > 0.0) {
        (true, true) => Ok([positive, negative]),
        (true, false) => Err(MetricError::OneClass {
            present: "positive",
        }),
        _ => Err(MetricError::OneClass {
            present: "negative",
        }),
    }
}
