//! What is known of the parameters before any data.

mod gamma;
mod log_normal;
mod normal;
mod product;
mod uniform;

use std::sync::Arc;

use rand::Rng;
use thalweg_flow::Support;

pub use gamma::Gamma;
pub use log_normal::LogNormal;
pub use normal::Normal;
pub use product::Product;
pub use uniform::Uniform;

/// A density `p(θ)` of parameters `θ`, from which one can draw.
///
/// A prior of a user's own implements the four methods:
///
/// ```
/// use rand::{Rng, RngExt};
/// use thalweg_flow::Support;
/// use thalweg_sbi::Prior;
///
/// /// `p(θ) = 2 θ` on (0, 1).
/// struct Rising;
///
/// impl Prior for Rising {
///     fn supports(&self) -> Vec<Support> {
///         vec![Support::Between(0.0, 1.0)]
///     }
///     fn log_prob(&self, theta: &[f64]) -> f64 {
///         match theta[0] {
///             t if t > 0.0 && t < 1.0 => (2.0 * t).ln(),
///             _ => f64::NEG_INFINITY,
///         }
///     }
///     fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
///         vec![rng.random::<f64>().sqrt()]
///     }
/// }
/// ```
pub trait Prior: Send + Sync {
    /// The open interval of each parameter, outside of which the density is 0. An estimator learns the density in
    /// coordinates that fill each interval, so none of its mass lies outside.
    fn supports(&self) -> Vec<Support>;

    /// `ln p(θ)` in nats, with its normalization; −∞ outside the support.
    ///
    /// # Panics
    ///
    /// For another number of parameters.
    fn log_prob(&self, theta: &[f64]) -> f64;

    /// A draw from the prior.
    fn sample(&self, rng: &mut dyn Rng) -> Vec<f64>;

    /// The number of parameters.
    fn dims(&self) -> usize {
        self.supports().len()
    }
}

/// A pointer to a prior is one.
macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<P: Prior + ?Sized> Prior for $pointer {
            fn supports(&self) -> Vec<Support> {
                (**self).supports()
            }

            fn log_prob(&self, theta: &[f64]) -> f64 {
                (**self).log_prob(theta)
            }

            fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
                (**self).sample(rng)
            }

            fn dims(&self) -> usize {
                (**self).dims()
            }
        }
    )*};
}

pointers!(&P, Box<P>, Arc<P>);

/// # Panics
///
/// Unless there are as many parameters as the prior has.
#[track_caller]
fn assert_dims(prior: &str, dims: usize, theta: &[f64]) {
    assert_eq!(
        theta.len(),
        dims,
        "{prior} has {dims} parameters, got {}",
        theta.len()
    );
}
