//! Posteriors from simulators.
//!
//! A simulator draws data `x` of parameters `θ`; the density `p(x | θ)` need not be known. A [`Prior`] says what is known
//! of the parameters before. [`Simulate`] draws both.

mod error;
mod prior;
mod simulate;

pub use error::SbiError;
pub use prior::{Gamma, LogNormal, Normal, Prior, Product, Uniform};
pub use simulate::{Cause, Failure, OnFailure, Simulate, Simulated, Simulations, Simulator};
