//! The loop.

use super::{Cause, Ended, Point, Solution, Solve};
use crate::OdeError;
use crate::control::{Controller, Decision};
use crate::measure::Measure;
use crate::method::{Method, Start, Step};
use crate::settings::positive;
use crate::state::State;

/// A last step that is longer than the one wanted by less than this part of it is taken in one:
/// what rounding leaves of the way is no step.
const STRETCH: f64 = 1e-8;

impl<M: Method> Solve<M> {
    pub(super) fn advance<S: State, E>(
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
            solution.take(&self.keep, Point { slope, ..start });
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
                        Some(slope) => slope,
                        None => {
                            solution.evaluations += 1;
                            field(next_t, &step.y).map_err(Cause::Field)?
                        }
                    };
                    t = next_t;
                    // A time to keep on the way shortens one step, not those after it.
                    let shortened = t != self.end && target == Some(t) && h.abs() < wanted;
                    solution.next_step = match shortened && next >= h.abs() {
                        true => next.max(wanted),
                        false => next,
                    };
                    solution.accepted += 1;
                    let (y, slope) = (step.y, Some(slope));
                    solution.take(&self.keep, Point { t, y, slope });
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

    /// The step to take where one of size `wanted` is wanted and none past `target`, signed, and the
    /// time it leads to.
    fn next(&self, t: f64, wanted: f64, target: f64) -> (f64, f64) {
        let left = target - t;
        let h = wanted.min(self.method.largest_step());
        match left.abs() <= h * (1.0 + STRETCH) {
            true => (left, target),
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
