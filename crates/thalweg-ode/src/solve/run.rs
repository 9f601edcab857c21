//! A run and its settings.

use super::{Ended, Failure, Point, Solution};
use crate::OdeError;
use crate::control::Controller;
use crate::measure::{Components, Componentwise, Measure};
use crate::method::Method;
use crate::settings::{finite, positive};
use crate::state::State;

/// A run of one method from one time to another, later or earlier.
///
/// ```
/// use thalweg_ode::{Adaptive, Ended, Solve, Tolerance, infallible, tableau};
///
/// let decay = infallible(|_, y: &f64| -y);
/// let mut controller = Adaptive::pi(Tolerance::new(1e-8, 1e-8)?);
/// let solve = Solve::new(tableau::DORMAND_PRINCE, 0.0, 5.0, 0.1)?;
/// let solution = solve.run(decay, 1.0, &mut controller).unwrap();
/// assert!((solution.last().y - (-5.0_f64).exp()).abs() < 1e-7);
/// assert_eq!(solution.ended, Ended::AtEnd);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Solve<M> {
    pub(super) method: M,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) first_step: f64,
    pub(super) most_steps: usize,
}

impl<M: Method> Solve<M> {
    /// From `start` to `end`, the first step of size `first_step`.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless both times are finite and the step finite and positive.
    pub fn new(method: M, start: f64, end: f64, first_step: f64) -> Result<Self, OdeError> {
        Ok(Self {
            method,
            start: finite("start time", start)?,
            end: finite("end time", end)?,
            first_step: positive("first step", first_step)?,
            most_steps: usize::MAX,
        })
    }

    /// Ends after this many steps, accepted or not.
    pub fn most_steps(self, most_steps: usize) -> Self {
        Self { most_steps, ..self }
    }

    /// Runs to the end time, measuring errors componentwise.
    ///
    /// # Errors
    ///
    /// As [`run_until`](Self::run_until).
    pub fn run<S: State + Components, E>(
        &self,
        field: impl FnMut(f64, &S) -> Result<S, E>,
        y: S,
        controller: &mut (impl Controller + ?Sized),
    ) -> Result<Solution<S>, Failure<S, E>> {
        self.run_until(field, y, controller, &Componentwise, |_, _| false)
    }

    /// Runs to the end time, or until `stop` says so of the time and state after an accepted step.
    ///
    /// # Errors
    ///
    /// A [`Failure`], which holds everything up to the last good state: where the field fails,
    /// where the error or the state stays bad at the smallest step, and before the first step where
    /// the controller needs an error that the method does not estimate.
    pub fn run_until<S: State, E>(
        &self,
        mut field: impl FnMut(f64, &S) -> Result<S, E>,
        y: S,
        controller: &mut (impl Controller + ?Sized),
        measure: &impl Measure<S>,
        stop: impl FnMut(f64, &S) -> bool,
    ) -> Result<Solution<S>, Failure<S, E>> {
        let (t, slope) = (self.start, None);
        let mut solution = Solution {
            points: vec![Point { t, y, slope }],
            evaluations: 0,
            accepted: 0,
            rejected: 0,
            next_step: self.first_step,
            ended: Ended::Failed,
        };
        match self.advance(&mut solution, &mut field, controller, measure, stop) {
            Ok(ended) => {
                solution.ended = ended;
                Ok(solution)
            }
            Err(cause) => Err(Failure {
                cause,
                so_far: solution,
            }),
        }
    }
}
