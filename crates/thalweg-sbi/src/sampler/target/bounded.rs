//! Densities of parameters that have bounds.

use thalweg_flow::Support;

use super::{LogDensity, LogDensityGradient};
use crate::SbiError;
use crate::coordinates::Coordinates;

/// A density of parameters `θ` in intervals, in coordinates `u` on the line: `ln p̃(θ(u)) + ln |det ∂θ/∂u|`.
///
/// Chains move on the line, so that no draw lies outside of its interval.
///
/// ```
/// use thalweg_flow::Support;
/// use thalweg_sbi::sampler::{Bounded, HostDensity, Sampling, Slice};
///
/// // A Gamma density of shape 3.
/// let gamma = HostDensity::new(1, |x| 2.0 * x[0].ln() - x[0]);
/// let gamma = Bounded::new(gamma, vec![Support::Above(0.0)])?;
/// let draws = Sampling::new(Slice::new()).run(&gamma)?.samples();
/// assert!((draws.mean()[0] - 3.0).abs() < 0.2);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Bounded<T> {
    target: T,
    coordinates: Coordinates,
}

impl<T: LogDensity> Bounded<T> {
    /// A density that is evaluated inside of these intervals, one for each parameter.
    ///
    /// # Errors
    ///
    /// Another number of intervals than of parameters, and one whose bounds are no interval.
    pub fn new(target: T, supports: Vec<Support>) -> Result<Self, SbiError> {
        SbiError::equal("intervals", supports.len(), "parameters", target.dims())?;
        Ok(Self {
            target,
            coordinates: Coordinates::checked(supports)?,
        })
    }

    /// The parameters of rows of coordinates, row by row.
    pub(super) fn all_parameters(&self, rows: &[f64]) -> Vec<f64> {
        let rows = rows.chunks_exact(self.dims());
        rows.flat_map(|row| self.coordinates.of_line(row)).collect()
    }
}

impl<T: LogDensity> LogDensity for Bounded<T> {
    fn dims(&self) -> usize {
        self.coordinates.dims()
    }

    fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError> {
        let mut logs = self.target.log_density(&self.all_parameters(rows))?;
        for (log, row) in logs.iter_mut().zip(rows.chunks_exact(self.dims())) {
            *log += self.coordinates.log_slope_of_line(row);
        }
        Ok(logs)
    }

    fn parameters(&self, coordinates: &[f64]) -> Vec<f64> {
        self.coordinates.of_line(coordinates)
    }

    fn coordinates(&self, parameters: &[f64]) -> Option<Vec<f64>> {
        Some(self.coordinates.to_line(parameters)?.0)
    }
}

impl<T: LogDensityGradient> LogDensityGradient for Bounded<T> {
    fn log_density_and_gradient(&self, rows: &[f64]) -> Result<(Vec<f64>, Vec<f64>), SbiError> {
        let theta = self.all_parameters(rows);
        let (mut logs, mut gradient) = self.target.log_density_and_gradient(&theta)?;
        let dims = self.dims();
        let each = logs.iter_mut().zip(gradient.chunks_exact_mut(dims));
        for ((log, gradient), row) in each.zip(rows.chunks_exact(dims)) {
            *log += self.coordinates.log_slope_of_line(row);
            self.coordinates.pull_back(row, gradient);
        }
        Ok((logs, gradient))
    }
}
