//! What kernels learn in their warm-up.

mod dual_averaging;
mod scales;
mod step;

pub(super) use scales::ScaleLearner;
pub(super) use step::{StepLearner, mean_acceptance};
