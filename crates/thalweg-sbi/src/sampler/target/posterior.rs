//! A prior times a likelihood.

use rand::Rng;

use super::{Bounded, LogDensity, LogDensityGradient};
use crate::{Prior, SbiError};

/// `ln p(θ) + ln p(x | θ)` of a prior and the likelihood of fixed data, in coordinates that fill the prior's support.
///
/// The likelihood is a function of the parameters `θ`, which may be known but for a factor. Chains begin at draws of the
/// prior. Where the likelihood has a gradient, this has one: that of the prior is found by differences, whose error changes
/// the proposals of a sampler and not what it samples.
///
/// ```
/// use thalweg_sbi::sampler::{HostGradient, Hmc, Sampling, UnnormalizedPosterior};
/// use thalweg_sbi::{Gamma, Prior};
///
/// // 7 counts of a Poisson law with an unknown rate, 30 in all: the posterior is Gamma(2 + 30, 1 / (1 + 7)).
/// let likelihood = HostGradient::new(1, |rate, gradient| {
///     gradient[0] = 30.0 / rate[0] - 7.0;
///     30.0 * rate[0].ln() - 7.0 * rate[0]
/// });
/// let posterior = UnnormalizedPosterior::new(Gamma::new(&[2.0], &[1.0])?, likelihood)?;
/// let draws = Sampling::new(Hmc::new()).run(&posterior)?.samples();
/// assert!((draws.mean()[0] - 4.0).abs() < 0.1);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone)]
pub struct UnnormalizedPosterior<P, L> {
    prior: P,
    likelihood: Bounded<L>,
}

impl<P: Prior, L: LogDensity> UnnormalizedPosterior<P, L> {
    /// The product of a prior and the likelihood of data.
    ///
    /// # Errors
    ///
    /// Other numbers of parameters.
    pub fn new(prior: P, likelihood: L) -> Result<Self, SbiError> {
        let likelihood = Bounded::new(likelihood, prior.supports())?;
        Ok(Self { prior, likelihood })
    }

    fn log_prior(&self, row: &[f64]) -> f64 {
        self.prior.log_prob(&self.likelihood.parameters(row))
    }

    /// Adds the gradient of the log-prior along the line, by central differences.
    fn add_prior_gradient(&self, row: &[f64], gradient: &mut [f64]) {
        let mut moved = row.to_vec();
        for (k, slope) in gradient.iter_mut().enumerate() {
            // The cube root of the rounding balances it with the error of the difference.
            let h = f64::EPSILON.cbrt() * row[k].abs().max(1.0);
            let mut at = |x: f64| {
                moved[k] = x;
                self.log_prior(&moved)
            };
            *slope += (at(row[k] + h) - at(row[k] - h)) / (2.0 * h);
            moved[k] = row[k];
        }
    }
}

impl<P: Prior, L: LogDensity> LogDensity for UnnormalizedPosterior<P, L> {
    fn dims(&self) -> usize {
        self.likelihood.dims()
    }

    fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError> {
        let mut logs = self.likelihood.log_density(rows)?;
        for (log, row) in logs.iter_mut().zip(rows.chunks_exact(self.dims())) {
            *log += self.log_prior(row);
        }
        Ok(logs)
    }

    fn draw_start(&self, mut rng: &mut dyn Rng) -> Vec<f64> {
        let theta = self.prior.sample(&mut rng);
        // A draw that is rounded to a bound has no place on the line; the chain that begins there is told so.
        let nowhere = || vec![f64::NAN; self.dims()];
        self.coordinates(&theta).unwrap_or_else(nowhere)
    }

    fn parameters(&self, coordinates: &[f64]) -> Vec<f64> {
        self.likelihood.parameters(coordinates)
    }

    fn coordinates(&self, parameters: &[f64]) -> Option<Vec<f64>> {
        self.likelihood.coordinates(parameters)
    }
}

impl<P: Prior, L: LogDensityGradient> LogDensityGradient for UnnormalizedPosterior<P, L> {
    fn log_density_and_gradient(&self, rows: &[f64]) -> Result<(Vec<f64>, Vec<f64>), SbiError> {
        let (mut logs, mut gradient) = self.likelihood.log_density_and_gradient(rows)?;
        let dims = self.dims();
        let each = logs.iter_mut().zip(gradient.chunks_exact_mut(dims));
        for ((log, gradient), row) in each.zip(rows.chunks_exact(dims)) {
            *log += self.log_prior(row);
            self.add_prior_gradient(row, gradient);
        }
        Ok((logs, gradient))
    }
}
