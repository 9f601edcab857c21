//! Linear maps of rows that are fitted in closed form, on the host in f64: where a flow begins.
//!
//! The flow of what [`Whitening`] leaves of rows begins at the normal density with their mean and covariance; that of what
//! a [`Regression`] leaves, at the linear-Gaussian density under their conditions.

mod regression;
mod whitening;

pub use regression::Regression;
pub use whitening::Whitening;
