//! Steps by their errors.

use super::{Controller, Decision, Tolerance};
use crate::OdeError;
use crate::error::{at_least_zero, finite, within};

/// Accepts a step with an error within the tolerance, and multiplies the next step by
/// `safety · Π eₙ₋ᵢ^(−βᵢ/k)`, see [`Gains`], within [`Bounds`].
///
/// A rejected step is repeated with `h · safety · e^(−1/k)`, the integral rule. The first step after
/// that does not grow. An error that is not finite gives the largest reduction.
///
/// [`memory`](Self::memory) holds plain numbers: save them and put them back, and the run continues
/// to the bit.
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
    /// The errors of earlier steps.
    pub memory: ErrorHistory,
}

/// The part of an [`Adaptive`] controller that changes: the errors of earlier steps.
///
/// ```
/// use thalweg_ode::{Adaptive, Controller, ErrorHistory, Tolerance};
///
/// let mut controller = Adaptive::pi(Tolerance::new(1e-6, 1e-3)?);
/// controller.decide(0.1, Some(0.5), 3)?;
/// assert_eq!(controller.memory, ErrorHistory { errors: [0.5, 1.0], rejected: false });
///
/// // A controller with the same memory decides the same.
/// let mut resumed = Adaptive::pi(Tolerance::new(1e-6, 1e-3)?);
/// resumed.memory = controller.memory;
/// assert_eq!(resumed.decide(0.1, Some(0.8), 3)?, controller.decide(0.1, Some(0.8), 3)?);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErrorHistory {
    /// The errors of the last two accepted steps in units of the tolerance, newest first; 1 before
    /// there are any.
    pub errors: [f64; 2],
    /// Whether the last step was rejected.
    pub rejected: bool,
}

impl Default for ErrorHistory {
    fn default() -> Self {
        Self {
            errors: [1.0, 1.0],
            rejected: false,
        }
    }
}

/// A smaller error, in units of the tolerance, counts as this one: zero has no negative power.
const SMALLEST_ERROR: f64 = 1e-10;

