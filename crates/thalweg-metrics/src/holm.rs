//! P-values of several tests.

use crate::rank::ascending;

/// The p-values of several tests, adjusted so that the probability of at least one below a level is at most that level
/// where all null hypotheses are true, however the tests depend on each other:
///
/// p̃₍ᵢ₎ = min(1, maxⱼ≤ᵢ (m − j + 1) p₍ⱼ₎), the p-values from the smallest on.
///
/// ```
/// let adjusted = thalweg_metrics::holm(&[0.25, 0.0625, 0.5]);
/// assert_eq!(adjusted, [0.5, 0.1875, 0.5]);
/// ```
///
/// Holm: *A simple sequentially rejective multiple test procedure*, 1979.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut adjusted = p_values.to_vec();
    let mut largest: f64 = 0.0;
    for (before, place) in ascending(p_values).into_iter().enumerate() {
        let left = (p_values.len() - before) as f64;
        largest = largest.max(left * p_values[place]).min(1.0);
        adjusted[place] = largest;
    }
    adjusted
}
