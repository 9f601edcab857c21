//! Parts of variational models: a Gaussian head, likelihoods, losses, bounds.
//!
//! | part | use |
//! |---|---|
//! | [`GaussianHead`], [`Gaussian`] | a density of latents, its sample and its divergence from the prior in one call |
//! | [`ElboLoss`] | β and free bits |
//! | [`Likelihood`] | of data given a decoder's output |
//! | [`Binarization`] | from grey levels to black and white |
//! | [`importance_bound`], [`log_mean_exp`] | the bound of many samples |
//! | [`LatentUse`] | divergence of each dimension, active units |
//!
//! Losses are sums over dimensions and means over the batch: a mean over pixels beside a sum over
//! latents weighs the divergence by hundreds and makes the posterior collapse.

mod binarize;
mod elbo;
mod gaussian;
mod head;
mod importance;
mod latent_use;
mod likelihood;

pub use binarize::Binarization;
pub use elbo::{Elbo, ElboLoss};
pub use gaussian::{Draw, Gaussian, KlForm, Reparametrize};
pub use head::GaussianHead;
pub use importance::{importance_bound, log_mean_exp};
pub use latent_use::LatentUse;
pub use likelihood::{Bernoulli, DiscretizedLogistic, FixedDeviation, Likelihood, LikelihoodStyle};
