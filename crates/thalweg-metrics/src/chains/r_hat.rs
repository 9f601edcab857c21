use super::{Variances, halves, normal_scores};
use crate::MetricError;
use crate::rank::{quantile, sorted};

/// Whether chains have come to one distribution: the rank-normalized split-R̂,
///
/// R̂ = √(var⁺ / W), var⁺ = (n − 1)/n W + B/n,
///
/// with the variance W within the halves of the chains and B/n between their means, of the draws' normal scores. The value
/// is the larger one of those of the draws, which sees other places, and of their distances from the median, which sees
/// other widths. Above 1.01 the chains have not mixed.
///
/// `chains` has the shape `[chains, draws]`. It is ∞ where no half moves and they differ, and NaN where all draws are equal.
///
/// # Errors
/// [`MetricError`] for no chains, fewer than 4 draws, and a draw that is not finite.
///
/// # Panics
/// If the lengths differ.
///
/// Source: Vehtari, Gelman, Simpson, Carpenter, Bürkner, "Rank-normalization, folding, and localization: an improved R̂ for
/// assessing convergence of MCMC", 2021, eq. 4 and 14 and section 4.2.
///
/// ```
/// let [there, here]: [Vec<f64>; 2] = [0.0, 10.0].map(|at| (0..100).map(|i| at + (i as f64).sin()).collect());
/// assert!(thalweg_metrics::r_hat(&[&there, &there])? < 1.01);
/// assert!(thalweg_metrics::r_hat(&[there, here])? > 1.5);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn r_hat<C: AsRef<[f64]>>(chains: &[C]) -> Result<f64, MetricError> {
    let halves = halves(chains)?;
    let median = quantile(&sorted(&halves.concat()), 0.5);
    let fold = |chain: &Vec<f64>| chain.iter().map(|x| (x - median).abs()).collect();
    let folded: Vec<Vec<f64>> = halves.iter().map(fold).collect();
    let [places, widths] = [halves, folded].map(|chains| {
        let Variances { within, both } = Variances::of(&normal_scores(&chains));
        (both / within).sqrt()
    });
    // Distances from the median are all equal where draws have two values; then they say nothing.
    Ok(places.max(widths))
}
