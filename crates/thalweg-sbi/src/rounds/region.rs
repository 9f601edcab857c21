//! The region that holds nearly all of a posterior.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use thalweg_metrics::quantile;

use crate::sampler::ImportanceSamples;
use crate::{Posterior, Prior, SbiError, Simulate};

/// `{θ : ln q(θ | x) ≥ τ}`.
#[derive(Debug)]
pub(super) struct Region {
    posterior: Posterior,
    threshold: f64,
}

/// Parameters in a region.
pub(super) struct Drawn {
    pub(super) theta: Vec<Vec<f64>>,
    /// The share of draws from the prior that lie in the region.
    pub(super) acceptance: f64,
    /// Whether some come from the posterior.
    pub(super) resampled: bool,
}

/// Draws that the threshold is the quantile of, as in the paper.
const DRAWS: usize = 10_000;
/// Draws from the prior that are judged together.
const TOGETHER: usize = 4096;
/// Draws from the posterior for one that is resampled.
const POOL: usize = 64;
/// The fewest draws from the posterior.
const LEAST_POOL: usize = 1000;

impl Region {
    /// The region that leaves out the share `epsilon` of the posterior's draws.
    pub(super) fn new(
        posterior: Posterior,
        x: &[f64],
        epsilon: f64,
        seed: u64,
    ) -> Result<Self, SbiError> {
        let draws = posterior.sample(x, DRAWS, seed)?;
        let mut logs = posterior.log_prob(draws.values(), x)?;
        logs.sort_by(f64::total_cmp);
        Ok(Self {
            posterior,
            threshold: quantile(&logs, epsilon),
        })
    }

    /// `count` draws from the simulator's prior inside of the region, by its seed: by rejection, and by importance resampling
    /// those that are left when the acceptance is below `least`.
    pub(super) fn draw(
        &self,
        simulate: &Simulate,
        x: &[f64],
        count: usize,
        least: f64,
    ) -> Result<Drawn, SbiError> {
        let (prior, seed) = (simulate.prior(), simulate.own_seed());
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let (mut theta, mut tried, mut inside) = (vec![], 0, 0);
        while theta.len() < count {
            let draws: Vec<Vec<f64>> = (0..TOGETHER).map(|_| prior.sample(rng)).collect();
            let logs = self.posterior.log_prob(&draws.concat(), x)?;
            let accepted = draws.into_iter().zip(logs);
            let accepted = accepted.filter(|(_, log)| *log >= self.threshold);
            let accepted: Vec<Vec<f64>> = accepted.map(|(draw, _)| draw).collect();
            tried += TOGETHER;
            inside += accepted.len();
            theta.extend(accepted);
            if (inside as f64) < least * tried as f64 {
                break;
            }
        }
        theta.truncate(count);
        let left = count - theta.len();
        if left > 0 {
            theta.extend(self.resample(prior, x, left, seed)?);
        }
        Ok(Drawn {
            theta,
            acceptance: inside as f64 / tried as f64,
            resampled: left > 0,
        })
    }

    /// Draws from the posterior inside of the region, one after the other by the weights `p(θ) / q(θ | x)`, none twice.
    fn resample(
        &self,
        prior: &dyn Prior,
        x: &[f64],
        count: usize,
        seed: u64,
    ) -> Result<Vec<Vec<f64>>, SbiError> {
        let pool = self
            .posterior
            .sample(x, (POOL * count).max(LEAST_POOL), seed)?;
        let logs = self.posterior.log_prob(pool.values(), x)?;
        let weights = pool
            .rows()
            .zip(logs)
            .map(|(theta, log)| match log >= self.threshold {
                true => prior.log_prob(theta) - log,
                false => f64::NEG_INFINITY,
            });
        let weights = weights.collect();
        let weighted = ImportanceSamples::new(pool, weights)?;
        let chosen = weighted.resample_once_each(count, seed)?;
        Ok(chosen.rows().map(<[f64]>::to_vec).collect())
    }
}
