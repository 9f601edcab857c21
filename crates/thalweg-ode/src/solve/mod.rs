//! From one time to another.

mod advance;
mod solution;

pub use solution::{Cause, Ended, Failure, Solution, SolutionPoint};

use crate::OdeError;
use crate::control::Controller;
use crate::error::{finite, positive};
use crate::measure::{Components, Componentwise, Measure};
use crate::method::Method;
use crate::state::VectorSpace;
use advance::Keep;

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
///
/// The solution holds every accepted step: much memory for a large state and many steps.
/// [`keep_last`](Self::keep_last) holds one state, and [`keep_at`](Self::keep_at) the states at
/// given times; the memory of both does not grow with the steps.
#[derive(Debug, Clone, PartialEq)]
pub struct Solve<M> {
    method: M,
    start: f64,
    end: f64,
    first_step: f64,
    most_steps: usize,
    keep: Keep,
    last_slope: bool,
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
            keep: Keep::Every,
            last_slope: true,
        })
    }

    /// Keeps only the last point in [`Solution::points`].
    ///
    /// The run itself is the same to the bit.
    ///
    /// ```
    /// use thalweg_ode::{Fixed, Solve, infallible, tableau};
    ///
    /// let solve = Solve::new(tableau::RK4, 0.0, 1.0, 1e-3)?.keep_last();
    /// let solution = solve.run(infallible(|_, y: &f64| -y), 1.0, &mut Fixed).unwrap();
    /// assert_eq!((solution.accepted, solution.points.len()), (1000, 1));
    /// assert!((solution.last().y - (-1.0_f64).exp()).abs() < 1e-12);
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    pub fn keep_last(self) -> Self {
        let keep = Keep::Last;
        Self { keep, ..self }
    }

    /// Keeps the points at these times, in the order of the run; repeated times give repeated
    /// points.
    ///
    /// The run steps onto each time exactly, so that every point has the full order of the method;
    /// interpolation by a cubic would lower it to 4. After a step that is shortened for a time, the
    /// next has the unshortened size, or the controller's if that is larger. The run goes on to its
    /// end, and [`Solution::last`] is the state there, even if the end is not one of the times.
    ///
    /// ```
    /// use thalweg_ode::{Adaptive, Solve, Tolerance, infallible, tableau};
    ///
    /// let mut controller = Adaptive::pi(Tolerance::new(1e-9, 1e-9)?);
    /// let solve = Solve::new(tableau::DORMAND_PRINCE, 0.0, 5.0, 0.1)?.keep_at([0.0, 1.0, 2.5])?;
    /// let solution = solve.run(infallible(|_, y: &f64| -y), 1.0, &mut controller).unwrap();
    /// let times: Vec<f64> = solution.points.iter().map(|point| point.t).collect();
    /// assert_eq!(times, [0.0, 1.0, 2.5]);
    /// assert_eq!(solution.last().t, 5.0);
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`OdeError::Time`] with the first time that is not a number, lies outside the run, or comes
    /// before its predecessor.
    pub fn keep_at(self, times: impl Into<Vec<f64>>) -> Result<Self, OdeError> {
        let times = times.into();
        advance::check(&times, self.start, self.end)?;
        let keep = Keep::At(times);
        Ok(Self { keep, ..self })
    }

    /// Leaves out the slope at the end time, unless the method gives it anyway: it saves an evaluation
    /// for callers that read only the state there. [`Solution::at`] then gives nothing inside the last step.
    ///
    /// ```
    /// use thalweg_ode::{Fixed, Solve, infallible, tableau};
    ///
    /// let solve = Solve::new(tableau::RK4, 0.0, 1.0, 0.25)?.without_last_slope();
    /// let solution = solve.run(infallible(|_, y: &f64| -y), 1.0, &mut Fixed).unwrap();
    /// assert_eq!((solution.evaluations, &solution.last().slope), (16, &None));
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    pub fn without_last_slope(self) -> Self {
        let last_slope = false;
        Self { last_slope, ..self }
    }

    /// Ends after this many steps, accepted or not.
    ///
    /// ```
    /// use thalweg_ode::{Ended, Fixed, Solve, infallible, tableau};
    ///
    /// let solve = Solve::new(tableau::RK4, 0.0, 1.0, 0.1)?.most_steps(3);
    /// let solution = solve.run(infallible(|_, y: &f64| -y), 1.0, &mut Fixed).unwrap();
    /// assert_eq!((solution.ended, solution.accepted), (Ended::MostSteps, 3));
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    pub fn most_steps(self, most_steps: usize) -> Self {
        Self { most_steps, ..self }
    }

    /// Runs to the end time, measuring errors componentwise.
    ///
    /// # Errors
    ///
    /// As [`run_until`](Self::run_until).
    pub fn run<S: VectorSpace + Components, E>(
        &self,
        field: impl FnMut(f64, &S) -> Result<S, E>,
        y: S,
        controller: &mut (impl Controller + ?Sized),
    ) -> Result<Solution<S>, Failure<S, E>> {
        self.run_until(field, y, controller, &Componentwise, |_, _| false)
    }

    /// Runs to the end time, or until `stop` is true for the time and state after an accepted step.
    ///
    /// ```
    /// use thalweg_ode::{Componentwise, Ended, Fixed, Solve, infallible, tableau};
    ///
    /// // Until the state has fallen below a half.
    /// let solve = Solve::new(tableau::RK4, 0.0, 10.0, 0.01)?;
    /// let field = infallible(|_, y: &f64| -y);
    /// let below = |_, y: &f64| *y < 0.5;
    /// let solution = solve.run_until(field, 1.0, &mut Fixed, &Componentwise, below).unwrap();
    /// assert_eq!(solution.ended, Ended::Stopped);
    /// assert!((solution.last().t - 2.0_f64.ln()).abs() < 0.01);
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`Failure`] with everything up to the last good state: where the field fails, where the error
    /// or the state stays bad at the smallest step, and, before the first step, where the controller
    /// needs an error that the method does not estimate.
    pub fn run_until<S: VectorSpace, E>(
        &self,
        mut field: impl FnMut(f64, &S) -> Result<S, E>,
        y: S,
        controller: &mut (impl Controller + ?Sized),
        measure: &impl Measure<S>,
        stop: impl FnMut(f64, &S) -> bool,
    ) -> Result<Solution<S>, Failure<S, E>> {
        let (t, slope) = (self.start, None);
        let mut solution = Solution {
            points: Vec::new(),
            front: Some(SolutionPoint { t, y, slope }),
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
