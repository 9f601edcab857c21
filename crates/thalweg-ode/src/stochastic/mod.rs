//! Steps for stochastic equations. The noise is an argument: a state of independent standard normal
//! numbers, from whatever generator the caller has.

mod baoab;
mod euler_maruyama;

pub use baoab::{Langevin, baoab};
pub use euler_maruyama::euler_maruyama;
