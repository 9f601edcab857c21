//! Independent priors side by side.

use rand::Rng;
use thalweg_flow::Support;

use super::{Prior, assert_dims};

/// `p(θ) = Π pₖ(θₖ)` of independent groups of parameters, in order.
///
/// ```
/// use thalweg_sbi::{LogNormal, Prior, Product, Uniform};
///
/// // A rate, and two positions.
/// let prior = Product::new()
///     .and(LogNormal::new(&[0.0], &[0.5])?)
///     .and(Uniform::new([[-1.0, 1.0], [0.0, 2.0]])?);
/// assert_eq!(prior.dims(), 3);
/// assert_eq!(prior.log_prob(&[1.0, 2.0, 1.0]), f64::NEG_INFINITY);
/// # Ok::<(), thalweg_sbi::SbiError>(())
/// ```
#[derive(Default)]
pub struct Product {
    parts: Vec<Box<dyn Prior>>,
}

impl Product {
    /// Of no parameters yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// With the parameters of another prior behind those that are there.
    pub fn and(mut self, prior: impl Prior + 'static) -> Self {
        self.parts.push(Box::new(prior));
        self
    }
}

impl std::fmt::Debug for Product {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Product")
            .field("supports", &self.supports())
            .finish()
    }
}

impl Prior for Product {
    fn supports(&self) -> Vec<Support> {
        self.parts.iter().flat_map(Prior::supports).collect()
    }

    fn log_prob(&self, theta: &[f64]) -> f64 {
        assert_dims("a product of priors", self.dims(), theta);
        let mut rest = theta;
        let mut sum = 0.0;
        for prior in &self.parts {
            let (own, others) = rest.split_at(prior.dims());
            rest = others;
            sum += prior.log_prob(own);
        }
        sum
    }

    fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
        self.parts
            .iter()
            .flat_map(|prior| prior.sample(rng))
            .collect()
    }
}
