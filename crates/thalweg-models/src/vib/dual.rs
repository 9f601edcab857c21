//! A price that finds itself.

/// Dual ascent on `λ` towards a target information: `λ ← max(0, λ + step (rate − target))`.
///
/// For the problem "minimize the task's loss subject to rate ≤ target", `λ` is the multiplier; it
/// rises while more comes through than it should and falls to 0 where the constraint does not bind.
///
/// ```
/// use thalweg_models::vib::DualAscent;
///
/// let mut price = DualAscent::new(1e-3, 1e-5, 20.0);
/// assert!(price.update(120.0) > 1e-3);
/// assert_eq!(price.update(-1e6), 0.0);
/// ```
///
/// # References
///
/// Peng, Kanazawa, Toyer, Abbeel, Levine: *Variational discriminator bottleneck*, 2019, eq. 8.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DualAscent {
    /// The price now.
    pub lambda: f64,
    /// How fast it moves.
    pub step: f64,
    /// The information that is to come through, in nats.
    pub target: f64,
}

impl DualAscent {
    /// From a first price, towards a target in nats.
    ///
    /// # Panics
    ///
    /// When the price is negative, or the step not positive.
    pub fn new(lambda: f64, step: f64, target: f64) -> Self {
        assert!(lambda >= 0.0, "a price is not negative, got {lambda}");
        assert!(step > 0.0, "a step is positive, got {step}");
        Self {
            lambda,
            step,
            target,
        }
    }

    /// The price after a batch whose mean rate was this.
    pub fn update(&mut self, rate: f64) -> f64 {
        self.lambda = (self.lambda + self.step * (rate - self.target)).max(0.0);
        self.lambda
    }
}
