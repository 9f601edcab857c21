//! Mixtures of normals of one deviation.

use std::f64::consts::TAU;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;

/// `p(x) = Σᵢ wᵢ N(x; cᵢ, σ² I)`.
#[derive(Debug)]
pub(super) struct Mixture {
    pub(super) deviation: f64,
    /// `(cᵢ, ln wᵢ)`, the weights summing to 1.
    pub(super) parts: Vec<([f64; 2], f64)>,
}

/// Terms below `e⁻⁴⁰` of the largest leave no trace in an `f64` sum of thousands.
const NEGLIGIBLE: f64 = 40.0;

impl Mixture {
    /// `ln p(x)`, the logarithm of the sum of exponentials taken about the largest term.
    pub(super) fn log_density(&self, [x, y]: [f64; 2]) -> f64 {
        let variance = self.deviation * self.deviation;
        let term = |&([cx, cy], log_weight): &([f64; 2], f64)| {
            let (dx, dy) = (x - cx, y - cy);
            log_weight - (dx * dx + dy * dy) / (2.0 * variance)
        };
        let largest = self
            .parts
            .iter()
            .map(term)
            .fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = self
            .parts
            .iter()
            .map(|part| term(part) - largest)
            .filter(|&exponent| exponent > -NEGLIGIBLE)
            .map(f64::exp)
            .sum();
        largest + sum.ln() - (TAU * variance).ln()
    }
}

/// A point plus normal noise of a deviation on each coordinate.
pub(super) fn blur([x, y]: [f64; 2], deviation: f64, rng: &mut ChaCha8Rng) -> [f64; 2] {
    let mut noise = || deviation * rng.sample::<f64, _>(StandardNormal);
    [x + noise(), y + noise()]
}
