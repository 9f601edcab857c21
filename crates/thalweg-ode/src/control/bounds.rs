//! What an adaptive controller may do.

use crate::OdeError;
use crate::settings::{at_least_zero, within};

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
    /// The smallest step; 0 by default. A run may end with one smaller, to meet its end.
    pub smallest_step: f64,
    /// The largest step; none by default.
    pub largest_step: f64,
    /// What a step becomes times at least, 0.2 by default.
    pub shrink: f64,
    /// What a step becomes times at most, 5 by default.
    pub growth: f64,
    /// What the step that the error asks for is multiplied by, 0.9 by default.
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
    /// Whether these are bounds that a controller can keep.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] with the first that is not: `0 ≤ smallest ≤ largest`, `0 < largest`,
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
