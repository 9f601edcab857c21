//! Schedules: functions from the step (counted from 0) to a factor on the learning rate.
//!
//! Any `Fn(usize) -> f64` is a schedule. They have no state, so a resumed run needs nothing but
//! the step.
//!
//! ```
//! use thalweg_train::schedule::{cosine, warm_up};
//!
//! let factor = warm_up(10, cosine(100, 0.1));
//! assert_eq!(factor(4), 0.5);
//! assert_eq!(factor(10), 1.0);
//! assert!((factor(110) - 0.1).abs() < 1e-12);
//! ```

use std::f64::consts::PI;

/// The factor 1 at every step.
pub fn constant() -> impl Fn(usize) -> f64 + Clone + Send + Sync + 'static {
    |_| 1.0
}

/// Half a cosine from 1 at step 0 to `floor` at step `steps`, and `floor` from there on:
/// f + (1 − f)·(1 + cos(π·min(t/T, 1)))/2.
///
/// Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017
/// (one period).
pub fn cosine(steps: usize, floor: f64) -> impl Fn(usize) -> f64 + Clone + Send + Sync + 'static {
    move |step| {
        let done = if step >= steps {
            1.0
        } else {
            step as f64 / steps as f64
        };
        floor + (1.0 - floor) * 0.5 * (1.0 + (PI * done).cos())
    }
}

/// A linear rise over the first `steps` steps, (t + 1)/T, and then the schedule `then`, which
/// counts its own steps from 0.
pub fn warm_up<F>(steps: usize, then: F) -> impl Fn(usize) -> f64
where
    F: Fn(usize) -> f64,
{
    move |step| {
        if step < steps {
            (step + 1) as f64 / steps as f64
        } else {
            then(step - steps)
        }
    }
}

/// A step function: the factor of the last `(first step, factor)` pair that has begun, and 1
/// before the first of them.
///
/// ```
/// let factor = thalweg_train::schedule::piecewise([(50, 0.1), (80, 0.01)]);
/// assert_eq!([factor(49), factor(50), factor(99)], [1.0, 0.1, 0.01]);
/// ```
pub fn piecewise(
    parts: impl Into<Vec<(usize, f64)>>,
) -> impl Fn(usize) -> f64 + Clone + Send + Sync + 'static {
    let mut parts = parts.into();
    parts.sort_by_key(|(first, _)| *first);
    move |step| {
        let begun = parts.iter().rev().find(|(first, _)| *first <= step);
        begun.map_or(1.0, |(_, factor)| *factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosine_goes_from_one_through_the_middle_to_the_floor() {
        let factor = cosine(200, 0.2);
        assert_eq!(factor(0), 1.0);
        assert!((factor(100) - 0.6).abs() < 1e-12);
        assert!((factor(200) - 0.2).abs() < 1e-12);
        assert_eq!(factor(200), factor(10_000));
    }

    #[test]
    fn cosine_over_no_steps_is_the_floor() {
        assert!((cosine(0, 0.25)(0) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn warm_up_ends_where_the_next_schedule_begins() {
        let factor = warm_up(4, constant());
        let factors: Vec<f64> = (0..6).map(factor).collect();
        assert_eq!(factors, [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]);
    }
}
