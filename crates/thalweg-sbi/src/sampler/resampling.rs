//! Weighted draws of a density near the target.

use std::fmt;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use thalweg_metrics::{ParetoSmoothed, effective_sample_size, log_mean_exp, log_sum_exp};

use super::LogDensity;
use crate::{Prior, Samples, SbiError};

/// Draws `θ` of a proposal `q` with the weights `w = p̃(θ) / q(θ)`: they stand for the target `p = p̃ / Z`, whose evidence
/// `Z` is the mean weight.
///
/// A proposal must be wider than the target: a weight tells of the draws alone, and a part of the target that no draw has
/// reached is in no weight. Neither [`ess`](Self::ess) nor [`k_hat`](Self::k_hat) sees such a part.
///
/// ```
/// use thalweg_sbi::sampler::{HostDensity, ImportanceSamples};
/// use thalweg_sbi::Normal;
///
/// // A prior N(0, 1) and the likelihood N(1; θ, 1): the posterior is N(½, ½), the evidence N(1; 0, 2).
/// let tau = std::f64::consts::TAU;
/// let likelihood = HostDensity::new(1, |t| -0.5 * (1.0 - t[0]).powi(2) - 0.5 * tau.ln());
/// let draws = ImportanceSamples::of_prior(&Normal::new(&[0.0], &[1.0])?, &likelihood, 20_000, 0)?;
/// let evidence = -0.25 - 0.5 * (2.0 * tau).ln();
/// assert!((draws.log_evidence() - evidence).abs() < 3.0 * draws.log_evidence_error());
/// // The mean of ln N(1; θ, 1) under the prior is −½ · 2 − ½ ln 2π, which is below the evidence.
/// let [elbo, error] = draws.elbo();
/// assert!((elbo + 1.0 + 0.5 * tau.ln()).abs() < 3.0 * error && elbo < draws.log_evidence());
/// // Bounded weights have a short tail, which is hardly smoothed.
/// assert!(draws.k_hat() < 0.0 && draws.is_reliable());
/// assert!((draws.clone().smoothed().log_evidence() - evidence).abs() < 0.02);
/// let posterior = draws.resample(5000, 0)?;
/// assert!((posterior.mean()[0] - 0.5).abs() < 0.05);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
///
/// # References
///
/// Rubin: *Using the SIR algorithm to simulate posterior distributions*, 1988.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportanceSamples {
    samples: Samples,
    log_weights: Vec<f64>,
    pareto: ParetoSmoothed,
}

impl ImportanceSamples {
    /// Draws with the logarithms of their weights, which need not be normalized. NaN counts as −∞, a weight of 0.
    ///
    /// # Errors
    ///
    /// Other numbers of draws and weights, fewer than 25, a weight that is infinite, and weights that are all 0.
    pub fn new(samples: Samples, mut log_weights: Vec<f64>) -> Result<Self, SbiError> {
        SbiError::equal("draws", samples.len(), "weights", log_weights.len())?;
        for log in &mut log_weights {
            if log.is_nan() {
                *log = f64::NEG_INFINITY;
            }
        }
        let pareto = ParetoSmoothed::new(&log_weights)?;
        Ok(Self {
            samples,
            log_weights,
            pareto,
        })
    }

    /// Draws of a proposal as rows of coordinates, with its log-densities there, which carry its normalization.
    ///
    /// ```
    /// use thalweg_sbi::sampler::{HostDensity, ImportanceSamples};
    ///
    /// // Under the target itself, all weights are its integral: that of exp(−x²/2) is √(2π).
    /// let target = HostDensity::new(1, |x| -0.5 * x[0] * x[0]);
    /// let rows: Vec<f64> = (0..100).map(|i| f64::from(i) / 25.0 - 2.0).collect();
    /// let log_integral = 0.5 * std::f64::consts::TAU.ln();
    /// let log_proposal: Vec<f64> = rows.iter().map(|x| -0.5 * x * x - log_integral).collect();
    /// let draws = ImportanceSamples::of_proposal(&target, &rows, &log_proposal)?;
    /// assert!(draws.log_weights().iter().all(|log| (log - log_integral).abs() < 1e-9));
    /// assert!((draws.log_evidence() - log_integral).abs() < 1e-9);
    /// assert!((draws.ess() - 100.0).abs() < 1e-6);
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Numbers that are no whole rows, the errors of the target, and those of [`new`](Self::new).
    pub fn of_proposal<T: LogDensity + ?Sized>(
        target: &T,
        rows: &[f64],
        log_proposal: &[f64],
    ) -> Result<Self, SbiError> {
        let dims = target.dims();
        let whole = rows.len() / dims * dims;
        SbiError::equal("numbers of coordinates", rows.len(), "in whole rows", whole)?;
        let logs = target.log_density(rows)?;
        SbiError::equal(
            "log-densities of the proposal",
            log_proposal.len(),
            "draws",
            logs.len(),
        )?;
        let weights = logs.iter().zip(log_proposal).map(|(p, q)| p - q).collect();
        let theta = rows
            .chunks_exact(dims)
            .flat_map(|row| target.parameters(row));
        Self::new(Samples::new(dims, theta.collect()), weights)
    }

