//! From one time to another.

mod advance;
mod failure;
mod keep;
mod run;
mod solution;

pub use failure::{Cause, Failure};
pub use run::Solve;
pub use solution::{Ended, Point, Solution};
