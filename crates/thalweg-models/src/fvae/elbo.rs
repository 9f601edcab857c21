//! The bound of a posterior that is a flow.

use burn::module::{Module, ModuleDisplay};
use burn::tensor::Tensor;
use thalweg_flow::base::HALF_LN_TAU;
use thalweg_flow::numerics::sum_features;
use thalweg_flow::points::no_rows;
use thalweg_flow::{Base, Bijection};

/// `q(z|x) = ∫ δ(z − F_x(u)) N(u; 0, 1) du`, and the prior of `z`.
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use thalweg_flow::{Noise, base::StandardNormal};
/// use thalweg_models::fvae::{FlowElbo, FlowPosterior};
/// use thalweg_models::variational::{Gaussian, Reparametrize};
///
/// // A VAE: the flow is an affine map of the noise, its context the encoder's densities.
/// let posterior = FlowPosterior::new(Reparametrize::<2> {}, StandardNormal::new(3));
/// let device = Device::default();
/// let densities = Gaussian::from_parameters(Tensor::<2>::zeros([5, 6], &device));
/// let u = Tensor::<2>::ones([5, 3], &device);
/// let elbo: FlowElbo = posterior.elbo(u, &densities, |z| z.sum_dim(1).reshape([5]));
/// // The densities are the prior, and the numbers of each latent sum to 3.
/// assert!(elbo.kl().abs().max().into_scalar::<f32>() < 1e-5);
/// assert!((elbo.bound() - 3.0).abs().max().into_scalar::<f32>() < 1e-5);
/// ```
///
/// # References
///
/// Su, Wu: *f-VAEs: Improve VAEs with conditional flows*, arXiv 1809.05861, 2018, section 2.
#[derive(Module, Debug)]
pub struct FlowPosterior<F: Module + ModuleDisplay, P: Module + ModuleDisplay> {
    /// From noise to latents, given the data.
    pub flow: F,
    /// Of the latents.
    pub prior: P,
}

impl<F: Module + ModuleDisplay, P: Module + ModuleDisplay> FlowPosterior<F, P> {
    /// The posterior of a conditional flow, and a prior.
    pub fn new(flow: F, prior: P) -> Self {
        Self { flow, prior }
    }

    /// The parts of the bound at standard normal numbers `u`, one sample a row.
    ///
    /// `context` is the context of the flow; `log_likelihood` is `log q(x|z)` of the latents,
    /// `[batch]`.
    pub fn elbo<C, const D: usize>(
        &self,
        u: Tensor<D>,
        context: &C,
        log_likelihood: impl FnOnce(F::Latent) -> Tensor<1>,
    ) -> FlowElbo
    where
        F: Bijection<C, Data = Tensor<D>>,
        F::Latent: Clone,
        P: Base<Latent = F::Latent>,
    {
        let log_noise = log_noise(u.clone());
        let (z, log_det) = self.flow.forward(u, context);
        FlowElbo {
            log_likelihood: log_likelihood(z.clone()),
            log_prior: self.prior.log_prob(z, &()),
            log_det,
            log_noise,
        }
    }
}

/// `log N(u; 0, 1)`, `[batch]`.
pub(super) fn log_noise<const D: usize>(u: Tensor<D>) -> Tensor<1> {
    let numbers: usize = u.dims()[1..].iter().product();
    sum_features(u.square())
        .mul_scalar(-0.5)
        .sub_scalar(numbers as f64 * HALF_LN_TAU)
}

/// The parts of the bound of a [`FlowPosterior`], each for every sample, in nats.
///
/// See [`FlowPosterior`] for an example.
#[derive(Debug, Clone)]
pub struct FlowElbo {
    /// `log q(x|z)`.
    pub log_likelihood: Tensor<1>,
    /// `log q(z)`.
    pub log_prior: Tensor<1>,
    /// `ln|det ∂F_x/∂u|`.
    pub log_det: Tensor<1>,
    /// `log q(u)`.
    pub log_noise: Tensor<1>,
}

impl FlowElbo {
    /// `log q(u) − ln|det ∂F_x/∂u| − log q(z)`: one sample of the divergence from the prior.
    pub fn kl(&self) -> Tensor<1> {
        self.log_noise.clone() - self.log_det.clone() - self.log_prior.clone()
    }

    /// The same of a batch without rows.
    pub(super) fn of_no_rows(self) -> Self {
        Self {
            log_likelihood: no_rows(self.log_likelihood),
            log_prior: no_rows(self.log_prior),
            log_det: no_rows(self.log_det),
            log_noise: no_rows(self.log_noise),
        }
    }

    /// One sample of the bound on `log p(x)`.
    pub fn bound(&self) -> Tensor<1> {
        self.log_likelihood.clone() - self.kl()
    }
}
