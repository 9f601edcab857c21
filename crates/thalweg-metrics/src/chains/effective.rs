use super::{Variances, halves, mean, normal_scores};
use crate::MetricError;
use crate::rank::{quantile, sorted};

/// The number of independent draws that estimate the mean of these chains' distribution as well,
///
/// S / τ, τ = 1 + 2 Σₜ ρₜ,
///
/// for S draws in all with autocorrelations ρₜ at the distance t, those of chains that have not mixed included. The sum ends
/// where two neighbouring terms are no longer positive together, and their pairs never grow.
///
/// `chains` has the shape `[chains, draws]`. It is NaN where all draws are equal. The time grows with draws × the distance
/// at which the sum ends.
///
/// ```
/// use thalweg_metrics::{mean_ess, tail_ess};
///
/// // The fractional parts of multiples of √2: each draw says little about the next.
/// let chain = |start: usize| -> Vec<f64> {
///     (start..start + 500).map(|i| (i as f64 * 2.0_f64.sqrt()).fract()).collect()
/// };
/// assert!(mean_ess(&[chain(0), chain(777)])? > 500.0);
/// // Each number ten times: a tenth of them.
/// let slow: Vec<f64> = chain(0).iter().flat_map(|x| [*x; 10]).collect();
/// assert!(mean_ess(&[slow.clone()])? < 0.4 * slow.len() as f64);
/// assert!(tail_ess(&[slow.clone()])? < 0.4 * slow.len() as f64);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
///
/// # Errors
/// [`MetricError`] for no chains, fewer than 4 draws, and a draw that is not finite.
///
/// # Panics
/// If the lengths differ.
///
/// Source: Geyer, "Practical Markov chain Monte Carlo", 1992; Vehtari, Gelman, Simpson, Carpenter, Bürkner,
/// "Rank-normalization, folding, and localization: an improved R̂ for assessing convergence of MCMC", 2021, section 3.2.
pub fn mean_ess<C: AsRef<[f64]>>(chains: &[C]) -> Result<f64, MetricError> {
    Ok(effective(&halves(chains)?))
}

/// [`mean_ess`] of the draws' normal scores: how well the middle of the distribution is known, also where it has no mean.
///
/// At least 400 are needed for R̂ and for itself to be reliable.
///
/// # Errors
/// As [`mean_ess`].
///
/// # Panics
/// If the lengths differ.
///
/// Source: Vehtari and others, 2021, section 4.1.
///
/// ```
/// use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
///
/// // Each draw twice: half as many count.
/// let mut rng = ChaCha8Rng::seed_from_u64(0);
/// let mut chain = || (0..500).flat_map(|_| [rng.random::<f64>(); 2]).collect::<Vec<f64>>();
/// let chains = [chain(), chain(), chain(), chain()];
/// let draws = thalweg_metrics::bulk_ess(&chains)?;
/// assert!(draws > 1700.0 && draws < 2300.0);
/// # Ok::<(), thalweg_metrics::MetricError>(())
/// ```
pub fn bulk_ess<C: AsRef<[f64]>>(chains: &[C]) -> Result<f64, MetricError> {
    Ok(effective(&normal_scores(&halves(chains)?)))
}

/// How well the tails are known: the smaller one of [`mean_ess`] of the indicators of `x ≤ q`, at the quantiles 0.05 and 0.95.
///
/// See [`mean_ess`] for an example.
///
/// # Errors
/// As [`mean_ess`].
///
/// # Panics
/// If the lengths differ.
///
/// Source: Vehtari and others, 2021, section 4.3.
pub fn tail_ess<C: AsRef<[f64]>>(chains: &[C]) -> Result<f64, MetricError> {
    let halves = halves(chains)?;
    let all = sorted(&halves.concat());
    let ends = [0.05, 0.95].map(|share| {
        let bound = quantile(&all, share);
        let indicate = |chain: &Vec<f64>| chain.iter().map(|x| f64::from(*x <= bound)).collect();
        let indicators: Vec<Vec<f64>> = halves.iter().map(indicate).collect();
        effective(&indicators)
    });
    // An end at which many draws are equal has one indicator only.
    Ok(ends[0].min(ends[1]))
}

fn effective(chains: &[Vec<f64>]) -> f64 {
    let draws = chains[0].len();
    let Variances { within, both } = Variances::of(chains);
    if both == 0.0 {
        return f64::NAN;
    }
    let centred: Vec<Vec<f64>> = chains.iter().map(|chain| centre(chain)).collect();
    let correlation = |distance: usize| {
        let covariance = |chain: &Vec<f64>| {
            let products = chain.iter().zip(&chain[distance..]).map(|(a, b)| a * b);
            products.sum::<f64>() / draws as f64
        };
        let all: Vec<f64> = centred.iter().map(covariance).collect();
        1.0 - (within - mean(&all)) / both
    };
    let (mut sum, mut smallest, mut distance) = (0.0, f64::INFINITY, 0);
    loop {
        let even = match distance {
            0 => 1.0,
            _ => correlation(distance),
        };
        let pair = even + correlation(distance + 1);
        if pair <= 0.0 {
            // The first term of the pair that ends the sum counts where it is positive: it lowers the variance of antithetic
            // chains.
            sum += even.max(0.0) / 2.0;
            break;
        }
        smallest = pair.min(smallest);
        sum += smallest;
        distance += 2;
        if distance + 1 >= draws {
            break;
        }
    }
    let all = (chains.len() * draws) as f64;
    // Chains that are better than independent ones are not believed to be more than log₁₀ S times so.
    let time = (2.0 * sum - 1.0).max(1.0 / all.log10());
    all / time
}

fn centre(chain: &[f64]) -> Vec<f64> {
    let mean = mean(chain);
    chain.iter().map(|x| x - mean).collect()
}
