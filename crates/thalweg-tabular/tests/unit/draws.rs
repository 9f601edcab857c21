//! Rows of known densities, and how far a fitted one is from them.

use std::f64::consts::{PI, TAU};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use thalweg_data::{Column, Table};
use thalweg_tabular::{Density, FittedDensity};

pub(crate) const LN_TAU: f64 = 1.837_877_066_409_345_5;

/// Rows to learn from, and fresh ones to judge by.
pub(crate) const LEARNED: usize = 20_000;
pub(crate) const JUDGED: usize = 6000;
/// The bound on what a fitted density loses, in nats.
pub(crate) const CLOSE: f64 = 0.02;

pub(crate) fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Rows, and the true `ln p` of each.
pub(crate) type Truth = (Table, Vec<f64>);

/// One row after the other: the numbers of its columns, and its `ln p`.
pub(crate) fn numbers(
    names: &[&str],
    rows: usize,
    seed: u64,
    row: impl Fn(&mut ChaCha8Rng) -> (Vec<f64>, f64),
) -> Truth {
    let rng = &mut rng(seed);
    let mut columns = vec![Vec::with_capacity(rows); names.len()];
    let mut truth = Vec::with_capacity(rows);
    for _ in 0..rows {
        let (values, log) = row(rng);
        columns
            .iter_mut()
            .zip(values)
            .for_each(|(column, value)| column.push(value));
        truth.push(log);
    }
    let columns = names.iter().zip(columns);
    let columns = columns.map(|(name, values)| Column::numbers(name, values));
    (Table::new(columns.collect()).unwrap(), truth)
}

pub(crate) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    rng.sample(StandardNormal)
}

/// `ln p` of a normal density.
pub(crate) fn log_normal(x: f64, mean: f64, deviation: f64) -> f64 {
    -0.5 * ((x - mean) / deviation).powi(2) - deviation.ln() - 0.5 * LN_TAU
}

/// A sample of the von Mises density by rejection.
pub(crate) fn von_mises(mean: f64, concentration: f64, rng: &mut ChaCha8Rng) -> f64 {
    loop {
        let angle = (rng.random::<f64>() - 0.5) * TAU;
        if rng.random::<f64>() < (concentration * ((angle - mean).cos() - 1.0)).exp() {
            return angle.rem_euclid(TAU);
        }
    }
}

/// `ln p` of the von Mises density; the Bessel function by the midpoint rule, which is exact here to rounding.
pub(crate) fn log_von_mises(x: f64, mean: f64, concentration: f64) -> f64 {
    let bessel: f64 = (0..64)
        .map(|k| (concentration * ((f64::from(k) + 0.5) * PI / 32.0).cos()).exp() / 64.0)
        .sum();
    concentration * (x - mean).cos() - bessel.ln() - TAU.ln()
}

/// The mean of `f` over `draw`'s fresh rows: `ln p` minus the model's, an estimate of the Kullback–Leibler divergence.
pub(crate) fn divergence(model: &FittedDensity, (table, truth): &Truth) -> f64 {
    let found = model.log_prob(table).unwrap();
    assert_eq!(found.len(), truth.len());
    let lost = truth
        .iter()
        .zip(found)
        .map(|(truth, found)| truth - found.unwrap());
    lost.sum::<f64>() / truth.len() as f64
}

/// Fits to rows of `draw`, and checks what is lost on fresh ones.
#[track_caller]
pub(crate) fn recovers(
    name: &str,
    density: &Density,
    draw: impl Fn(usize, u64) -> Truth,
) -> FittedDensity {
    let start = std::time::Instant::now();
    let model = density.fit(&draw(LEARNED, 1).0).unwrap();
    let fitted = start.elapsed();
    let lost = divergence(&model, &draw(JUDGED, 2));
    eprintln!(
        "{name}: {lost:.4} nats, {:.1} s to fit, {:.1} s in all\n{model}",
        fitted.as_secs_f64(),
        start.elapsed().as_secs_f64()
    );
    assert!(
        lost.abs() < CLOSE,
        "{name}: {lost:.4} nats are lost, and at most {CLOSE} may be\n{model}"
    );
    model
}
