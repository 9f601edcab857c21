use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use thalweg_metrics::{Calibration, MetricError, PitHistogram, ks_one_sample_uniform};

use crate::{close, normals};

const RATES: [f64; 4] = [0.01, 0.05, 0.2, 0.5];

/// The share of new rows with p ≤ α, each with calibration rows of its own; and that above the threshold.
fn alarms(round: impl Fn(f64) -> f64, calibration: usize, draws: u64) -> [[f64; 2]; 4] {
    let mut shares = [[0.0; 2]; 4];
    for seed in 0..draws {
        let mut scores: Vec<f64> = normals(calibration + 1, seed)
            .into_iter()
            .map(&round)
            .collect();
        let new = scores.pop().unwrap();
        let calibration = Calibration::new(&scores).unwrap();
        let p_value = calibration.p_values(&[new]).unwrap()[0];
        for (share, rate) in shares.iter_mut().zip(RATES) {
            let by_threshold = match calibration.threshold(rate) {
                Ok(threshold) => new > threshold,
                Err(_) => false,
            };
            share[0] += f64::from(u8::from(p_value <= rate)) / draws as f64;
            share[1] += f64::from(u8::from(by_threshold)) / draws as f64;
        }
    }
    shares
}

#[test]
fn false_alarms_stay_below_the_rate() {
    let draws = 20_000;
    for calibration in [19, 99] {
        let exact = alarms(|score| score, calibration, draws);
        let tied = alarms(|score| score.round(), calibration, draws);
        for ((exact, tied), rate) in exact.into_iter().zip(tied).zip(RATES) {
            // Four standard errors of the simulation.
            let noise = 4.0 * (rate * (1.0 - rate) / draws as f64).sqrt();
            assert!(
                exact[0] <= rate + noise && tied[0] <= rate + noise,
                "{rate}: {exact:?} {tied:?}"
            );
            let lowest = rate - 1.0 / (calibration as f64 + 1.0);
            assert!(exact[0] > lowest - noise, "{rate}: {exact:?}");
            // A threshold raises exactly the alarms of the p-values.
            assert_eq!(exact[0], exact[1]);
            assert_eq!(tied[0], tied[1]);
        }
    }
}

#[test]
fn smoothed_p_values_are_uniform_with_ties() {
    let mut generator = ChaCha8Rng::seed_from_u64(3);
    let p_values: Vec<f64> = (0..2000)
        .map(|seed| {
            let scores: Vec<f64> = normals(31, seed).iter().map(|x| x.round()).collect();
            let calibration = Calibration::new(&scores[1..]).unwrap();
            calibration
                .smoothed_p_values(&scores[..1], &[generator.random()])
                .unwrap()[0]
        })
        .collect();
    let test = ks_one_sample_uniform(&p_values).unwrap();
    assert!(test.p_value > 0.01, "{test:?}");
}

#[test]
fn the_threshold_is_the_right_calibration_score() {
    let scores: Vec<f64> = (1..=99).map(f64::from).collect();
    let calibration = Calibration::new(&scores).unwrap();
    // ⌊0.05 × 100⌋ = 5: the fifth from above.
    assert_eq!(calibration.threshold(0.05).unwrap(), 95.0);
    assert_eq!(calibration.threshold(0.01).unwrap(), 99.0);
    let error = calibration.threshold(0.009).unwrap_err();
    assert_eq!(
        error,
        MetricError::Calibration {
            rows: 99,
            smallest: 0.01,
            rate: 0.009
        }
    );
    assert!(calibration.threshold(0.0).is_err() && calibration.threshold(f64::NAN).is_err());
}

#[test]
fn weights_count_rows() {
    let weighted = Calibration::weighted(&[1.0, 2.0, 3.0, 7.0], &[2.0, 1.0, 3.0, 0.0]).unwrap();
    assert_eq!(weighted.rows(), 3);
    // The new row has weight 2: (4 + 2) / 8 and (3 + 2) / 8.
    let p_values = weighted.p_values(&[1.5, 2.5, 5.0]).unwrap();
    assert_eq!(p_values, [6.0 / 8.0, 5.0 / 8.0, 2.0 / 8.0]);
    let scaled = Calibration::weighted(&[1.0, 2.0, 3.0], &[20.0, 10.0, 30.0]).unwrap();
    assert_eq!(scaled.p_values(&[1.5, 2.5, 5.0]).unwrap(), p_values);
}

#[test]
fn infinite_scores_have_p_values_and_others_are_errors() {
    let calibration = Calibration::new(&[0.0, f64::INFINITY]).unwrap();
    assert_eq!(
        calibration
            .p_values(&[f64::INFINITY, f64::NEG_INFINITY])
            .unwrap(),
        [2.0 / 3.0, 1.0]
    );
    assert_eq!(
        calibration.p_values(&[0.0, f64::NAN]),
        Err(MetricError::NotANumber {
            what: "the scores",
            place: 1
        })
    );
    assert!(Calibration::new(&[]).is_err() && Calibration::new(&[f64::NAN]).is_err());
    assert!(calibration.smoothed_p_values(&[0.0], &[1.5]).is_err());
}

#[test]
fn a_histogram_counts_each_value_once() {
    let histogram = PitHistogram::of(&[0.0, 0.1, 0.25, 0.5, 0.99, 1.0], 4).unwrap();
    assert_eq!(histogram.counts(), [2, 1, 1, 2]);
    close(histogram.deviation(), 1.0 / 12.0);
    close(histogram.chi_square(), 4.0 * 0.25 / 1.5);
    // `scipy.stats.chisquare([2, 1, 1, 2]).pvalue`
    close(histogram.p_value(), 0.8810148425137847);
    assert!(matches!(
        PitHistogram::of(&[0.5, -0.1], 4),
        Err(MetricError::Bound { place: 1, .. })
    ));
}

#[test]
fn p_values_of_the_histogram_are_uniform_and_find_narrow_distributions() {
    let mut generator = ChaCha8Rng::seed_from_u64(5);
    let p_values: Vec<f64> = (0..300)
        .map(|_| {
            let values: Vec<f64> = (0..500).map(|_| generator.random()).collect();
            PitHistogram::of(&values, 10).unwrap().p_value()
        })
        .collect();
    assert!(ks_one_sample_uniform(&p_values).unwrap().p_value > 0.01);
    let narrow: Vec<f64> = (0..500)
        .map(|_| (1.0 - (generator.random::<f64>() * std::f64::consts::PI).cos()) / 2.0)
        .collect();
    assert!(PitHistogram::of(&narrow, 10).unwrap().p_value() < 1e-6);
}
