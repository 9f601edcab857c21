//! p-values of fresh rows are uniform.

use thalweg_metrics::ks_one_sample_uniform;
use thalweg_tabular::Density;

use crate::draws::{Truth, normal, numbers};

/// Four columns: a curve, a sum, and one of heavy tails.
fn draw(rows: usize, seed: u64) -> Truth {
    numbers(&["a", "b", "c", "d"], rows, seed, |rng| {
        let [a, b, c] = [normal(rng), normal(rng), normal(rng)];
        let d = normal(rng) / (0.1 + normal(rng).abs());
        (vec![a, a * a + 0.3 * b, a + b + 0.5 * c, d], 0.0)
    })
}

/// The p-values of `m` fresh rows share the `n` calibration rows, whose empirical distribution is off by `D` itself.
/// So the distance to uniform numbers is that of two samples, and the test has `n m / (n + m)` rows and not `m`.
fn check(rows: usize, calibration: f64) {
    const FRESH: usize = 2000;
    let model = Density::of_all().steps(100).fit(&draw(rows, 1).0).unwrap();
    let fresh = draw(FRESH, 2).0;
    let found = model.anomaly(&fresh).unwrap();
    let found: Vec<_> = found.into_iter().map(Result::unwrap).collect();
    let p: Vec<f64> = found.iter().map(|anomaly| anomaly.p_value).collect();
    let distance = ks_one_sample_uniform(&p).unwrap().statistic;
    let fresh = FRESH as f64;
    let effective = calibration * fresh / (calibration + fresh);
    // The distance that a sample of this size exceeds with probability 0.001.
    let bound = 1.95 / effective.sqrt();
    eprintln!("{rows} rows: distance {distance:.4}, bound {bound:.4}\n{model}");
    assert!(
        distance < bound,
        "distance {distance} to uniform, above {bound}"
    );
    for rate in [0.05, 0.2] {
        let threshold = model.threshold(rate).unwrap();
        let alarms = found
            .iter()
            .filter(|anomaly| anomaly.score > threshold)
            .count();
        let share = alarms as f64 / fresh;
        let deviation = (rate * (1.0 - rate) / effective).sqrt();
        eprintln!("false alarms at {rate}: {share}");
        assert!(
            (share - rate).abs() < 3.5 * deviation,
            "{share} false alarms at {rate}"
        );
    }
}

#[test]
fn of_few_rows() {
    // Each row is held out by one member.
    check(300, 300.0);
}

#[test]
fn of_many_rows() {
    // A fifth calibrates.
    check(3000, 600.0);
}
