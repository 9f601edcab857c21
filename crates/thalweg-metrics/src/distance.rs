//! Distances between two distributions.

use crate::MetricError;
use crate::check::{at_least, finite, row_count, same_length, weight_sum};
use crate::rank::sorted;

/// The total variation between two distributions of a category, the largest difference of a probability of any event,
///
/// TV = ½ Σₖ |pₖ − qₖ|.
///
/// `p` and `q` have the shape `[k]`, one count or probability for each category in one order; each is normalized.
///
/// # Errors
/// [`MetricError`] if a value is negative or not finite, or all are zero.
///
/// # Panics
/// If the lengths differ.
///
/// ```
/// assert_eq!(thalweg_metrics::total_variation(&[3.0, 1.0], &[0.5, 0.5])?, 0.25);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn total_variation(p: &[f64], q: &[f64]) -> Result<f64, MetricError> {
    same_length(("p", p.len()), ("q", q.len()));
    let sum_p = weight_sum("frequencies of p", p)?;
    let sum_q = weight_sum("frequencies of q", q)?;
    let parts = p.iter().zip(q).map(|(p, q)| (p / sum_p - q / sum_q).abs());
    Ok(parts.sum::<f64>() / 2.0)
}

/// The Wasserstein distance of order 1 between two samples of one column, the mean way that mass has to move,
///
/// W₁ = ∫ |Fₙ(x) − Gₘ(x)| dx,
///
/// in the units of the column. The shapes are `[n]` and `[m]`.
///
/// # Errors
/// [`MetricError`] if a sample is empty or a value is not finite.
///
/// Source: Ramdas, García Trillos and Cuturi, "On Wasserstein two-sample testing and related families of nonparametric
/// tests", 2017.
///
/// ```
/// assert_eq!(thalweg_metrics::wasserstein_1d(&[0.0, 1.0], &[5.0])?, 4.5);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn wasserstein_1d(a: &[f64], b: &[f64]) -> Result<f64, MetricError> {
    check_samples(a, b)?;
    let (a, b) = (sorted(a), sorted(b));
    let all = sorted(&[&a[..], &b[..]].concat());
    let (mut in_a, mut in_b, mut area) = (0, 0, 0.0);
    for pair in all.windows(2) {
        let [x, next] = [pair[0], pair[1]];
        in_a += a[in_a..].iter().take_while(|value| **value <= x).count();
        in_b += b[in_b..].iter().take_while(|value| **value <= x).count();
        let apart = in_a as f64 / a.len() as f64 - in_b as f64 / b.len() as f64;
        area += apart.abs() * (next - x);
    }
    Ok(area)
}

/// The energy distance between two samples of vectors,
///
/// D = √(2 E‖X − Y‖ − E‖X − X′‖ − E‖Y − Y′‖),
///
/// with means over all pairs, a row with itself included, so that it is never negative; 0 only for equal samples.
///
/// `a` is `[n, dims]` and `b` is `[m, dims]`, in row order. Columns count by their units: standardize them first. The cost is
/// (n + m)² distances; give some 5,000 rows of larger samples, drawn at random.
///
/// # Errors
/// [`MetricError`] if a sample is empty or a value is not finite.
///
/// # Panics
/// If `dims` is 0 or a length is no multiple of it.
///
/// Source: Székely and Rizzo, "Energy statistics: a class of statistics based on distances", 2013.
///
/// ```
/// let distance = thalweg_metrics::energy_distance(&[0.0, 0.0], &[3.0, 4.0], 2)?;
/// assert!((distance - 10f64.sqrt()).abs() < 1e-12);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn energy_distance(a: &[f64], b: &[f64], dims: usize) -> Result<f64, MetricError> {
    row_count("the first sample", a, dims);
    row_count("the second sample", b, dims);
    check_samples(a, b)?;
    let mean = |from: &[f64], to: &[f64]| {
        let mut sum = 0.0;
        for row in from.chunks_exact(dims) {
            let lengths = to.chunks_exact(dims).map(|other| {
                let squares = row.iter().zip(other).map(|(x, y)| (x - y) * (x - y));
                squares.sum::<f64>().sqrt()
            });
            sum += lengths.sum::<f64>();
        }
        sum / ((from.len() / dims) as f64 * (to.len() / dims) as f64)
    };
    let squared = 2.0 * mean(a, b) - mean(a, a) - mean(b, b);
    Ok(squared.max(0.0).sqrt())
}

fn check_samples(a: &[f64], b: &[f64]) -> Result<(), MetricError> {
    for (what, values) in [("the first sample", a), ("the second sample", b)] {
        at_least(what, values.len(), 1)?;
        finite(what, values)?;
    }
    Ok(())
}