    /// `count` draws of a prior, weighted by a likelihood, a function of the parameters.
    ///
    /// # Errors
    ///
    /// Other numbers of parameters, the errors of the likelihood, and those of [`new`](Self::new).
    pub fn of_prior<L: LogDensity + ?Sized>(
        prior: &(impl Prior + ?Sized),
        likelihood: &L,
        count: usize,
        seed: u64,
    ) -> Result<Self, SbiError> {
        let dims = prior.dims();
        SbiError::equal(
            "parameters of the prior",
            dims,
            "of the likelihood",
            likelihood.dims(),
        )?;
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let rows: Vec<f64> = (0..count).flat_map(|_| prior.sample(rng)).collect();
        let weights = likelihood.log_density(&rows)?;
        Self::new(Samples::new(dims, rows), weights)
    }

    /// The draws as the proposal has them.
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The logarithms of the weights.
    pub fn log_weights(&self) -> &[f64] {
        &self.log_weights
    }

    /// The mean logarithm of the weights in nats, the evidence lower bound `ln Z − KL(q ‖ p)`, and its standard error.
    /// A weight of 0 makes them −∞ and NaN.
    pub fn elbo(&self) -> [f64; 2] {
        let count = self.log_weights.len() as f64;
        let mean = self.log_weights.iter().sum::<f64>() / count;
        let squares: f64 = self
            .log_weights
            .iter()
            .map(|log| (log - mean).powi(2))
            .sum();
        [mean, (squares / (count - 1.0) / count).sqrt()]
    }

    /// `ln Z` in nats, by the mean weight. The mean is unbiased for `Z`; its logarithm is below `ln Z` in expectation.
    ///
    /// Burda, Grosse, Salakhutdinov: *Importance weighted autoencoders*, 2016, eq. 8.
    pub fn log_evidence(&self) -> f64 {
        log_mean_exp(&self.log_weights)
    }

    /// The standard error of [`log_evidence`](Self::log_evidence), `√(1/ESS − 1/n)`, where the weights have a variance.
    pub fn log_evidence_error(&self) -> f64 {
        (1.0 / self.ess() - 1.0 / self.samples.len() as f64)
            .max(0.0)
            .sqrt()
    }

    /// The number of equally weighted draws that these are worth, `(Σ w)² / Σ w²`.
    pub fn ess(&self) -> f64 {
        effective_sample_size(&self.log_weights)
    }

    /// The shape k̂ of the weights' tail; see [`ParetoSmoothed`].
    pub fn k_hat(&self) -> f64 {
        self.pareto.k_hat
    }

    /// Whether k̂ lets the weights be trusted for the part of the target that the proposal reaches.
    pub fn is_reliable(&self) -> bool {
        self.pareto.k_hat <= ParetoSmoothed::largest_shape(self.samples.len())
    }

    /// With the largest weights smoothed, which lowers the error of all estimates; see [`ParetoSmoothed`]. k̂ stays.
    pub fn smoothed(mut self) -> Self {
        self.log_weights.clone_from(&self.pareto.log_weights);
        self
    }

    /// The weights, whose sum is 1.
    pub fn weights(&self) -> Vec<f64> {
        let norm = log_sum_exp(&self.log_weights);
        self.log_weights
            .iter()
            .map(|log| (log - norm).exp())
            .collect()
    }

