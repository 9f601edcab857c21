//! Networks of sets and series.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;
use thalweg_sbi::{Embedding, Family, Normal, Npe, Posterior, SbiError, Simulate};

fn fitted(simulate: &Simulate, embedding: Embedding, steps: usize) -> Result<Posterior, SbiError> {
    let family = Family::AutoregressiveSpline {
        transforms: 2,
        hidden: vec![24],
    };
    let npe = Npe::new(simulate.prior()).family(family).members(1);
    npe.embedding(embedding)
        .steps(steps)
        .fit(&simulate.run(3000)?)
}

/// `θ ~ N(0, 1)`, ten draws of `N(θ, 1)` beside a number that says nothing.
fn draws_of_a_mean() -> Simulate {
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let mut normal = || rng.sample::<f64, _>(StandardNormal);
        let item = |_| [theta[0] + normal(), 100.0 * normal()];
        (0..10).flat_map(item).collect::<Vec<f64>>()
    };
    Simulate::new(Normal::new(&[0.0], &[1.0]).unwrap(), simulator)
}

fn set(item: usize) -> Embedding {
    Embedding::Set {
        item,
        hidden: vec![24],
        outputs: 4,
    }
}

#[test]
fn a_set_has_no_order() {
    let posterior = fitted(&draws_of_a_mean(), set(2), 600).unwrap();
    let x: Vec<f64> = (0..10)
        .flat_map(|k| [0.2 * f64::from(k) - 0.4, 30.0 - 7.0 * f64::from(k)])
        .collect();
    let turned: Vec<f64> = x.chunks(2).rev().flatten().copied().collect();
    let theta = [-0.2, 0.4, 1.0];
    let logs = |x: &[f64]| posterior.log_prob(&theta, x).unwrap();
    for (a, b) in logs(&x).iter().zip(logs(&turned)) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
    // The posterior is N(Σ x / 11, 1 / 11).
    let samples = posterior.sample(&x, 2000, 0).unwrap();
    let (mean, variance) = (samples.mean()[0], samples.covariance()[0]);
    assert!((mean - 5.0 / 11.0).abs() < 0.1, "{mean}");
    assert!((variance * 11.0 - 1.0).abs() < 0.4, "{variance}");
}

#[test]
fn a_series_tells_its_frequency() {
    // Two channels of 16 steps: a wave of an unknown frequency and an unknown phase, and noise.
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let phase = rng.random::<f64>() * std::f64::consts::TAU;
        let omega = 1.0 + 0.3 * theta[0];
        let mut noise = || 0.1 * rng.sample::<f64, _>(StandardNormal);
        let wave = |shift: f64| move |t: i32| (omega * f64::from(t) + phase + shift).sin();
        let first: Vec<f64> = (0..16).map(wave(0.0)).collect();
        let all = first.into_iter().chain((0..16).map(wave(1.0)));
        all.map(|v| v + noise()).collect::<Vec<f64>>()
    };
    let simulate = Simulate::new(Normal::new(&[0.0], &[1.0]).unwrap(), simulator);
    let series = Embedding::Series {
        channels: 2,
        filters: vec![16, 16],
        kernel: 5,
        outputs: 8,
    };
    let posterior = fitted(&simulate, series, 800).unwrap();
    let fresh = simulate.seed(1).run(40).unwrap();
    let error = |row: usize| {
        let samples = posterior.sample(fresh.x(row), 200, 0).unwrap();
        (samples.mean()[0] - fresh.theta(row)[0]).powi(2)
    };
    let mean = (0..40).map(error).sum::<f64>() / 40.0;
    // A posterior that knows nothing has an error of 1.
    assert!(mean < 0.2, "{mean}");
}

#[test]
fn sizes_that_do_not_fit_are_errors() {
    let simulate = draws_of_a_mean();
    let series = |channels, kernel| Embedding::Series {
        channels,
        filters: vec![4],
        kernel,
        outputs: 2,
    };
    let cases = [
        (set(3), "20 numbers are no whole items of 3"),
        (set(0), "embedding"),
        (series(3, 3), "20 numbers are no 3 series"),
        (series(2, 4), "use an odd number"),
        (series(0, 3), "embedding"),
    ];
    for (embedding, problem) in cases {
        let error = fitted(&simulate, embedding, 1).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}
