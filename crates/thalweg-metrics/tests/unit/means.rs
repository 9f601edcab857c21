use thalweg_metrics::{
    MetricError, RunningMean, effective_sample_size, log_mean_exp, log_sum_exp, winsorized_mean,
};

use crate::{GOLDEN, ROOT, close, spread};

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

/// The mean and its standard error of all values at once.
fn at_once(pairs: &[(f64, f64)]) -> [f64; 2] {
    let all: f64 = pairs.iter().map(|(_, w)| w).sum();
    let mean = pairs.iter().map(|(x, w)| x * w / all).sum::<f64>();
    let n = 1.0 / pairs.iter().map(|(_, w)| (w / all).powi(2)).sum::<f64>();
    let squares = pairs.iter().map(|(x, w)| (w / all * (x - mean)).powi(2));
    [mean, (squares.sum::<f64>() * n / (n - 1.0)).sqrt()]
}

fn running(pairs: &[(f64, f64)]) -> [f64; 2] {
    let mut mean = RunningMean::default();
    pairs.iter().for_each(|(x, w)| mean.add(*x, *w));
    [mean.mean().unwrap(), mean.standard_error().unwrap()]
}

#[test]
fn running_means_are_those_of_all_values() {
    let x = spread(1000, GOLDEN);
    let w = spread(1000, ROOT);
    for (offset, scale) in [(0.0, 1.0), (1e6, 1.0), (-3.0, 1e200), (0.0, 1e-200)] {
        let pairs: Vec<(f64, f64)> = x
            .iter()
            .zip(&w)
            .map(|(x, w)| (x + offset, w * scale))
            .collect();
        let ([mean, error], [m, e]) = (running(&pairs), at_once(&pairs));
        assert!(
            (mean - m).abs() < 1e-12 * (1.0 + offset.abs()),
            "{mean} and {m}"
        );
        assert!((error / e - 1.0).abs() < 1e-9, "{error} and {e}");
    }
}

#[test]
fn a_million_values_lose_no_digits() {
    // 0.1 is no binary fraction: plain sums of a million are off by 1e-6.
    let mut mean = RunningMean::default();
    for k in 0..1_000_000 {
        mean.add(if k % 2 == 0 { 0.1 } else { 0.3 }, 1.0);
    }
    assert!((mean.mean().unwrap() - 0.2).abs() < 1e-16);
    assert!((mean.standard_error().unwrap() - 0.1 / (1e6_f64 - 1.0).sqrt()).abs() < 1e-16);
}

#[test]
fn few_values_have_no_error() {
    let mut mean = RunningMean::default();
    assert_eq!((mean.mean(), mean.standard_error()), (None, None));
    mean.add(5.0, 0.0);
    assert_eq!((mean.mean(), mean.effective()), (None, 0.0));
    mean.add(3.0, 2.0);
    assert_eq!((mean.mean(), mean.standard_error()), (Some(3.0), None));
}

#[test]
#[should_panic(expected = "got inf with 1")]
fn infinite_values_have_no_running_mean() {
    RunningMean::default().add(f64::INFINITY, 1.0);
}
