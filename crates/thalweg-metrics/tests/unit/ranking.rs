use thalweg_metrics::{
    MetricError, average_precision, average_precision_weighted, recall_at_false_alarm_rate,
    roc_auc, roc_auc_weighted, roc_curve,
};

use crate::{GOLDEN, ROOT, close, spread};

/// 40 rows with 8 distinct scores.
fn tied() -> (Vec<f64>, Vec<bool>, Vec<f64>) {
    let scores: Vec<f64> = spread(40, GOLDEN)
        .iter()
        .map(|s| (s * 8.0).floor() / 8.0)
        .collect();
    let labels = spread(40, ROOT)
        .iter()
        .zip(&scores)
        .map(|(l, s)| l + 0.3 * s > 0.75)
        .collect();
    (
        scores,
        labels,
        (0..40).map(|i| f64::from(1 + i % 3)).collect(),
    )
}

#[test]
fn ranks_with_ties_agree_with_scikit_learn() {
    let (scores, labels, weights) = tied();
    close(roc_auc(&scores, &labels).unwrap(), 0.5611979166666667);
    close(
        roc_auc_weighted(&scores, &labels, &weights).unwrap(),
        0.5144489247311829,
    );
    close(
        average_precision(&scores, &labels).unwrap(),
        0.44624962026277815,
    );
    close(
        average_precision_weighted(&scores, &labels, &weights).unwrap(),
        0.3995531655002862,
    );
}

#[test]
fn a_weight_counts_a_row_so_often() {
    let (scores, labels, weights) = tied();
    let rows = (0..40).flat_map(|row| vec![row; weights[row] as usize]);
    let (many, names): (Vec<f64>, Vec<bool>) = rows.map(|row| (scores[row], labels[row])).unzip();
    close(
        roc_auc_weighted(&scores, &labels, &weights).unwrap(),
        roc_auc(&many, &names).unwrap(),
    );
    close(
        average_precision_weighted(&scores, &labels, &weights).unwrap(),
        average_precision(&many, &names).unwrap(),
    );
}

#[test]
fn the_order_of_tied_rows_does_not_count() {
    let labels = [true, false, true, false];
    let turned = [false, true, false, true];
    for measure in [roc_auc, average_precision] {
        assert_eq!(measure(&[1.0; 4], &labels).unwrap(), 0.5);
        assert_eq!(measure(&[1.0; 4], &turned).unwrap(), 0.5);
    }
}

#[test]
fn infinite_scores_are_ranked_and_zeros_tie() {
    let scores = [f64::NEG_INFINITY, 1.0, f64::INFINITY, f64::INFINITY];
    let labels = [false, false, true, true];
    assert_eq!(roc_auc(&scores, &labels).unwrap(), 1.0);
    assert_eq!(average_precision(&scores, &labels).unwrap(), 1.0);
    assert_eq!(roc_auc(&[-0.0, 0.0], &[true, false]).unwrap(), 0.5);
}

#[test]
fn the_curve_encloses_the_area() {
    let (scores, labels, _) = tied();
    let points = roc_curve(&scores, &labels).unwrap();
    assert_eq!(points.len(), 9);
    let area: f64 = points
        .windows(2)
        .map(|p| {
            (p[1].false_alarm_rate - p[0].false_alarm_rate) * (p[1].recall + p[0].recall) / 2.0
        })
        .sum();
    close(area, roc_auc(&scores, &labels).unwrap());
    let last = points.last().unwrap();
    assert_eq!((last.false_alarm_rate, last.recall), (1.0, 1.0));
}

#[test]
fn recall_needs_a_threshold_that_can_be_set() {
    // Thresholds: 3 -> (0, 1/3), 2 -> (1/2, 2/3), 1 -> (1, 1).
    let (scores, labels) = ([3.0, 2.0, 2.0, 1.0, 1.0], [true, true, false, true, false]);
    for (rate, recall) in [
        (0.0, 1.0 / 3.0),
        (0.49, 1.0 / 3.0),
        (0.5, 2.0 / 3.0),
        (1.0, 1.0),
    ] {
        assert_eq!(
            recall_at_false_alarm_rate(&scores, &labels, rate).unwrap(),
            recall
        );
    }
    assert_eq!(
        recall_at_false_alarm_rate(&scores, &labels, 1.5),
        Err(MetricError::Bound {
            what: "the false-alarm rate",
            place: 0,
            value: 1.5,
            bound: "in 0 to 1"
        })
    );
}

#[test]
fn what_cannot_be_ranked_is_named() {
    assert_eq!(
        roc_auc(&[0.0, f64::NAN], &[true, false]),
        Err(MetricError::NotANumber {
            what: "the scores",
            place: 1
        })
    );
    assert_eq!(
        roc_auc(&[0.0, 1.0], &[true, true]),
        Err(MetricError::OneClass {
            present: "positive"
        })
    );
    assert_eq!(
        average_precision(&[0.0, 1.0], &[false, false]),
        Err(MetricError::OneClass {
            present: "negative"
        })
    );
    // A class whose rows have no weight is not there.
    assert_eq!(
        roc_auc_weighted(&[0.0, 1.0], &[true, false], &[0.0, 1.0]),
        Err(MetricError::OneClass {
            present: "negative"
        })
    );
    assert!(matches!(
        roc_auc_weighted(&[0.0, 1.0], &[true, false], &[1.0, -1.0]),
        Err(MetricError::Bound { place: 1, .. })
    ));
    let message = roc_auc(&[0.0, f64::NAN], &[true, false])
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("value 2 (place 1 from 0) of the scores"),
        "{message}"
    );
}

#[test]
#[should_panic(expected = "scores and labels must have one length, got [2] and [1]")]
fn lengths_that_differ_panic() {
    let _ = roc_auc(&[0.0, 1.0], &[true]);
}
