//! Functions of one row, in the host's memory.

use std::fmt;

use super::{LogDensity, LogDensityGradient};
use crate::SbiError;

/// A density by a function of one row.
///
/// ```
/// use thalweg_sbi::sampler::{HostDensity, LogDensity};
///
/// let normal = HostDensity::new(2, |x| -0.5 * (x[0] * x[0] + x[1] * x[1]));
/// assert_eq!(normal.log_density(&[0.0, 0.0, 3.0, 4.0])?, [0.0, -12.5]);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
pub struct HostDensity<F> {
    dims: usize,
    log_density: F,
}

impl<F: Fn(&[f64]) -> f64> HostDensity<F> {
    /// A density of rows of `dims` coordinates.
    ///
    /// # Panics
    ///
    /// For no coordinates.
    pub fn new(dims: usize, log_density: F) -> Self {
        assert!(dims > 0, "a density has one coordinate or more, got 0");
        Self { dims, log_density }
    }
}

impl<F: Fn(&[f64]) -> f64> LogDensity for HostDensity<F> {
    fn dims(&self) -> usize {
        self.dims
    }

    fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError> {
        Ok(rows
            .chunks_exact(self.dims)
            .map(&self.log_density)
            .collect())
    }
}

/// A density by a function of one row that writes the gradient too.
///
/// ```
/// use thalweg_sbi::sampler::{HostGradient, LogDensityGradient};
///
/// let normal = HostGradient::new(1, |x, gradient| {
///     gradient[0] = -x[0];
///     -0.5 * x[0] * x[0]
/// });
/// assert_eq!(normal.log_density_and_gradient(&[0.0, 2.0])?, (vec![0.0, -2.0], vec![0.0, -2.0]));
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
pub struct HostGradient<F> {
    dims: usize,
    log_density: F,
}

impl<F: Fn(&[f64], &mut [f64]) -> f64> HostGradient<F> {
    /// A density of rows of `dims` coordinates: the function receives a row and the place of its gradient, which is 0 at
    /// first.
    ///
    /// # Panics
    ///
    /// For no coordinates.
    pub fn new(dims: usize, log_density: F) -> Self {
        assert!(dims > 0, "a density has one coordinate or more, got 0");
        Self { dims, log_density }
    }
}

impl<F: Fn(&[f64], &mut [f64]) -> f64> LogDensity for HostGradient<F> {
    fn dims(&self) -> usize {
        self.dims
    }

    fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError> {
        Ok(self.log_density_and_gradient(rows)?.0)
    }
}

impl<F: Fn(&[f64], &mut [f64]) -> f64> LogDensityGradient for HostGradient<F> {
    fn log_density_and_gradient(&self, rows: &[f64]) -> Result<(Vec<f64>, Vec<f64>), SbiError> {
        let mut gradient = vec![0.0; rows.len()];
        let places = gradient.chunks_exact_mut(self.dims);
        let each = rows.chunks_exact(self.dims).zip(places);
        let logs = each
            .map(|(row, place)| (self.log_density)(row, place))
            .collect();
        Ok((logs, gradient))
    }
}

impl<F> fmt::Debug for HostDensity<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostDensity")
            .field("dims", &self.dims)
            .finish_non_exhaustive()
    }
}

impl<F> fmt::Debug for HostGradient<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostGradient")
            .field("dims", &self.dims)
            .finish_non_exhaustive()
    }
}
