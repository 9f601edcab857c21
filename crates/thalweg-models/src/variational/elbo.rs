//! The evidence lower bound and the losses made of it.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};
use thalweg_flow::numerics::sum_features;

use super::KlForm;
use crate::door::mean_of;

/// The two parts of `log p(x) ≥ E[log p(x|z)] − KL`, each for every sample.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::variational::{Elbo, ElboLoss};
///
/// let device = Device::default();
/// let elbo = Elbo {
///     log_likelihood: Tensor::from_floats([-10.0], &device),
///     kl: Tensor::from_floats([[1.0, 2.0]], &device),
/// };
/// assert_eq!(elbo.bound().into_scalar::<f32>(), -13.0);
/// assert_eq!(ElboLoss::default().of(elbo).into_scalar::<f32>(), 13.0);
/// ```
#[derive(Debug, Clone)]
pub struct Elbo {
    /// `log p(x|z)` of the sample `z`, `[batch]`.
    pub log_likelihood: Tensor<1>,
    /// The divergence of the posterior from the prior, `[batch, latents]`.
    pub kl: Tensor<2>,
}

impl Elbo {
    /// The bound in nats, `[batch]`.
    pub fn bound(&self) -> Tensor<1> {
        if self.log_likelihood.dims()[0] == 0 {
            return self.log_likelihood.clone();
        }
        self.log_likelihood.clone() - sum_features(self.kl.clone())
    }
}

/// How an [`Elbo`] becomes a loss:
/// `mean_x(−log p(x|z)) + β Σ_i max(free_nats, mean_x KL_i)`.
///
/// Its fields are plain numbers, read at each call, so a schedule can change β from step to step.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_models::variational::{Elbo, ElboLoss};
///
/// let device = Device::default();
/// let elbo = Elbo {
///     log_likelihood: Tensor::from_floats([-10.0], &device),
///     kl: Tensor::from_floats([[1.0, 2.0]], &device),
/// };
/// let mut loss = ElboLoss::default();
/// assert_eq!((loss.beta, loss.free_nats), (1.0, 0.0));
/// loss.beta = 0.5; // say, at the start of training
/// assert_eq!(loss.of(elbo).into_scalar::<f32>(), 11.5);
/// ```
///
/// # References
///
/// Higgins and others: *beta-VAE*, 2017, eq. 4. Kingma and others: *Improved variational inference
/// with inverse autoregressive flow*, 2016, section 4.1, for free bits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ElboLoss {
    /// The weight of the divergence; 1 makes the loss the negative bound.
    pub beta: f64,
    /// Free bits, in nats: the divergence of each latent, on average over the batch, that costs nothing.
    pub free_nats: f64,
    /// How the divergence is computed.
    pub kl: KlForm,
}

impl Default for ElboLoss {
    /// The negative bound, with the analytic divergence.
    fn default() -> Self {
        Self {
            beta: 1.0,
            free_nats: 0.0,
            kl: KlForm::Analytic,
        }
    }
}

impl ElboLoss {
    /// The loss of a batch, `[1]`; 0 for an empty one.
    pub fn of(&self, elbo: Elbo) -> Tensor<1> {
        if elbo.log_likelihood.dims()[0] == 0 {
            return mean_of(elbo.log_likelihood);
        }
        let kl: Tensor<1> = elbo.kl.mean_dim(0).flatten(0, 1);
        // Not at 0: the Monte-Carlo form can be negative.
        let kl = match self.free_nats > 0.0 {
            true => kl.clamp_min(self.free_nats),
            false => kl,
        };
        elbo.log_likelihood.mean().neg() + kl.sum().mul_scalar(self.beta)
    }
}
