//! The loop.

use super::{Cause, Ended, Failure, Point, Solution};
use crate::OdeError;
use crate::control::{Controller, Decision};
use crate::error::{finite, positive};
use crate::measure::{Components, Componentwise, Measure};
use crate::method::{Method, Start, Step};
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
    method: M,
    start: f64,
    end: f64,
    first_step: f64,
    most_steps: usize,
}

/// A last step that is longer than the one wanted by less than this part of it is taken in one:
/// what rounding leaves of the way is no step.
const STRETCH: f64 = 1e-8;

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
        controller: &mut impl Controller,
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
        controller: &mut impl Controller,
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

    fn advance<S: State, E>(
        &self,
        solution: &mut Solution<S>,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
        controller: &mut impl Controller,
        measure: &impl Measure<S>,
        mut stop: impl FnMut(f64, &S) -> bool,
    ) -> Result<Ended, Cause<E>> {
        let method = self.method.name();
        if controller.tolerance().is_some() && self.method.error_order().is_none() {
            return Err(OdeError::NoErrorEstimate { method }.into());
        }
        let mut t = self.start;
        let first = field(t, &solution.points[0].y).map_err(Cause::Field)?;
        solution.evaluations += 1;
        solution.points[0].slope = Some(first);
        while t != self.end {
            if solution.accepted + solution.rejected >= self.most_steps {
                return Ok(Ended::MostSteps);
            }
            let (h, next_t) = self.next(t, solution.next_step);
            if next_t == t {
                return Err(OdeError::StepVanished { t, step: h }.into());
            }
            let point = solution.last();
            let (y, slope) = (&point.y, point.slope.as_ref());
            let step = self.method.step(field, Start { t, y, slope }, h);
            let step = step.map_err(Cause::Field)?;
            let error = scaled_error(&step, &point.y, controller, measure);
            solution.evaluations += step.evaluations;
            let order = self.method.error_order().unwrap_or(1);
            match controller.decide(h.abs(), error, order)? {
                Decision::Accept { next } => {
                    let slope = match step.slope {
                        Some(slope) => slope,
                        None => {
                            solution.evaluations += 1;
                            field(next_t, &step.y).map_err(Cause::Field)?
                        }
                    };
                    t = next_t;
                    solution.next_step = next;
                    solution.accepted += 1;
                    let (y, slope) = (step.y, Some(slope));
                    solution.points.push(Point { t, y, slope });
                    if stop(t, &solution.last().y) {
                        return Ok(Ended::Stopped);
                    }
                }
                Decision::Reject { retry } if self.moves(t, retry) => {
                    solution.rejected += 1;
                    solution.next_step = retry;
                }
                Decision::Reject { .. } | Decision::Stuck => {
                    solution.rejected += 1;
                    return Err(stuck(t, h.abs(), error).into());
                }
            }
        }
        Ok(Ended::AtEnd)
    }

    /// The step to take where one of size `wanted` is wanted, signed, and the time it leads to.
    fn next(&self, t: f64, wanted: f64) -> (f64, f64) {
        let left = self.end - t;
        let h = wanted.min(self.method.largest_step());
        match left.abs() <= h * (1.0 + STRETCH) {
            true => (left, self.end),
            false => (h.copysign(left), t + h.copysign(left)),
        }
    }

    /// Whether a step is long enough to change the time, and more than rounding.
    fn moves(&self, t: f64, h: f64) -> bool {
        h > 4.0 * f64::EPSILON * t.abs().max((self.end - self.start).abs())
    }
}

/// The error for the controller: NaN for a state that is not finite.
fn scaled_error<S: State>(
    step: &Step<S>,
    before: &S,
    controller: &impl Controller,
    measure: &impl Measure<S>,
) -> Option<f64> {
    match (controller.tolerance(), &step.error) {
        (Some(tolerance), Some(error)) => {
            Some(measure.scaled_error(error, before, &step.y, tolerance))
        }
        _ if !measure.is_finite(&step.y) => Some(f64::NAN),
        _ => None,
    }
}

fn stuck(t: f64, step: f64, error: Option<f64>) -> OdeError {
    match error {
        Some(error) if error.is_finite() => OdeError::StepTooSmall { t, step, error },
        _ => OdeError::NotFinite { t, step },
    }
}
