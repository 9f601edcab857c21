//! How large the next step is.

mod adaptive;
mod bounds;
mod fixed;
mod gains;

pub use adaptive::{Adaptive, Memory};
pub use bounds::Bounds;
pub use fixed::Fixed;
pub use gains::Gains;

use crate::OdeError;
use crate::tolerance::Tolerance;

/// Decides from one number, the error of a step in units of the tolerance, whether the step stands
/// and how large the next one is. It knows nothing of states or methods.
pub trait Controller {
    /// What errors are measured in; none for a controller that does not look at them.
    fn tolerance(&self) -> Option<Tolerance>;

    /// The verdict on a step of size `h > 0`, whose scaled error is `error` and falls as `hᵏ`, `k =
    /// error_order`. An error that is not finite stands for a state that is not.
    ///
    /// # Errors
    ///
    /// [`OdeError::NoErrorEstimate`] for a controller that needs an error and gets none.
    fn decide(
        &mut self,
        h: f64,
        error: Option<f64>,
        error_order: u32,
    ) -> Result<Decision, OdeError>;
}

/// A controller's verdict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decision {
    /// The step stands.
    Accept {
        /// The size of the next step.
        next: f64,
    },
    /// The step is to be taken again.
    Reject {
        /// With this size.
        retry: f64,
    },
    /// The step cannot stand, and no smaller one is allowed.
    Stuck,
}
