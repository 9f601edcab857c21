//! Schedules: functions from the step (counted from 0) to a factor on the learning rate.
//!
//! Any `Fn(usize) -> f64` is a schedule, and any `Fn(f64) -> f64` of the share of the time that has
//! passed is one [by time](crate::Trainer::schedule_by_time). They have no state, so a resumed run needs nothing but
//! the step. The same functions move a [`Hyper`](crate::Hyper).
//!
//! ```
//! use thalweg_train::schedule::{cosine, warm_up};
//!
//! let factor = warm_up(10, cosine(100, 0.1));
//! assert_eq!(factor(4), 0.5);
//! assert_eq!(factor(10), 1.0);
//! assert!((factor(110) - 0.1).abs() < 1e-12);
//! ```

mod from_burn;

use std::f64::consts::PI;

pub use from_burn::{SchedulerError, from_burn};

/// The factor 1 at every step.
///
/// See [`warm_up`] for an example.
pub fn constant() -> impl Fn(usize) -> f64 + Clone + Send + Sync + 'static {
    |_| 1.0
}

/// Half a cosine from 1 at step 0 to `floor` at step `steps`, and `floor` from there on:
/// f + (1 − f)·(1 + cos(π·min(t/T, 1)))/2.
///
/// Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017
/// (one period).
///
/// ```
/// let factor = thalweg_train::schedule::cosine(100, 0.2);
/// assert_eq!([0, 100, 150].map(&factor), [1.0, 0.2, 0.2]);
/// assert!((factor(50) - 0.6).abs() < 1e-12);
/// ```
pub fn cosine(steps: usize, floor: f64) -> impl Fn(usize) -> f64 + Clone + Send + Sync + 'static {
    let by_share = cosine_by_time(floor);
    move |step| {
        by_share(if step >= steps {
            1.0
        } else {
            step as f64 / steps as f64
        })
    }
}

/// The [`cosine`] over the [time](crate::Trainer::at_most) of a run, of which a share s has
/// passed: f + (1 − f)·(1 + cos(π·s))/2.
///
/// ```
/// let factor = thalweg_train::schedule::cosine_by_time(0.2);
/// assert_eq!([0.0, 1.0].map(&factor), [1.0, 0.2]);
/// assert!((factor(0.5) - 0.6).abs() < 1e-12);
/// ```
pub fn cosine_by_time(floor: f64) -> impl Fn(f64) -> f64 + Clone + Send + Sync + 'static {
    move |share| floor + (1.0 - floor) * 0.5 * (1.0 + (PI * share.clamp(0.0, 1.0)).cos())
}

/// A linear rise over the first `steps` steps, (t + 1)/T, and then the schedule `then`, which
/// counts its own steps from 0.
///
/// With T the steps of ten epochs this is the warm-up a batch of Su Jianlin, kexue.fm/archives/5765
/// (2018).
///
/// ```
/// use thalweg_train::schedule::{constant, warm_up};
///
/// let factor = warm_up(4, constant());
/// assert_eq!([0, 1, 3, 9].map(factor), [0.25, 0.5, 1.0, 1.0]);
/// ```
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

/// A straight line from one value at step 0 to another at step `steps`, which stays.
///
/// ```
/// let beta = thalweg_train::schedule::linear(10, 0.0, 2.0);
/// assert_eq!([0, 5, 10, 20].map(beta), [0.0, 1.0, 2.0, 2.0]);
/// ```
pub fn linear(
    steps: usize,
    from: f64,
    to: f64,
) -> impl Fn(usize) -> f64 + Clone + Send + Sync + 'static {
    move |step| {
        if step >= steps {
            to
        } else {
            from + (to - from) * (step as f64 / steps as f64)
        }
    }
}

/// A rise from 0 to 1 over the first `share` of each `period` of steps, and 1 for the rest of it.
///
/// ```
/// let beta = thalweg_train::schedule::cyclic(100, 0.5);
/// assert_eq!([0, 25, 50, 99, 100, 125].map(beta), [0.0, 0.5, 1.0, 1.0, 0.0, 0.5]);
/// ```
///
/// Source: Fu, Li, Liu, Gao, Celikyilmaz, Carin, "Cyclical annealing schedule: a simple approach to
/// mitigating KL vanishing", 2019 (the paper's M is the number of steps over the period, its R the
/// share).
///
/// # Panics
/// If the period is 0, or the share not between 0 and 1.
pub fn cyclic(period: usize, share: f64) -> impl Fn(usize) -> f64 + Clone + Send + Sync + 'static {
    assert!(period > 0, "a cycle has at least one step, got 0");
    assert!(
        (0.0..=1.0).contains(&share),
        "the share of a cycle that rises is between 0 and 1, got {share}"
    );
    move |step| {
        let done = (step % period) as f64 / period as f64;
        if done < share { done / share } else { 1.0 }
    }
}

/// A function of the epoch, where `epoch_of` tells a step's epoch: the `clock` of the batches.
///
/// ```
/// use thalweg_train::schedule::by_epoch;
///
/// // Of batches that are 20 an epoch: a tenth of the rate from epoch 50 on, a hundredth from 80 on.
/// let factor = by_epoch(|step| step / 20, |epoch| match epoch {
///     0..50 => 1.0,
///     50..80 => 0.1,
///     _ => 0.01,
/// });
/// assert_eq!([999, 1000, 1600].map(factor), [1.0, 0.1, 0.01]);
/// ```
pub fn by_epoch<E, F>(epoch_of: E, factor: F) -> impl Fn(usize) -> f64
where
    E: Fn(usize) -> usize,
    F: Fn(usize) -> f64,
{
    move |step| factor(epoch_of(step))
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
    fn warm_up_is_the_one_of_the_blog() {
        // on_batch_begin: while n < steps·10, lr = 0.001·(n + 1)/steps/10.
        let steps = 469;
        let factor = warm_up(10 * steps, constant());
        for n in [0, 1, 468, 469, 4688] {
            let rate = 0.001 * (n + 1) as f64 / steps as f64 / 10.0;
            assert!((0.001 * factor(n) - rate).abs() < 1e-18);
        }
        assert_eq!([4689, 4690, 9999].map(factor), [1.0; 3]);
    }

    #[test]
    fn a_line_reaches_its_end_and_stays() {
        let beta = linear(4, 1.0, 3.0);
        assert_eq!([0, 1, 2, 4, 5].map(beta), [1.0, 1.5, 2.0, 3.0, 3.0]);
        assert_eq!(linear(0, 1.0, 3.0)(0), 3.0);
    }

    #[test]
    fn a_cycle_without_a_rise_is_one() {
        assert_eq!([0, 1, 2].map(cyclic(2, 0.0)), [1.0; 3]);
        assert_eq!([0, 1, 2, 3].map(cyclic(2, 1.0)), [0.0, 0.5, 0.0, 0.5]);
    }

    #[test]
    fn warm_up_ends_where_the_next_schedule_begins() {
        let factor = warm_up(4, constant());
        let factors: Vec<f64> = (0..6).map(factor).collect();
        assert_eq!(factors, [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]);
    }
}
