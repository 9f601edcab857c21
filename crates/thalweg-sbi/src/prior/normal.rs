//! The normal distribution, of independent or of correlated parameters.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;
use thalweg_flow::Support;
use thalweg_kernels::HALF_LN_TAU;

use super::{Prior, assert_dims};
use crate::SbiError;

/// `p(θ) = N(θ; μ, Σ)`, `ln p = −½ ‖L⁻¹(θ − μ)‖² − ln |det L| − ½ d ln 2π` with `Σ = L Lᵀ`.
///
/// ```
/// use thalweg_sbi::{Normal, Prior};
///
/// let prior = Normal::new(&[0.0, 1.0], &[1.0, 2.0])?;
/// let peak = -std::f64::consts::TAU.ln() - 2f64.ln();
/// assert!((prior.log_prob(&[0.0, 1.0]) - peak).abs() < 1e-12);
/// let same = Normal::correlated(&[0.0, 1.0], &[1.0, 0.0, 0.0, 4.0])?;
/// assert!((same.log_prob(&[0.3, 2.0]) - prior.log_prob(&[0.3, 2.0])).abs() < 1e-12);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Normal {
    mean: DVector<f64>,
    factor: Cholesky<f64, Dyn>,
}

impl Normal {
    /// Independent parameters with these means and standard deviations.
    ///
    /// # Errors
    ///
    /// No parameters, other numbers of means and deviations, a mean that is not finite, and a deviation that is not
    /// a positive number.
    pub fn new(mean: &[f64], deviation: &[f64]) -> Result<Self, SbiError> {
        SbiError::equal("means", mean.len(), "deviations", deviation.len())?;
        SbiError::positive("a standard deviation", deviation)?;
        let diagonal = DVector::from_iterator(deviation.len(), deviation.iter().map(|s| s * s));
        Self::of(mean, DMatrix::from_diagonal(&diagonal))
    }

    /// Correlated parameters with this covariance matrix, row by row, of which the lower triangle is read.
    ///
    /// # Errors
    ///
    /// No parameters, another number of covariances than the square of the number of means, a number that is not
    /// finite, and a matrix that is not positive definite.
    pub fn correlated(mean: &[f64], covariance: &[f64]) -> Result<Self, SbiError> {
        let dims = mean.len();
        SbiError::equal(
            "covariances",
            covariance.len(),
            "the square of the means",
            dims * dims,
        )?;
        Self::of(mean, DMatrix::from_row_slice(dims, dims, covariance))
    }

    fn of(mean: &[f64], covariance: DMatrix<f64>) -> Result<Self, SbiError> {
        SbiError::some("a normal prior", mean.len())?;
        SbiError::finite("a mean", mean)?;
        SbiError::finite("a covariance", covariance.as_slice())?;
        Ok(Self {
            mean: DVector::from_column_slice(mean),
            factor: Cholesky::new(covariance).ok_or(SbiError::Covariance)?,
        })
    }
}

impl Prior for Normal {
    fn supports(&self) -> Vec<Support> {
        vec![Support::Line; self.mean.len()]
    }

    fn log_prob(&self, theta: &[f64]) -> f64 {
        assert_dims("a normal prior", self.mean.len(), theta);
        let mut z = DVector::from_column_slice(theta) - &self.mean;
        let factor = self.factor.l_dirty();
        // The diagonal of a factor of Cholesky's is positive.
        if !factor.solve_lower_triangular_mut(&mut z) {
            return f64::NAN;
        }
        let log_det: f64 = factor.diagonal().iter().map(|d| d.ln()).sum();
        -0.5 * z.norm_squared() - log_det - HALF_LN_TAU * theta.len() as f64
    }

    fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
        let draw = |_, _| rng.sample::<f64, _>(StandardNormal);
        let z = DVector::from_fn(self.mean.len(), draw);
        let theta = &self.mean + self.factor.l() * z;
        theta.as_slice().to_vec()
    }
}
