//! What became of an implicit step.

use super::Solver;
use crate::OdeError;

/// The last iterate of a solver.
#[derive(Debug, Clone, PartialEq)]
pub struct Root<S> {
    /// The iterate: the state after the step, if the solver converged.
    pub y: S,
    /// `‖r‖ / max(1, ‖y‖)`, where `r` is the right side of the equation less the left.
    pub residual: f64,
    /// Iterations done.
    pub iterations: usize,
    /// How many times the field was evaluated.
    pub evaluations: usize,
}

/// Whether a solver reached its tolerance. Not having done so is a value, not an error: the caller
/// may shorten the step, try another solver, or take the iterate for what it is.
#[must_use = "a solver may not have converged"]
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<S> {
    /// The residual is within the tolerance.
    Converged(Root<S>),
    /// The iterations ran out, or the residual stopped being finite or falling: the last iterate
    /// with a finite residual.
    Stalled(Root<S>),
}

impl<S> Outcome<S> {
    /// The last iterate, converged or not.
    pub fn root(&self) -> &Root<S> {
        match self {
            Self::Converged(root) | Self::Stalled(root) => root,
        }
    }

    /// Whether the residual is within the tolerance.
    pub fn is_converged(&self) -> bool {
        matches!(self, Self::Converged(_))
    }

    /// The root, for a caller to whom stalling is an error.
    ///
    /// # Errors
    ///
    /// [`OdeError::NotConverged`] if the solver did not reach its tolerance.
    pub fn converged(self, solver: &Solver) -> Result<Root<S>, OdeError> {
        match self {
            Self::Converged(root) => Ok(root),
            Self::Stalled(root) => Err(OdeError::NotConverged {
                residual: root.residual,
                tolerance: solver.tolerance(),
                iterations: root.iterations,
            }),
        }
    }
}
