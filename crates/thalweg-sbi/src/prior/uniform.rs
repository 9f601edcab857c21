//! Uniform in a box.

use rand::{Rng, RngExt};
use thalweg_flow::Support;

use super::{Prior, assert_dims};
use crate::SbiError;

/// Independent parameters, each uniform between two bounds: `p(θ) = Π 1 / (bᵢ − aᵢ)`.
///
/// ```
/// use thalweg_sbi::{Prior, Uniform};
///
/// let prior = Uniform::new([[-1.0, 1.0], [0.0, 4.0]])?;
/// assert!((prior.log_prob(&[0.0, 1.0]) - (1.0_f64 / 8.0).ln()).abs() < 1e-12);
/// assert_eq!(prior.log_prob(&[0.0, 5.0]), f64::NEG_INFINITY);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Uniform {
    bounds: Vec<[f64; 2]>,
}

impl Uniform {
    /// Between the lower and the upper bound of each parameter.
    ///
    /// # Errors
    ///
    /// No parameters, bounds that are not finite, and a lower bound that is not below the upper one.
    pub fn new(bounds: impl Into<Vec<[f64; 2]>>) -> Result<Self, SbiError> {
        let bounds = bounds.into();
        SbiError::some("a uniform prior", bounds.len())?;
        for (index, [low, high]) in bounds.iter().enumerate() {
            if !(low < high && low.is_finite() && high.is_finite()) {
                return Err(SbiError::Bounds {
                    index,
                    low: *low,
                    high: *high,
                });
            }
        }
        Ok(Self { bounds })
    }
}

impl Prior for Uniform {
    fn supports(&self) -> Vec<Support> {
        let between = |[low, high]: &[f64; 2]| Support::Between(*low, *high);
        self.bounds.iter().map(between).collect()
    }

    fn log_prob(&self, theta: &[f64]) -> f64 {
        assert_dims("a uniform prior", self.bounds.len(), theta);
        let log = |(t, [low, high]): (&f64, &[f64; 2])| match t >= low && t <= high {
            true => -(high - low).ln(),
            false => f64::NEG_INFINITY,
        };
        theta.iter().zip(&self.bounds).map(log).sum()
    }

    fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
        let draw = |[low, high]: &[f64; 2]| low + (high - low) * rng.random::<f64>();
        self.bounds.iter().map(draw).collect()
    }
}
