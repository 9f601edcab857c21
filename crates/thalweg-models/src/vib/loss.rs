//! What the classifier pays.

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
/// use thalweg_models::vib::VibLoss;
///
/// let mut loss = VibLoss::new(1e-3);
/// loss.lambda *= 2.0;
/// loss.threshold = Some(10.0);
/// ```
///
/// # References
///
/// Alemi and others, 2017, eq. 17. Su Jianlin: kexue.fm/archives/6181, 2018, for the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct VibLoss {
    /// The price of a nat; 0 lets everything through, noise and all.
    pub lambda: f64,
    /// Nats that cost nothing, `β`, sample by sample.
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

    /// What a batch pays, `[1]`, to be added to the mean of the task's own loss.
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
