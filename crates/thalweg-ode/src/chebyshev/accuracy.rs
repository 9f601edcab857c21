//! First order or second.

use super::polynomials::chebyshev;
use crate::OdeError;
use crate::settings::within;

/// The order of a Chebyshev method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accuracy {
    /// First order: the longest interval of stability, three times that of the second.
    First,
    /// Second order, with an error estimate.
    Second,
}

impl Accuracy {
    pub(super) fn order(self) -> u32 {
        match self {
            Self::First => 1,
            Self::Second => 2,
        }
    }

    pub(super) fn error_order(self) -> Option<u32> {
        (self == Self::Second).then_some(3)
    }

    pub(super) fn least_stages(self) -> usize {
        self.order() as usize
    }

    /// `ε`.
    fn damping(self) -> f64 {
        match self {
            Self::First => 0.05,
            Self::Second => 2.0 / 13.0,
        }
    }

    /// `w₀ = 1 + ε/s²`.
    pub(super) fn centre(self, stages: usize) -> f64 {
        1.0 + self.damping() / (stages as f64).powi(2)
    }

    /// The interval of stability of the method with `stages` stages: it reaches to `−β(s)` on the
    /// real axis.
    ///
    /// `β(s) = (w₀ + 1) Tₛ'(w₀)/Tₛ(w₀)` for the first order, `(w₀ + 1) Tₛ''(w₀)/Tₛ'(w₀)` for the
    /// second; 0 for fewer stages than the order.
    ///
    /// ```
    /// use thalweg_ode::Accuracy;
    ///
    /// assert!((Accuracy::First.stability(10) - 193.6).abs() < 0.1);
    /// assert!((Accuracy::Second.stability(10) - 64.7).abs() < 0.1);
    /// ```
    pub fn stability(self, stages: usize) -> f64 {
        if stages < self.least_stages() {
            return 0.0;
        }
        let centre = self.centre(stages);
        let end = chebyshev(stages, centre)[stages];
        (centre + 1.0)
            * match self {
                Self::First => end.first / end.value,
                Self::Second => end.second / end.first,
            }
    }

    /// The fewest stages for which `β(s) ≥ stiffness`.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless the stiffness is finite and from 0 to 10⁸.
    pub fn stages_for(self, stiffness: f64) -> Result<usize, OdeError> {
        let good = (0.0..=1e8).contains(&stiffness);
        let name = "step times spectral radius";
        within(name, stiffness, good, "from 0 to 1e8; shorten the step")?;
        // β(s)/s² lies below 2 and 2/3 for every s, so this is not too many.
        let limit = 2.0 / if self == Self::First { 1.0 } else { 3.0 };
        let mut stages = ((stiffness / limit).sqrt() as usize).max(self.least_stages());
        while self.stability(stages) < stiffness {
            stages += 1;
        }
        Ok(stages)
    }
}
