//! Tests by topic. Golden numbers are those of SciPy 1.17.1 and scikit-learn 1.9.1.

#![allow(clippy::unwrap_used)]

mod association;
mod chains;
mod conformal;
mod distances;
mod kolmogorov;
mod means;
mod pareto;
mod ranking;
mod two_sample;

/// The fractional parts of multiples of a number, which spread evenly over 0 to 1.
fn spread(count: usize, step: f64) -> Vec<f64> {
    (0..count).map(|i| (i as f64 * step).fract()).collect()
}

const GOLDEN: f64 = 0.618_033_988_749_894_9;
const ROOT: f64 = 0.414_213_562_373_095_1;

/// Equal to about the rounding of f64.
#[track_caller]
fn close(got: f64, expected: f64) {
    assert!(
        (got - expected).abs() <= 1e-12 * expected.abs().max(1e-3),
        "got {got}, expected {expected}"
    );
}

/// Independent standard normal numbers.
fn normals(count: usize, seed: u64) -> Vec<f64> {
    use rand::{RngExt, SeedableRng};
    let mut generator = rand::rngs::ChaCha8Rng::seed_from_u64(seed);
    let mut uniform = move || 1.0 - generator.random::<f64>();
    (0..count)
        .map(|_| (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos())
        .collect()
}
