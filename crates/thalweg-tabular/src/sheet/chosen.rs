//! Rows that stand for weighted rows.

use rand::{Rng, RngExt};
use thalweg_metrics::effective_sample_size;

/// How many rows weighted rows are worth.
fn effective(weights: &[f64]) -> f64 {
    let logs: Vec<f64> = weights.iter().map(|weight| weight.ln()).collect();
    effective_sample_size(&logs)
}

/// At most `most` rows, each as often as its weight demands: one point in each of as many equal parts of the sum of
/// weights. There are no more than weighted rows are worth, so that tests of rows hold for them.
///
/// With equal weights and no limit, these are all rows, once each.
pub(crate) fn chosen(weights: &[f64], most: usize, rng: &mut impl Rng) -> Vec<usize> {
    let n = (effective(weights).round() as usize).clamp(1, most.max(1));
    let part = weights.iter().sum::<f64>() / n as f64;
    let shift: f64 = rng.random();
    let mut rows = Vec::with_capacity(n);
    let mut sum = 0.0;
    for (row, weight) in weights.iter().enumerate() {
        sum += weight;
        while rows.len() < n && (rows.len() as f64 + shift) * part < sum {
            rows.push(row);
        }
    }
    rows
}
