//! The log-normal distribution.

use rand::Rng;
use thalweg_flow::Support;

use super::{Normal, Prior};
use crate::SbiError;

/// Independent positive parameters whose logarithms are normal: `p(θ) = N(ln θ; μ, σ²) / θ`.
///
/// ```
/// use thalweg_sbi::{LogNormal, Normal, Prior};
///
/// let (rate, log_rate) = (LogNormal::new(&[0.5], &[0.2])?, Normal::new(&[0.5], &[0.2])?);
/// assert!((rate.log_prob(&[2.0]) - (log_rate.log_prob(&[2f64.ln()]) - 2f64.ln())).abs() < 1e-12);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone)]
pub struct LogNormal {
    logs: Normal,
}

impl LogNormal {
    /// Parameters whose **logarithms** have these means and standard deviations.
    ///
    /// # Errors
    ///
    /// Those of [`Normal::new`].
    pub fn new(mean: &[f64], deviation: &[f64]) -> Result<Self, SbiError> {
        Ok(Self {
            logs: Normal::new(mean, deviation)?,
        })
    }
}

impl Prior for LogNormal {
    fn supports(&self) -> Vec<Support> {
        vec![Support::Above(0.0); self.logs.dims()]
    }

    fn log_prob(&self, theta: &[f64]) -> f64 {
        if theta.iter().any(|t| *t <= 0.0) {
            return f64::NEG_INFINITY;
        }
        let logs: Vec<f64> = theta.iter().map(|t| t.ln()).collect();
        self.logs.log_prob(&logs) - logs.iter().sum::<f64>()
    }

    fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
        self.logs.sample(rng).into_iter().map(f64::exp).collect()
    }
}
