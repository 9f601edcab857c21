//! Gradients of all chains at once.

use thalweg_ode::Vector;

use super::{LogDensityGradient, Walkers};
use crate::SbiError;

/// Log-densities and their gradients at all rows.
#[derive(Debug, Clone)]
pub(super) struct Gradients {
    pub(super) log_densities: Vec<f64>,
    /// In the shape of the rows; 0 where the log-density or the gradient is not finite. There the log-density is −∞.
    pub(super) gradient: Vector,
}

impl Gradients {
    pub(super) fn at<T: LogDensityGradient + ?Sized>(
        target: &T,
        walkers: &mut Walkers,
        rows: &[f64],
    ) -> Result<Self, SbiError> {
        let dims = walkers.dims;
        let (places, finite) = walkers.finite_rows(rows);
        let mut all = Self {
            log_densities: vec![f64::NEG_INFINITY; rows.len() / dims],
            gradient: Vector(vec![0.0; rows.len()]),
        };
        if places.is_empty() {
            return Ok(all);
        }
        let (logs, gradient) = target.log_density_and_gradient(&finite)?;
        SbiError::equal("log-densities", logs.len(), "rows", places.len())?;
        SbiError::equal(
            "numbers of gradients",
            gradient.len(),
            "of rows",
            finite.len(),
        )?;
        for ((place, log), gradient) in places
            .into_iter()
            .zip(logs)
            .zip(gradient.chunks_exact(dims))
        {
            if log.is_finite() && gradient.iter().all(|slope| slope.is_finite()) {
                all.log_densities[place] = log;
                all.gradient[place * dims..][..dims].copy_from_slice(gradient);
            }
        }
        Ok(all)
    }

    /// The gradient by the coordinates `u / scale`, column by column.
    pub(super) fn scaled(&self, scales: &[f64]) -> Vector {
        times(&self.gradient, scales)
    }

    /// Takes a chain's row of another evaluation.
    pub(super) fn take(&mut self, chain: usize, dims: usize, other: &Self) {
        self.log_densities[chain] = other.log_densities[chain];
        let range = chain * dims..(chain + 1) * dims;
        self.gradient[range.clone()].copy_from_slice(&other.gradient[range]);
    }
}

/// Rows times factors, column by column.
pub(super) fn times(rows: &[f64], factors: &[f64]) -> Vector {
    let factors = factors.iter().cycle();
    rows.iter()
        .zip(factors)
        .map(|(x, factor)| x * factor)
        .collect()
}
