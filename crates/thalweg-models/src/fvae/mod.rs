//! f-VAE: a VAE whose posterior is a flow.
//!
//! The posterior is noise under a conditional flow `F_x`, `z = F_x(u)`, `u ~ N(0, 1)`, so the bound of
//! a VAE becomes
//!
//! `log p(x) ≥ E_u[log q(x|F_x(u)) + log q(F_x(u)) + ln|det ∂F_x/∂u| − log q(u)]`,
//!
//! [`FlowPosterior::elbo`], for any [`Bijection`](thalweg_flow::Bijection) with a context. Two special
//! cases:
//!
//! - `F_x(u) = σ(x) u + μ(x)`, [`Reparametrize`](crate::variational::Reparametrize), is the VAE;
//! - `F_x(u) = F(σ u + x)` with `q(x|z) = N(F⁻¹(z), σ²)` is the flow `F` on noisy data.
//!
//! [`Fvae`] lies between: an encoder gives the place, `h = E(x) + σ₁ u`, a flow maps it to the prior,
//! `z = F(h)`; the inverse is `h = F⁻¹(z)`, `x = G(h) + σ₂ ε`. Only `F` needs an inverse and a
//! determinant, so it can be small; `E` and `G` are any networks.

mod config;
mod elbo;
mod model;
mod place;
mod staged;

pub use config::{FvaeConfig, FvaeStyle};
pub use elbo::{FlowElbo, FlowPosterior};
pub use model::{Fvae, FvaeFlow};
pub use place::{Place, ScalarPlace, StagedPlace};
pub use staged::Staged;