impl Adaptive {
    /// A controller with these gains and bounds.
    ///
    /// # Errors
    ///
    /// The error of [`Bounds::check`].
    pub fn new(tolerance: Tolerance, gains: Gains, bounds: Bounds) -> Result<Self, OdeError> {
        bounds.check()?;
        Ok(Self {
            tolerance,
            gains,
            bounds,
            memory: ErrorHistory::default(),
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
            memory: ErrorHistory::default(),
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
        self.memory = ErrorHistory {
            errors: [error, last],
            rejected: false,
        };
        Ok(Decision::Accept {
            next: self.bounds.apply(h, factor, growth),
        })
    }
}

/// The exponents `β₁, β₂, β₃` of the step's factor `safety · eₙ^(−β₁/k) eₙ₋₁^(−β₂/k) eₙ₋₂^(−β₃/k)`,
/// where `eₙ` is the last step's error in units of the tolerance and falls as `hᵏ`.
///
/// | gains | `β` | is |
/// |---|---|---|
/// | [`INTEGRAL`](Self::INTEGRAL) | 1, 0, 0 | the classical `h' = h · safety · e^(−1/k)` |
/// | [`PI`](Self::PI) | 3/5, −1/5, 0 | PI.4.2: smoother where stability bounds the step |
/// | [`PID`](Self::PID) | 1/18, 1/9, 1/18 | H312PID: the smoothest, for errors that are noise in part |
///
/// ```
/// use thalweg_ode::{Adaptive, Bounds, Controller, Decision, Gains, Tolerance};
///
/// let tolerance = Tolerance::new(1e-6, 1e-3)?;
/// let by = |gains| Adaptive::new(tolerance, gains, Bounds::default());
/// let mut gentle = by(Gains::new([0.5, 0.0, 0.0])?)?;
/// // An error of 1/8, falling as h³: the classical gain would double the step.
/// let Decision::Accept { next } = gentle.decide(1.0, Some(0.125), 3)? else { panic!() };
/// assert!((next - 0.9 * 2.0_f64.sqrt()).abs() < 1e-15);
///
/// assert_eq!(by(Gains::INTEGRAL)?, Adaptive::integral(tolerance));
/// assert_eq!(by(Gains::PI)?, Adaptive::pi(tolerance));
/// assert_eq!(by(Gains::PID)?, Adaptive::pid(tolerance));
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # References
///
/// Söderlind: *Automatic control and adaptive time-stepping*, 2002, for PI.4.2, and *Digital filters
/// in adaptive time-stepping*, 2003, for H312PID.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gains([f64; 3]);

impl Gains {
    /// The classical controller.
    pub const INTEGRAL: Self = Self([1.0, 0.0, 0.0]);
    /// Proportional and integral.
    pub const PI: Self = Self([0.6, -0.2, 0.0]);
    /// Proportional, integral and derivative.
    pub const PID: Self = Self([1.0 / 18.0, 1.0 / 9.0, 1.0 / 18.0]);

    /// Gains of your choice.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless all are finite and their sum, the integral gain, is positive:
    /// otherwise a large error would not make the step smaller.
    pub fn new(gains: [f64; 3]) -> Result<Self, OdeError> {
        for gain in gains {
            finite("controller's gain", gain)?;
        }
        let sum = gains.iter().sum();
        within("sum of the controller's gains", sum, sum > 0.0, "above 0")?;
        Ok(Self(gains))
    }

    /// `Π eₙ₋ᵢ^(−βᵢ/k)`, newest error first.
    pub(super) fn factor(self, errors: [f64; 3], error_order: u32) -> f64 {
        let terms = self.0.iter().zip(errors);
        let terms = terms.map(|(gain, error)| error.powf(-gain / f64::from(error_order)));
        terms.product()
    }
}

/// Bounds of a step and of its change.
///
/// ```
/// use thalweg_ode::{Bounds, OdeError};
///
/// let bounds = Bounds { largest_step: 0.1, ..Bounds::default() };
/// bounds.check()?;
/// let error = Bounds { smallest_step: 1.0, ..bounds }.check().unwrap_err();
/// assert!(error.to_string().starts_with("the largest step is 0.1"));
/// # Ok::<(), OdeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The smallest step; 0 by default. The last step of a run may be smaller.
    pub smallest_step: f64,
    /// The largest step; none by default.
    pub largest_step: f64,
    /// The smallest factor between two steps, 0.2 by default.
    pub shrink: f64,
    /// The largest factor between two steps, 5 by default.
    pub growth: f64,
    /// The factor on the step that the error allows, 0.9 by default.
    pub safety: f64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            smallest_step: 0.0,
            largest_step: f64::INFINITY,
            shrink: 0.2,
            growth: 5.0,
            safety: 0.9,
        }
    }
}

impl Bounds {
    /// Checks that a controller can keep these bounds.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] with the first bound that fails: `0 ≤ smallest ≤ largest`, `0 < largest`,
    /// `0 < shrink < 1`, `1 < growth`, `0 < safety ≤ 1`.
    pub fn check(&self) -> Result<(), OdeError> {
        at_least_zero("smallest step", self.smallest_step)?;
        if self.largest_step.is_nan()
            || self.largest_step <= 0.0
            || self.largest_step < self.smallest_step
        {
            return Err(OdeError::Setting {
                name: "largest step",
                value: self.largest_step,
                bound: "above 0 and at least the smallest step",
            });
        }
        let inside = |value: f64| value > 0.0 && value < 1.0;
        within(
            "shrink",
            self.shrink,
            inside(self.shrink),
            "between 0 and 1",
        )?;
        within(
            "growth",
            self.growth,
            self.growth > 1.0,
            "finite and above 1",
        )?;
        let good = inside(self.safety) || self.safety == 1.0;
        within("safety", self.safety, good, "above 0 and at most 1")?;
        Ok(())
    }

    /// The step times the factor, both bounded.
    pub(super) fn apply(&self, h: f64, factor: f64, growth: f64) -> f64 {
        let wanted = h * factor.clamp(self.shrink, growth);
        wanted.clamp(self.smallest_step, self.largest_step)
    }
}
