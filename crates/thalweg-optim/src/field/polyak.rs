//! The flow along which the loss decays exponentially.

use crate::EvaluationError;

use super::{Field, Point};
use crate::Parameters;

/// `θ̇ = −(∇L/‖∇L‖) · L · min(1/‖∇L‖, M)`: without the bound, `L̇ = −L`.
///
/// For losses whose smallest value is 0. It goes through local minima, where the gradient is small
/// and the step large; `M` bounds it. Euler's method with the step 1 and no bound is Polyak's step
/// size for a known smallest value.
///
/// # References
///
/// Su Jianlin: *Optimization from a dynamical viewpoint (3)*, kexue.fm/archives/6261, 2019. Polyak:
/// *Introduction to optimization*, 1987, section 5.3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Polyak {
    /// M.
    pub bound: f64,
}

impl Field for Polyak {
    type Memory = ();

    fn direction(
        &self,
        (): &(),
        point: Point<'_>,
        gradient: Parameters,
    ) -> Result<(Parameters, ()), EvaluationError> {
        let loss = point.loss.clone().read()?;
        let norm = point.norm;
        let direction = match norm > 0.0 {
            true => gradient.scale_to(loss * norm.recip().min(self.bound), norm),
            false => gradient,
        };
        Ok((direction, ()))
    }
}
