//! Weighted draws.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use thalweg_sbi::sampler::{HostDensity, ImportanceSamples};
use thalweg_sbi::{Normal, SbiError};

/// `exp(−x²/2)` from a normal density of another deviation.
fn weighted(deviation: f64, count: usize, seed: u64) -> ImportanceSamples {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let z: Vec<f64> = (0..count).map(|_| rng.sample(StandardNormal)).collect();
    let rows: Vec<f64> = z.iter().map(|z| z * deviation).collect();
    let log_norm = 0.5 * std::f64::consts::TAU.ln() + f64::ln(deviation);
    let logs: Vec<f64> = z.iter().map(|z| -0.5 * z * z - log_norm).collect();
    let target = HostDensity::new(1, |x| -0.5 * x[0] * x[0]);
    ImportanceSamples::of_proposal(&target, &rows, &logs).unwrap()
}

#[test]
fn the_evidence_and_the_effective_size_are_known() {
    let draws = weighted(2.0, 20_000, 1);
    let truth = 0.5 * std::f64::consts::TAU.ln();
    let off = (draws.log_evidence() - truth) / draws.log_evidence_error();
    assert!(off.abs() < 4.0, "{draws}");
    // n (E w)² / E w² = n √(2 s² − 1) / s² for s = 2.
    let expected = 20_000.0 * 7f64.sqrt() / 4.0;
    assert!((draws.ess() / expected - 1.0).abs() < 0.03, "{draws}");
    assert!(draws.is_reliable() && draws.k_hat() < 0.2, "{draws}");
    assert!(draws.mean()[0].abs() < 0.05);
    let smoothed = draws.clone().smoothed();
    assert!((smoothed.log_evidence() - truth).abs() < 0.02);
    // Weights e^(3z²/4), whose tail has the shape 3/2.
    let prior = Normal::new(&[0.0], &[1.0]).unwrap();
    let rising = HostDensity::new(1, |x| 0.75 * x[0] * x[0]);
    let narrow = ImportanceSamples::of_prior(&prior, &rising, 5000, 2).unwrap();
    assert!(!narrow.is_reliable(), "{narrow}");
    assert!(
        narrow.to_string().ends_with("do not trust the weights"),
        "{narrow}"
    );
}

#[test]
fn resampling_draws_the_target() {
    let draws = weighted(2.0, 20_000, 3);
    for drawn in [
        draws.resample(4000, 5).unwrap(),
        draws.resample_once_each(1000, 5).unwrap(),
    ] {
        let count = drawn.len() as f64;
        assert!(
            drawn.mean()[0].abs() < 4.0 / count.sqrt(),
            "{:?}",
            drawn.mean()
        );
        let variance = drawn.covariance()[0];
        assert!((variance - 1.0).abs() < 0.15, "{variance}");
    }
    let mut once: Vec<f64> = draws.resample_once_each(1000, 5).unwrap().values().to_vec();
    once.sort_by(f64::total_cmp);
    once.dedup();
    assert_eq!(once.len(), 1000);
    assert_eq!(
        draws.resample(100, 8).unwrap(),
        draws.resample(100, 8).unwrap()
    );
}

/// Each draw comes `n w` times, rounded up or down.
#[test]
fn systematic_resampling_is_even() {
    let rows: Vec<f64> = (0..40).map(f64::from).collect();
    let target = HostDensity::new(1, |x| (1.0 + x[0]).ln());
    let draws = ImportanceSamples::of_proposal(&target, &rows, &[0.0; 40]).unwrap();
    let weights = draws.weights();
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    let drawn = draws.resample(1000, 0).unwrap();
    for (k, weight) in weights.iter().enumerate() {
        let times = drawn.values().iter().filter(|x| **x == k as f64).count() as f64;
        assert!((times - 1000.0 * weight).abs() < 1.0, "{k}: {times}");
    }
}

#[test]
fn weights_of_nothing_are_errors() {
    let prior = Normal::new(&[0.0], &[1.0]).unwrap();
    let never = HostDensity::new(1, |_| f64::NAN);
    let error = ImportanceSamples::of_prior(&prior, &never, 100, 0).unwrap_err();
    assert!(matches!(error, SbiError::Metric(_)), "{error}");
    let flat = HostDensity::new(1, |_| 0.0);
    assert!(ImportanceSamples::of_prior(&prior, &flat, 10, 0).is_err());
    let draws = ImportanceSamples::of_prior(&prior, &flat, 50, 0).unwrap();
    assert!((draws.ess() - 50.0).abs() < 1e-9 && draws.log_evidence() == 0.0);
    assert!(draws.resample(0, 0).is_err());
    let error = draws.resample_once_each(51, 0).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the number of different draws is 51"),
        "{error}"
    );
}
