//! Weights of rows, and sums of exponents.

/// ln Σᵢ exp(xᵢ), without overflow: −∞ of nothing, and NaN if a value is not a number.
///
/// `values` has the shape `[n]`.
///
/// ```
/// let sum = thalweg_metrics::log_sum_exp(&[-1000.0, -1000.0]);
/// assert!((sum - (2f64.ln() - 1000.0)).abs() < 1e-12);
/// ```
pub fn log_sum_exp(values: &[f64]) -> f64 {
    if values.iter().any(|value| value.is_nan()) {
        return f64::NAN;
    }
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match largest.is_finite() {
        true => largest + values.iter().map(|x| (x - largest).exp()).sum::<f64>().ln(),
        false => largest,
    }
}

/// ln (1/n Σᵢ exp(xᵢ)), the logarithm of a mean, without overflow.
///
/// `values` has the shape `[n]`. The density of an ensemble of n models is this of their log-densities.
///
/// # Panics
/// If there are no values.
///
/// ```
/// let mean = thalweg_metrics::log_mean_exp(&[0f64.ln(), 1f64.ln()]);
/// assert!((mean - 0.5f64.ln()).abs() < 1e-12);
/// ```
pub fn log_mean_exp(values: &[f64]) -> f64 {
    assert!(!values.is_empty(), "the mean needs values, got [0]");
    log_sum_exp(values) - (values.len() as f64).ln()
}

/// The number of equally weighted rows that estimate a mean as well as rows with these importance weights,
///
/// n = (Σ wᵢ)² / Σ wᵢ²,
///
/// from the logarithms of the weights, which need not be normalized. `log_weights` has the shape `[n]`. It is 0 if all
/// weights are zero, and NaN if a logarithm is not a number or +∞.
///
/// Source: Kish, "Survey Sampling", 1965.
///
/// ```
/// use thalweg_metrics::effective_sample_size;
///
/// assert!((effective_sample_size(&[-1e4, -1e4, -1e4]) - 3.0).abs() < 1e-9);
/// assert_eq!(effective_sample_size(&[0.0, f64::NEG_INFINITY]), 1.0);
/// ```
pub fn effective_sample_size(log_weights: &[f64]) -> f64 {
    let largest = log_sum_exp(log_weights);
    if largest == f64::NEG_INFINITY {
        return 0.0;
    }
    let weights: Vec<f64> = log_weights.iter().map(|w| (w - largest).exp()).collect();
    effective_size(&weights)
}

/// Kish's effective size of weights that are not all zero.
pub(crate) fn effective_size(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    sum * sum / weights.iter().map(|w| w * w).sum::<f64>()
}
