//! The weights of a mixture of densities.

use thalweg_kernels::LogSum;

/// The number of densities that are mixed.
pub(super) const PARTS: usize = 4;

/// `ln Σ wₖ exp(lₖ)`.
pub(super) fn log_mixture(logs: [f64; PARTS], weights: [f64; PARTS]) -> f64 {
    let mut sum = LogSum::default();
    for (log, weight) in logs.into_iter().zip(weights) {
        if weight > 0.0 {
            sum.add(log + weight.ln());
        }
    }
    sum.total()
}

/// The weights of a mixture of greatest likelihood, by expectation and maximization. A prior of one row for each
/// component keeps all of them in: held-out rows are few.
pub(super) fn stack(logs: &[Vec<f64>; PARTS], weights: &[f64]) -> [f64; PARTS] {
    let mut shares = [1.0 / PARTS as f64; PARTS];
    if weights.is_empty() {
        return shares;
    }
    let total: f64 = weights.iter().sum();
    for _ in 0..100 {
        let mut sums = [1.0; PARTS];
        for (row, weight) in weights.iter().enumerate() {
            let of = [0, 1, 2, 3].map(|k| logs[k][row]);
            let whole = log_mixture(of, shares);
            for k in 0..PARTS {
                let part = (of[k] + shares[k].ln() - whole).exp();
                if part.is_finite() {
                    sums[k] += weight / total * weights.len() as f64 * part;
                }
            }
        }
        let all: f64 = sums.iter().sum();
        shares = sums.map(|sum| sum / all);
    }
    // What adds little costs a distance to each kernel, or a pass of the flow, at every row. The Gaussian costs nothing, and
    // bounds what a row far from all others takes away.
    let kept = |k: usize, share: f64| match k {
        0 => share.max(1e-3),
        _ if share < LITTLE => 0.0,
        _ => share,
    };
    let kept = [0, 1, 2, 3].map(|k| kept(k, shares[k]));
    let all: f64 = kept.iter().sum();
    kept.map(|share| share / all)
}

/// A weight below which a density is left out of a mixture.
const LITTLE: f64 = 0.02;
