//! Which points of a run stay.

use super::{Point, Solution};
use crate::OdeError;
use crate::state::State;

/// Which points of a run stay in memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Keep {
    /// The start and every accepted step.
    Every,
    /// The newest.
    Last,
    /// Those at these times, which are in the order of the run.
    At(Vec<f64>),
}

impl Keep {
    /// The next time that the run must meet, where there is one before its end.
    pub(super) fn next_time<S>(&self, solution: &Solution<S>) -> Option<f64> {
        match self {
            // Each time passed has given one point.
            Self::At(times) => times.get(solution.points.len()).copied(),
            Self::Every | Self::Last => None,
        }
    }
}

impl<S: State> Solution<S> {
    /// Takes the newest point of the run in, and lets go of what is not to stay.
    pub(super) fn take(&mut self, keep: &Keep, point: Point<S>) {
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
