//! Steps by their errors.

use super::bounds::Bounds;
use super::gains::Gains;
use super::{Controller, Decision};
use crate::OdeError;
use crate::tolerance::Tolerance;

/// Accepts a step whose error is within the tolerance, and multiplies the next by
/// `safety · Π eₙ₋ᵢ^(−βᵢ/k)`, see [`Gains`], within [`Bounds`].
///
/// A step that is rejected is tried again by the integral rule, `h · safety · e^(−1/k)`; the first
/// step after that does not grow. An error that is not finite asks for the largest reduction.
///
/// What it remembers is [`memory`](Self::memory), plain numbers: copy it out to save a run, put it
/// back, and the run continues to the bit.
///
/// ```
/// use thalweg_ode::{Adaptive, Controller, Decision, Tolerance};
///
/// let mut controller = Adaptive::integral(Tolerance::new(1e-6, 1e-3)?);
/// // An error of 8 tolerances, falling as h³: half the step, less a tenth for safety.
/// let Decision::Reject { retry } = controller.decide(0.1, Some(8.0), 3)? else { panic!() };
/// assert!((retry - 0.045).abs() < 1e-15);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # References
///
/// Hairer, Nørsett, Wanner: *Solving ordinary differential equations I*, 1993, section II.4;
/// Söderlind: *Digital filters in adaptive time-stepping*, 2003.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adaptive {
    tolerance: Tolerance,
    gains: Gains,
    bounds: Bounds,
    /// What the controller remembers of earlier steps.
    pub memory: Memory,
}

/// The part of a controller that changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// The errors of the last two accepted steps in units of the tolerance, newest first; 1 before
    /// there are any.
    pub errors: [f64; 2],
    /// Whether the last step was rejected.
    pub rejected: bool,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            errors: [1.0, 1.0],
            rejected: false,
        }
    }
}

/// An error below this part of the tolerance counts as that: zero has no power below zero.
const SMALLEST_ERROR: f64 = 1e-10;

impl Adaptive {
    /// With these gains and bounds.
    ///
    /// # Errors
    ///
    /// What [`Bounds::check`] returns.
    pub fn new(tolerance: Tolerance, gains: Gains, bounds: Bounds) -> Result<Self, OdeError> {
        bounds.check()?;
        Ok(Self {
            tolerance,
            gains,
            bounds,
            memory: Memory::default(),
        })
    }

    /// [`Gains::INTEGRAL`], in the default bounds.
    pub fn integral(tolerance: Tolerance) -> Self {
        Self::with_default_bounds(tolerance, Gains::INTEGRAL)
    }

    /// [`Gains::PI`], in the default bounds.
    pub fn pi(tolerance: Tolerance) -> Self {
        Self::with_default_bounds(tolerance, Gains::PI)
    }

    /// [`Gains::PID`], in the default bounds.
    pub fn pid(tolerance: Tolerance) -> Self {
        Self::with_default_bounds(tolerance, Gains::PID)
    }

    fn with_default_bounds(tolerance: Tolerance, gains: Gains) -> Self {
        Self {
            tolerance,
            gains,
            bounds: Bounds::default(),
            memory: Memory::default(),
        }
    }

    fn reject(&mut self, h: f64, error: f64, error_order: u32) -> Decision {
        self.memory.rejected = true;
        if h <= self.bounds.smallest_step {
            return Decision::Stuck;
        }
        let factor = match error.is_finite() {
            true => Gains::INTEGRAL.factor([error, 1.0, 1.0], error_order) * self.bounds.safety,
            false => self.bounds.shrink,
        };
        Decision::Reject {
            retry: self.bounds.apply(h, factor, 1.0),
        }
    }
}

impl Controller for Adaptive {
    fn tolerance(&self) -> Option<Tolerance> {
        Some(self.tolerance)
    }

    fn decide(
        &mut self,
        h: f64,
        error: Option<f64>,
        error_order: u32,
    ) -> Result<Decision, OdeError> {
        let method = "this method";
        let error = error.ok_or(OdeError::NoErrorEstimate { method })?;
        if error.is_nan() || error > 1.0 {
            return Ok(self.reject(h, error, error_order));
        }
        let error = error.max(SMALLEST_ERROR);
        let [last, before] = self.memory.errors;
        let factor = self.gains.factor([error, last, before], error_order) * self.bounds.safety;
        let growth = match self.memory.rejected {
            true => 1.0,
            false => self.bounds.growth,
        };
        self.memory = Memory {
            errors: [error, last],
            rejected: false,
        };
        Ok(Decision::Accept {
            next: self.bounds.apply(h, factor, growth),
        })
    }
}
