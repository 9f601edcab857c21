//! Densities that are known but for a factor.

mod bounded;
mod host;
mod posterior;
mod tensor;

use rand::{Rng, RngExt};

pub use bounded::Bounded;
pub use host::{HostDensity, HostGradient};
pub use posterior::UnnormalizedPosterior;
pub use tensor::TensorDensity;

use crate::SbiError;

/// `ln p̃(u)` of a density `p = p̃ / Z` on all of ℝᵈ, whose factor `Z` need not be known.
///
/// Samplers evaluate all chains at once, so that a network sees one batch. [`HostDensity`] takes a function of one row,
/// [`TensorDensity`] one of tensors, and [`Bounded`] and [`UnnormalizedPosterior`] densities of parameters that have
/// bounds.
///
/// ```
/// use thalweg_sbi::SbiError;
/// use thalweg_sbi::sampler::{LogDensity, Sampling, Slice};
///
/// /// A density that is evaluated for all chains at once.
/// struct Laplace;
///
/// impl LogDensity for Laplace {
///     fn dims(&self) -> usize {
///         1
///     }
///
///     fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError> {
///         Ok(rows.iter().map(|x| -x.abs()).collect())
///     }
/// }
///
/// let draws = Sampling::new(Slice::new()).draws(2000).run(&Laplace)?.samples();
/// assert!((draws.covariance()[0] - 2.0).abs() < 0.4);
/// # Ok::<(), SbiError>(())
/// ```
pub trait LogDensity {
    /// The number of coordinates, d.
    fn dims(&self) -> usize;

    /// `ln p̃` in nats at each row of `rows`, `[rows, d]`: `[rows]`. −∞ and NaN mean that the density is 0.
    ///
    /// # Errors
    ///
    /// What the target cannot compute.
    fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError>;

    /// A point where a chain may begin, in coordinates: by default uniform between −2 and 2.
    fn draw_start(&self, rng: &mut dyn Rng) -> Vec<f64> {
        (0..self.dims())
            .map(|_| 4.0 * rng.random::<f64>() - 2.0)
            .collect()
    }

    /// The parameters at coordinates, as which a draw is handed out: by default the coordinates.
    fn parameters(&self, coordinates: &[f64]) -> Vec<f64> {
        coordinates.to_vec()
    }

    /// The coordinates of parameters; `None` outside of the support.
    fn coordinates(&self, parameters: &[f64]) -> Option<Vec<f64>> {
        Some(parameters.to_vec())
    }
}

/// A [`LogDensity`] that has a gradient.
///
/// See [`HostGradient`] for an example.
pub trait LogDensityGradient: LogDensity {
    /// `ln p̃` at each row, `[rows]`, and `∂ ln p̃ / ∂u`, `[rows, d]`.
    ///
    /// # Errors
    ///
    /// What the target cannot compute.
    fn log_density_and_gradient(&self, rows: &[f64]) -> Result<(Vec<f64>, Vec<f64>), SbiError>;
}

impl<T: LogDensity + ?Sized> LogDensity for &T {
    fn dims(&self) -> usize {
        (**self).dims()
    }

    fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError> {
        (**self).log_density(rows)
    }

    fn draw_start(&self, rng: &mut dyn Rng) -> Vec<f64> {
        (**self).draw_start(rng)
    }

    fn parameters(&self, coordinates: &[f64]) -> Vec<f64> {
        (**self).parameters(coordinates)
    }

    fn coordinates(&self, parameters: &[f64]) -> Option<Vec<f64>> {
        (**self).coordinates(parameters)
    }
}

impl<T: LogDensityGradient + ?Sized> LogDensityGradient for &T {
    fn log_density_and_gradient(&self, rows: &[f64]) -> Result<(Vec<f64>, Vec<f64>), SbiError> {
        (**self).log_density_and_gradient(rows)
    }
}
