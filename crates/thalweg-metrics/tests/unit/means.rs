use thalweg_metrics::{
    MetricError, effective_sample_size, log_mean_exp, log_sum_exp, winsorized_mean,
};

use crate::close;

#[test]
fn sums_of_exponents_neither_overflow_nor_vanish() {
    close(
        log_sum_exp(&[1000.0, 1000.0 + 3f64.ln()]),
        1000.0 + 4f64.ln(),
    );
    assert_eq!(log_sum_exp(&[]), f64::NEG_INFINITY);
    assert_eq!(log_sum_exp(&[f64::NEG_INFINITY; 3]), f64::NEG_INFINITY);
    assert_eq!(log_sum_exp(&[f64::INFINITY, 0.0]), f64::INFINITY);
    assert!(log_sum_exp(&[0.0, f64::NAN, 0.0]).is_nan());
    close(
        log_mean_exp(&[-800.0, f64::NEG_INFINITY]),
        -800.0 - 2f64.ln(),
    );
}

#[test]
fn the_effective_size_is_kishs() {
    let weights = [1.0f64, 2.0, 3.0];
    let logs: Vec<f64> = weights.iter().map(|w| w.ln() + 900.0).collect();
    close(effective_sample_size(&logs), 36.0 / 14.0);
    assert_eq!(effective_sample_size(&[f64::NEG_INFINITY; 2]), 0.0);
    assert!(effective_sample_size(&[0.0, f64::NAN]).is_nan());
}

#[test]
fn few_low_values_do_not_decide_the_mean() {
    let mut values: Vec<f64> = (0..100).map(f64::from).collect();
    let weights = vec![1.0; 100];
    assert_eq!(winsorized_mean(&values, &weights, 0.0).unwrap(), 49.5);
    let usual = winsorized_mean(&values, &weights, 0.05).unwrap();
    // Values 0 to 4 become 5: 15 more in a hundred.
    close(usual, 49.5 + 0.15);
    values[2] = -1e30;
    values[0] = f64::NEG_INFINITY;
    assert_eq!(winsorized_mean(&values, &weights, 0.05).unwrap(), usual);
    assert_eq!(
        winsorized_mean(&values, &weights, 0.0).unwrap(),
        f64::NEG_INFINITY
    );
}

#[test]
fn weights_count_rows() {
    let rows = [1.0, 1.0, 1.0, 4.0, 5.0, 5.0];
    let expected = winsorized_mean(&rows, &[1.0; 6], 0.5).unwrap();
    close(expected, (4.0 * 4.0 + 10.0) / 6.0);
    close(
        winsorized_mean(&[5.0, 1.0, 4.0], &[2.0, 3.0, 1.0], 0.5).unwrap(),
        expected,
    );
    // A row of no weight may be anything that is ordered.
    let odd = [5.0, 1.0, 4.0, f64::NEG_INFINITY];
    close(
        winsorized_mean(&odd, &[2.0, 3.0, 1.0, 0.0], 0.5).unwrap(),
        expected,
    );
}

#[test]
fn settings_and_values_are_checked() {
    assert!(matches!(
        winsorized_mean(&[1.0], &[1.0], 1.0),
        Err(MetricError::Bound { .. })
    ));
    assert!(matches!(
        winsorized_mean(&[1.0], &[0.0], 0.1),
        Err(MetricError::NoWeight { .. })
    ));
    assert!(matches!(
        winsorized_mean(&[], &[], 0.1),
        Err(MetricError::TooFew { .. })
    ));
    assert!(matches!(
        winsorized_mean(&[1.0, f64::NAN], &[1.0; 2], 0.1),
        Err(MetricError::NotANumber { place: 1, .. })
    ));
}