    /// The mean of each parameter under the target.
    pub fn mean(&self) -> Vec<f64> {
        let weights = self.weights();
        let parameter = |k: usize| {
            let each = self.samples.rows().zip(&weights);
            each.map(|(row, weight)| row[k] * weight).sum()
        };
        (0..self.samples.dims()).map(parameter).collect()
    }

    /// `count` draws of the target with equal weights, in random order: each draw of the proposal comes `count × weight`
    /// times, rounded up or down at random, so that means are unbiased.
    ///
    /// Systematic resampling: Carpenter, Clifford, Fearnhead: *Improved particle filter for nonlinear problems*, 1999.
    ///
    /// # Errors
    ///
    /// No draws.
    pub fn resample(&self, count: usize, seed: u64) -> Result<Samples, SbiError> {
        SbiError::setting("the number of draws", count as f64, "1 or more", |n| {
            n >= 1.0
        })?;
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let offset = rng.random::<f64>();
        let mut sum = 0.0;
        let mut chosen = Vec::with_capacity(count);
        for (place, weight) in self.weights().into_iter().enumerate() {
            sum += weight * count as f64;
            while chosen.len() < count && chosen.len() as f64 + offset < sum {
                chosen.push(place);
            }
        }
        // Rounding may leave the last one out.
        let last = chosen.last().copied().unwrap_or_default();
        chosen.resize(count, last);
        rand::seq::SliceRandom::shuffle(chosen.as_mut_slice(), rng);
        Ok(self.select(&chosen))
    }

    /// `count` different draws, one after the other by the weights of those that are left. They are more even than the
    /// target where few weights are large, and never the same draw twice.
    ///
    /// Efraimidis, Spirakis: *Weighted random sampling with a reservoir*, 2006; Gelman and others: *Bayesian data analysis*,
    /// 2013, section 10.4, for why.
    ///
    /// ```
    /// use thalweg_sbi::sampler::{HostDensity, ImportanceSamples};
    ///
    /// // Draws of weights from 1 to 40.
    /// let target = HostDensity::new(1, |x| (1.0 + x[0]).ln());
    /// let rows: Vec<f64> = (0..40).map(f64::from).collect();
    /// let draws = ImportanceSamples::of_proposal(&target, &rows, &[0.0; 40])?;
    /// let mut all = draws.resample_once_each(40, 0)?.values().to_vec();
    /// all.sort_by(f64::total_cmp);
    /// assert_eq!(all, rows);
    /// assert!(draws.resample_once_each(41, 0).is_err());
    /// # Ok::<(), thalweg_sbi::SbiError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// No draws, and more than there are weights above 0.
    pub fn resample_once_each(&self, count: usize, seed: u64) -> Result<Samples, SbiError> {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed);
        let keyed = self.log_weights.iter().enumerate().map(|(place, log)| {
            // ln(−ln u) − ln w of u in (0, 1]: the smallest come first.
            let wait: f64 = rng.sample(rand_distr::Exp1);
            (wait.ln() - log, place)
        });
        let mut keyed: Vec<(f64, usize)> = keyed.filter(|(key, _)| *key < f64::INFINITY).collect();
        let bound = "1 or more, and no more than the weights above 0";
        let holds = |n: f64| n >= 1.0 && n <= keyed.len() as f64;
        SbiError::setting("the number of different draws", count as f64, bound, holds)?;
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let chosen: Vec<usize> = keyed.iter().take(count).map(|(_, place)| *place).collect();
        Ok(self.select(&chosen))
    }

    fn select(&self, places: &[usize]) -> Samples {
        let (dims, values) = (self.samples.dims(), self.samples.values());
        let rows = places
            .iter()
            .flat_map(|place| &values[place * dims..][..dims]);
        Samples::new(dims, rows.copied().collect())
    }
}

impl fmt::Display for ImportanceSamples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (evidence, error) = (self.log_evidence(), self.log_evidence_error());
        let (ess, count, k_hat) = (self.ess(), self.samples.len(), self.pareto.k_hat);
        write!(
            f,
            "ln Z = {evidence:.4} ± {error:.4} nats, {ess:.0} of {count} draws effective, k-hat {k_hat:.2}"
        )?;
        match self.is_reliable() {
            true => Ok(()),
            false => write!(f, ": too large, do not trust the weights"),
        }
    }
}
