//! The Gamma distribution.

use rand::{Rng, RngExt};
use thalweg_flow::Support;

use super::{Prior, assert_dims};
use crate::SbiError;

/// Independent positive parameters, `p(θ) = θ^(k − 1) e^(−θ/s) / (Γ(k) sᵏ)`, with shape `k` and scale `s`: mean
/// `k s`, variance `k s²`.
///
/// ```
/// use thalweg_sbi::{Gamma, Prior};
///
/// let exponential = Gamma::new(&[1.0], &[2.0])?; // of mean 2
/// assert!((exponential.log_prob(&[3.0]) - (-1.5 - 2f64.ln())).abs() < 1e-12);
/// assert_eq!(exponential.log_prob(&[-1.0]), f64::NEG_INFINITY);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gamma {
    parameters: Vec<One>,
}

#[derive(Debug, Clone)]
struct One {
    shape: f64,
    scale: f64,
    /// `ln Γ(k) + k ln s`.
    log_norm: f64,
    draws: rand_distr::Gamma<f64>,
}

impl Gamma {
    /// Parameters with these shapes and scales.
    ///
    /// # Errors
    ///
    /// No parameters, other numbers of shapes and scales, and one that is not a positive number.
    pub fn new(shape: &[f64], scale: &[f64]) -> Result<Self, SbiError> {
        SbiError::some("a Gamma prior", shape.len())?;
        SbiError::equal("shapes", shape.len(), "scales", scale.len())?;
        SbiError::positive("a shape", shape)?;
        SbiError::positive("a scale", scale)?;
        let one = |(shape, scale): (&f64, &f64)| {
            let (shape, scale) = (*shape, *scale);
            Ok::<_, SbiError>(One {
                shape,
                scale,
                log_norm: libm::lgamma(shape) + shape * scale.ln(),
                draws: rand_distr::Gamma::new(shape, scale).map_err(|_| SbiError::Positive {
                    what: "a shape or scale",
                    index: 0,
                    value: shape,
                })?,
            })
        };
        let parameters = shape
            .iter()
            .zip(scale)
            .map(one)
            .collect::<Result<_, SbiError>>()?;
        Ok(Self { parameters })
    }
}

impl Prior for Gamma {
    fn supports(&self) -> Vec<Support> {
        vec![Support::Above(0.0); self.parameters.len()]
    }

    fn log_prob(&self, theta: &[f64]) -> f64 {
        assert_dims("a Gamma prior", self.parameters.len(), theta);
        let log = |(t, one): (&f64, &One)| match *t > 0.0 {
            true => (one.shape - 1.0) * t.ln() - t / one.scale - one.log_norm,
            false => f64::NEG_INFINITY,
        };
        theta.iter().zip(&self.parameters).map(log).sum()
    }

    fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
        let draw = |one: &One| rng.sample(one.draws);
        self.parameters.iter().map(draw).collect()
    }
}
