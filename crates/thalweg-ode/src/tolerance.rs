//! How much error a step may make.

use crate::OdeError;
use crate::settings::{at_least_zero, positive};

/// An absolute and a relative tolerance: a number of size `y` may be wrong by `absolute + relative
/// · |y|` in one step.
///
/// There is no default: what is accurate enough is known to the caller alone.
///
/// ```
/// use thalweg_ode::{OdeError, Tolerance};
///
/// assert_eq!(Tolerance::new(1e-6, 0.1)?.at(2.0), 1e-6 + 0.2);
/// assert!(matches!(Tolerance::new(0.0, 0.1), Err(OdeError::Setting { .. })));
/// # Ok::<(), OdeError>(())
/// ```
///
/// ```compile_fail,E0599
/// let _ = thalweg_ode::Tolerance::default();
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    absolute: f64,
    relative: f64,
}

impl Tolerance {
    /// An absolute tolerance, in the units of the state, and a relative one.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless `absolute` is positive (a state can be zero) and `relative`
    /// zero or more, both finite.
    pub fn new(absolute: f64, relative: f64) -> Result<Self, OdeError> {
        Ok(Self {
            absolute: positive("absolute tolerance", absolute)?,
            relative: at_least_zero("relative tolerance", relative)?,
        })
    }

    /// The error allowed at this size.
    pub fn at(self, size: f64) -> f64 {
        self.absolute + self.relative * size
    }

    /// The tolerance in the units of the state.
    pub fn absolute(self) -> f64 {
        self.absolute
    }

    /// The tolerance as a part of the state's size.
    pub fn relative(self) -> f64 {
        self.relative
    }
}
