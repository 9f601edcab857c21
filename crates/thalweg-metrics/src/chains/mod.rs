//! Whether Markov chains have mixed, and how many independent draws theirs are worth.

mod effective;
mod r_hat;

pub use effective::{bulk_ess, mean_ess, tail_ess};
pub use r_hat::r_hat;

use crate::MetricError;
use crate::check::{at_least, finite, same_length};
use crate::rank::mid_ranks;
use crate::special::normal_quantile;

/// The fewest draws of a chain: halves of two have a variance.
const LEAST: usize = 4;

/// The halves of all chains, the middle draw of an odd number left out.
///
/// # Errors
/// No chains, fewer than 4 draws, and a draw that is not finite.
///
/// # Panics
/// If the lengths differ.
fn halves<C: AsRef<[f64]>>(chains: &[C]) -> Result<Vec<Vec<f64>>, MetricError> {
    at_least("the list of chains", chains.len(), 1)?;
    let draws = chains[0].as_ref().len();
    at_least("a chain", draws, LEAST)?;
    let mut all = vec![];
    for chain in chains {
        let chain = chain.as_ref();
        same_length(("a chain", chain.len()), ("the first one", draws));
        finite("a chain", chain)?;
        let half = draws / 2;
        all.push(chain[..half].to_vec());
        all.push(chain[draws - half..].to_vec());
    }
    Ok(all)
}

/// `Φ⁻¹((r − 3/8) / (S + 1/4))` of the ranks `r` of all `S` draws together: heavy tails become normal ones.
fn normal_scores(chains: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let all = chains.concat();
    let score = |rank: f64| normal_quantile((rank - 0.375) / (all.len() as f64 + 0.25));
    let scores: Vec<f64> = mid_ranks(&all).into_iter().map(score).collect();
    // As many draws in each.
    let draws = chains[0].len();
    scores.chunks_exact(draws).map(<[f64]>::to_vec).collect()
}

/// The variance within chains of `n` draws, W, and the one estimated from within and between them,
/// var⁺ = (n − 1)/n W + B/n.
struct Variances {
    within: f64,
    both: f64,
}

impl Variances {
    fn of(chains: &[Vec<f64>]) -> Self {
        let n = chains[0].len() as f64;
        let means: Vec<f64> = chains.iter().map(|chain| mean(chain)).collect();
        let each: Vec<f64> = chains.iter().map(|chain| variance(chain)).collect();
        let within = mean(&each);
        // The halves of one chain are two chains, so that there is always a variance between them.
        let between = variance(&means);
        Self {
            within,
            both: within * (n - 1.0) / n + between,
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The unbiased variance; 0 of values that are all equal, to the bit.
fn variance(values: &[f64]) -> f64 {
    if values.iter().all(|value| *value == values[0]) {
        return 0.0;
    }
    let mean = mean(values);
    values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}
