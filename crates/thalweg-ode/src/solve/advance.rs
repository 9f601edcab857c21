//! The loop of a run, and the points that it keeps.

use super::{Cause, Ended, Solution, SolutionPoint, Solve};
use crate::OdeError;
use crate::control::{Controller, Decision};
use crate::error::positive;
use crate::measure::Measure;
use crate::method::{Method, Start, Step};
use crate::state::VectorSpace;

/// A last step may be longer than the controller's step by this part of it. So a rest that is only
/// rounding is no step of its own.
const STRETCH: f64 = 1e-8;

impl<M: Method> Solve<M> {
    pub(super) fn advance<S: VectorSpace, E>(
        &self,
        solution: &mut Solution<S>,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
        controller: &mut (impl Controller + ?Sized),
        measure: &impl Measure<S>,
        mut stop: impl FnMut(f64, &S) -> bool,
    ) -> Result<Ended, Cause<E>> {
        let method = self.method.name();
        if controller.tolerance().is_some() && self.method.error_order().is_none() {
            return Err(OdeError::NoErrorEstimate { method }.into());
        }
        let mut t = self.start;
        let first = field(t, &solution.last().y).map_err(Cause::Field)?;
        solution.evaluations += 1;
        if let Some(start) = solution.front.take() {
            let slope = Some(first);
            solution.take(&self.keep, SolutionPoint { slope, ..start });
        }
        while t != self.end {
            if solution.accepted + solution.rejected >= self.most_steps {
                return Ok(Ended::MostSteps);
            }
            let wanted = positive("controller's step", solution.next_step)?;
            let target = self.keep.next_time(solution);
            let (h, next_t) = self.next(t, wanted, target.unwrap_or(self.end));
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
                        None if self.last_slope || next_t != self.end => {
                            solution.evaluations += 1;
                            Some(field(next_t, &step.y).map_err(Cause::Field)?)
                        }
                        slope => slope,
                    };
                    t = next_t;
                    // A time to keep shortens one step, not the steps after it.
                    let shortened = t != self.end && target == Some(t) && h.abs() < wanted;
                    solution.next_step = match shortened && next >= h.abs() {
                        true => next.max(wanted),
                        false => next,
                    };
                    solution.accepted += 1;
                    let y = step.y;
                    solution.take(&self.keep, SolutionPoint { t, y, slope });
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

    /// The signed step of size `wanted`, or less to end at `target`, and the time at its end.
    fn next(&self, t: f64, wanted: f64, target: f64) -> (f64, f64) {
        let left = target - t;
        let h = wanted.min(self.method.largest_step());
        match left.abs() <= h * (1.0 + STRETCH) {
            true => (left, target),
            false => (h.copysign(left), t + h.copysign(left)),
        }
    }

    /// Whether a step changes the time by more than rounding.
    fn moves(&self, t: f64, h: f64) -> bool {
        h > 4.0 * f64::EPSILON * t.abs().max((self.end - self.start).abs())
    }
}

/// The error for the controller: NaN for a state that is not finite.
fn scaled_error<S: VectorSpace>(
    step: &Step<S>,
    before: &S,
    controller: &(impl Controller + ?Sized),
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

/// The points of a run that stay in memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Keep {
    /// The start and every accepted step.
    Every,
    /// The newest.
    Last,
    /// Those at these times, in the order of the run.
    At(Vec<f64>),
}

impl Keep {
    /// The next time to keep.
    pub(super) fn next_time<S>(&self, solution: &Solution<S>) -> Option<f64> {
        match self {
            // Each time passed has given one point.
            Self::At(times) => times.get(solution.points.len()).copied(),
            Self::Every | Self::Last => None,
        }
    }
}

impl<S: VectorSpace> Solution<S> {
    /// Adds the newest point of the run, and drops the points that do not stay.
    pub(super) fn take(&mut self, keep: &Keep, point: SolutionPoint<S>) {
        self.front = None;
        match keep {
            Keep::Every => self.points.push(point),
            Keep::Last => {
                self.points.clear();
                self.points.push(point);
            }
            Keep::At(times) => {
                let due = times[self.points.len()..].iter();
                match due.take_while(|time| **time == point.t).count() {
                    0 => self.front = Some(point),
                    due => self.points.extend(std::iter::repeat_n(point, due)),
                }
            }
        }
    }
}

/// Whether a run from `start` to `end` passes these times in this order.
pub(super) fn check(times: &[f64], start: f64, end: f64) -> Result<(), OdeError> {
    let mut after = start;
    for (index, &time) in times.iter().enumerate() {
        // A time that is not a number lies in no range.
        if !(after.min(end)..=after.max(end)).contains(&time) {
            return Err(OdeError::Time {
                index,
                time,
                after,
                until: end,
            });
        }
        after = time;
    }
    Ok(())
}
