//! The price of information, and how to find it.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::Through;
use crate::door::mean_of;

/// `λ · mean(KL)`, or with a threshold `λ · mean max(log p(z|x)/q(z) − β, 0)`.
///
/// Its fields are plain numbers, read at each call: a schedule, or [`DualAscent`](super::DualAscent),
/// can move λ from step to step.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::vib::{Through, VibLoss};
///
/// let device = Device::default();
/// let [rate, log_ratio] = [12.0, 15.0].map(|nats| Tensor::from_floats([nats], &device));
/// let through = Through { z: Tensor::zeros([1, 2], &device), rate, log_ratio };
/// let mut loss = VibLoss::new(0.5);
/// assert_eq!(loss.of(&through).into_scalar::<f32>(), 6.0);
/// loss.threshold = Some(10.0); // nats that cost nothing
/// assert_eq!(loss.of(&through).into_scalar::<f32>(), 2.5);
/// ```
///
/// # References
///
/// Alemi and others, 2017, eq. 17. Su Jianlin: kexue.fm/archives/6181, 2018, for the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VibLoss {
    /// The price of a nat; 0 means no penalty.
    pub lambda: f64,
    /// The free nats of each sample, `β`.
    pub threshold: Option<f64>,
}

impl Default for VibLoss {
    /// 10⁻³, the paper's price on MNIST.
    fn default() -> Self {
        Self::new(1e-3)
    }
}

impl VibLoss {
    /// With a price and no threshold.
    pub fn new(lambda: f64) -> Self {
        Self {
            lambda,
            threshold: None,
        }
    }

    /// The price of a batch, `[1]`, a term beside the mean of the task's loss.
    pub fn of(&self, through: &Through) -> Tensor<1> {
        let nats = match self.threshold {
            None => through.rate.clone(),
            Some(threshold) => through
                .log_ratio
                .clone()
                .sub_scalar(threshold)
                .clamp_min(0.0),
        };
        mean_of(nats).mul_scalar(self.lambda)
    }
}

/// Dual ascent on `λ` towards a target information: `λ ← max(0, λ + step (rate − target))`.
///
/// For the problem "minimize the task's loss subject to rate ≤ target", `λ` is the multiplier: it rises
/// while the rate exceeds the target and falls to 0 where the constraint does not bind.
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
    /// The current price.
    pub lambda: f64,
    /// The step size.
    pub step: f64,
    /// The target rate, in nats.
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
