//! The size of the next step.

mod adaptive;

pub use adaptive::{Adaptive, Bounds, ErrorHistory, Gains};

use crate::OdeError;
use crate::error::{at_least_zero, positive};

/// Decides from one number, the error of a step in units of the tolerance, whether the step stands
/// and how large the next one is. It knows nothing of states or methods.
///
/// ```
/// use thalweg_ode::{Controller, Decision, OdeError, Solve, Tolerance, infallible, tableau};
///
/// /// Each step is a tenth longer than the one before.
/// struct Growing;
///
/// impl Controller for Growing {
///     fn tolerance(&self) -> Option<Tolerance> {
///         None
///     }
///
///     fn decide(&mut self, h: f64, _: Option<f64>, _: u32) -> Result<Decision, OdeError> {
///         Ok(Decision::Accept { next: 1.1 * h })
///     }
/// }
///
/// let solve = Solve::new(tableau::RK4, 0.0, 1.0, 0.1)?;
/// let solution = solve.run(infallible(|_, y: &f64| -y), 1.0, &mut Growing).unwrap();
/// assert_eq!(solution.accepted, 8); // steps of one size: 10
/// # Ok::<(), OdeError>(())
/// ```
pub trait Controller {
    /// The unit of the errors; none for a controller that ignores them.
    fn tolerance(&self) -> Option<Tolerance>;

    /// The verdict on a step of size `h > 0` with the scaled error `error`, which falls as `hᵏ` with
    /// `k = error_order`. An error that is not finite stands for a state that is not.
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
///
/// See [`Adaptive`] and [`Controller`] for an example.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decision {
    /// The step stands.
    Accept {
        /// The size of the next step.
        next: f64,
    },
    /// The step must be repeated.
    Reject {
        /// With this size.
        retry: f64,
    },
    /// The step cannot stand, and no smaller one is allowed.
    Stuck,
}

/// Every step has the size of the first. A state that is not finite ends the run.
///
/// ```
/// use thalweg_ode::{Fixed, Solve, infallible, tableau};
///
/// let solve = Solve::new(tableau::EULER, 0.0, 1.0, 0.25)?;
/// let solution = solve.run(infallible(|_, y: &f64| -y), 1.0, &mut Fixed).unwrap();
/// assert_eq!(solution.last().y, 0.75_f64.powi(4));
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fixed;

impl Controller for Fixed {
    fn tolerance(&self) -> Option<Tolerance> {
        None
    }

    fn decide(&mut self, h: f64, error: Option<f64>, _: u32) -> Result<Decision, OdeError> {
        Ok(match error {
            Some(error) if !error.is_finite() => Decision::Stuck,
            _ => Decision::Accept { next: h },
        })
    }
}

/// An absolute and a relative tolerance: in one step, a number of size `y` may be wrong by
/// `absolute + relative · |y|`.
///
/// There is no default: only the caller knows the accuracy that the problem needs.
///
/// ```
/// use thalweg_ode::{OdeError, Tolerance};
///
/// let tolerance = Tolerance::new(1e-6, 0.1)?;
/// assert_eq!(tolerance.at(2.0), 1e-6 + 0.2);
/// assert_eq!((tolerance.absolute(), tolerance.relative()), (1e-6, 0.1));
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

    /// The tolerance relative to the state's size.
    pub fn relative(self) -> f64 {
        self.relative
    }
}
