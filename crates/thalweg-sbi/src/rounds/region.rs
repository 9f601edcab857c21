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
/// Draws from the prior that are judged together: as many as are wanted, within these bounds.
const TOGETHER: [usize; 2] = [256, 4096];
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
        let together = count.clamp(TOGETHER[0], TOGETHER[1]);
        let (mut theta, mut tried, mut inside) = (vec![], 0, 0);
        while theta.len() < count {
            let draws: Vec<Vec<f64>> = (0..together).map(|_| prior.sample(rng)).collect();
            let logs = self.posterior.log_prob(&draws.concat(), x)?;
            let accepted = draws.into_iter().zip(logs);
            let accepted = accepted.filter(|(_, log)| *log >= self.threshold);
            let accepted: Vec<Vec<f64>> = accepted.map(|(draw, _)| draw).collect();
            tried += together;
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

#[cfg(test)]
mod tests {
    use rand::RngExt;
    use thalweg_metrics::normal_share;

    use super::*;
    use crate::{Embedding, Family, Normal, Npe};

    #[test]
    fn both_ways_draw_the_truncated_prior() {
        // θ ~ N(0, 1) and x ~ N(θ, ¼): the posterior of x = 1 is N(0.8, 0.2), whose 95 % of highest density lie within
        // 0.8 ± 1.96 √0.2.
        let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| {
            let noise: f64 = rng.sample(rand_distr::StandardNormal);
            vec![theta[0] + 0.5 * noise]
        };
        let simulate = Simulate::new(Normal::new(&[0.0], &[1.0]).unwrap(), noisy);
        let npe = Npe::new(simulate.prior()).family(Family::AutoregressiveSpline {
            transforms: 1,
            hidden: vec![8],
        });
        let npe = npe.embedding(Embedding::None).members(1).steps(20);
        let posterior = npe.fit(&simulate.run(2000).unwrap()).unwrap();
        let region = Region::new(posterior, &[1.0], 0.05, 1).unwrap();
        let half = 1.96 * 0.2_f64.sqrt();
        let [low, high] = [0.8 - half, 0.8 + half];
        let density = |t: f64| (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt();
        let mass = normal_share(high) - normal_share(low);
        let expected = (density(low) - density(high)) / mass;
        for (least, resampled) in [(0.1, false), (0.99, true)] {
            let drawn = region.draw(&simulate, &[1.0], 1000, least).unwrap();
            assert_eq!((drawn.theta.len(), drawn.resampled), (1000, resampled));
            assert!(
                (drawn.acceptance - mass).abs() < 0.05,
                "{}",
                drawn.acceptance
            );
            let places = || drawn.theta.iter().map(|theta| theta[0]);
            let mean = places().sum::<f64>() / 1000.0;
            assert!(
                (mean - expected).abs() < 0.06,
                "{resampled}: {mean}, not {expected}"
            );
            assert!(places().all(|t| low - 0.15 < t && t < high + 0.15));
        }
    }
}
