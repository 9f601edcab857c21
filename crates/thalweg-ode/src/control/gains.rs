//! The filters of adaptive controllers.

use crate::OdeError;
use crate::settings::{finite, within};

/// The exponents `β₁, β₂, β₃` of the step's factor `safety · eₙ^(−β₁/k) eₙ₋₁^(−β₂/k) eₙ₋₂^(−β₃/k)`,
/// where `eₙ` is the last step's error in units of the tolerance and falls as `hᵏ`.
///
/// | gains | `β` | is |
/// |---|---|---|
/// | [`INTEGRAL`](Self::INTEGRAL) | 1, 0, 0 | the classical `h' = h · safety · e^(−1/k)` |
/// | [`PI`](Self::PI) | 3/5, −1/5, 0 | PI.4.2: smoother where stability bounds the step |
/// | [`PID`](Self::PID) | 1/18, 1/9, 1/18 | H312PID: the smoothest, for errors that are noise in part |
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

    /// Your own.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless all are finite and their sum, the integral gain, is positive:
    /// else an error too large would not make the step smaller.
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
