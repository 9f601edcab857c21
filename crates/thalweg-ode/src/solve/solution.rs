//! The result of a run, complete or not.

use std::error::Error;
use std::fmt;

use crate::OdeError;
use crate::state::VectorSpace;

/// A state of a run.
///
/// See [`Solution`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct SolutionPoint<S> {
    /// Time.
    pub t: f64,
    /// State.
    pub y: S,
    /// `f(t, y)`; none only where the field failed at the start, and at the end of a run
    /// [without it](super::Solve::without_last_slope).
    pub slope: Option<S>,
}

/// Why a run ended.
///
/// See [`Solve::most_steps`](super::Solve::most_steps) and
/// [`Solve::run_until`](super::Solve::run_until) for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It reached its end time.
    AtEnd,
    /// The caller's predicate stopped it.
    Stopped,
    /// It took the largest number of steps, accepted or not.
    MostSteps,
    /// It failed: see [`Failure::cause`].
    Failed,
}

/// A trajectory and its cost.
///
/// ```
/// use thalweg_ode::{Fixed, Solution, SolutionPoint, Solve, infallible, tableau};
///
/// let solve = Solve::new(tableau::RK4, 0.0, 1.0, 0.25)?;
/// let field = infallible(|_, y: &f64| -y);
/// let solution: Solution<f64> = solve.run(field, 1.0, &mut Fixed).unwrap();
/// assert_eq!((solution.accepted, solution.rejected, solution.points.len()), (4, 0, 5));
/// let SolutionPoint { t, y, slope } = solution.last();
/// assert_eq!((*t, *slope), (1.0, Some(-y)));
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Solution<S> {
    /// The kept points, in order: the start and every accepted step, unless
    /// [`Solve::keep_last`](super::Solve::keep_last) or [`Solve::keep_at`](super::Solve::keep_at)
    /// choose others.
    pub points: Vec<SolutionPoint<S>>,
    /// The newest point, where it is not kept.
    pub(super) front: Option<SolutionPoint<S>>,
    /// The number of evaluations of the field, without those of a step in which it failed.
    pub evaluations: usize,
    /// Accepted steps.
    pub accepted: usize,
    /// Repeated steps.
    pub rejected: usize,
    /// The size of the next step. A run that continues from the last point with this step and the same
    /// controller is the same run to the bit.
    pub next_step: f64,
    /// Why it ended.
    pub ended: Ended,
}

impl<S> Solution<S> {
    /// The newest point of the run, kept or not.
    pub fn last(&self) -> &SolutionPoint<S> {
        let newest = self.front.as_ref().or(self.points.last());
        newest.expect("a run has its start")
    }
}

impl<S: VectorSpace> Solution<S> {
    /// The state at any time between the kept points, by the cubic through the states and slopes of
    /// the two points around it; none outside. Its error is `O(h⁴)` for points at a distance `h`.
    ///
    /// `y(t₀ + θh) = (1 + 2θ)(1 − θ)² y₀ + θ²(3 − 2θ) y₁ + hθ(1 − θ)² f₀ − hθ²(1 − θ) f₁`.
    ///
    /// ```
    /// use thalweg_ode::{Fixed, Solve, infallible, tableau};
    ///
    /// let field = infallible(|t: f64, _: &f64| 3.0 * t * t);
    /// let solution = Solve::new(tableau::RK4, 0.0, 2.0, 0.5)?.run(field, 0.0, &mut Fixed).unwrap();
    /// assert!((solution.at(1.3).unwrap() - 1.3_f64.powi(3)).abs() < 1e-12);
    /// assert!(solution.at(2.1).is_none());
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    ///
    /// # References
    ///
    /// Hairer, Nørsett, Wanner: *Solving ordinary differential equations I*, 1993, equation
    /// (II.6.7).
    pub fn at(&self, t: f64) -> Option<S> {
        let (first, last) = (self.points.first()?.t, self.points.last()?.t);
        if !(first.min(last)..=first.max(last)).contains(&t) {
            return None;
        }
        let forward = last >= first;
        let later = |point: &SolutionPoint<S>| match forward {
            true => point.t >= t,
            false => point.t <= t,
        };
        let right = self.points.partition_point(|point| !later(point));
        let end = &self.points[right];
        if right == 0 || end.t == t {
            return Some(end.y.clone());
        }
        let start = &self.points[right - 1];
        let h = end.t - start.t;
        let x = (t - start.t) / h;
        let value = start.y.clone() * ((1.0 + 2.0 * x) * (1.0 - x).powi(2))
            + end.y.clone() * (x.powi(2) * (3.0 - 2.0 * x));
        let from_start = start.slope.clone()? * (h * x * (1.0 - x).powi(2));
        let from_end = end.slope.clone()? * (-h * x.powi(2) * (1.0 - x));
        Some(value + from_start + from_end)
    }
}

/// A failed run: the cause, and everything before it.
///
/// ```
/// use thalweg_ode::{Cause, Failure, Fixed, Solve, tableau};
///
/// // A field that has no value after the time 0.6.
/// let field = |t: f64, y: &f64| if t < 0.6 { Ok(-y) } else { Err("no wind") };
/// let solve = Solve::new(tableau::EULER, 0.0, 1.0, 0.25)?;
/// let Failure { cause, so_far } = solve.run(field, 1.0, &mut Fixed).unwrap_err();
/// assert_eq!(cause, Cause::Field("no wind"));
/// assert_eq!(so_far.last().t, 0.5);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Failure<S, E> {
    /// The cause.
    pub cause: Cause<E>,
    /// The accepted points and the counts, up to the last good state.
    pub so_far: Solution<S>,
}

/// Why a run failed.
///
/// See [`Failure`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub enum Cause<E> {
    /// The field failed.
    Field(E),
    /// A setting or a step failed.
    Ode(OdeError),
}

impl<E> From<OdeError> for Cause<E> {
    fn from(error: OdeError) -> Self {
        Self::Ode(error)
    }
}

impl<E: fmt::Display> fmt::Display for Cause<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(error) => write!(f, "the field failed: {error}"),
            Self::Ode(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Display + fmt::Debug> Error for Cause<E> {}

impl<S, E: fmt::Display> fmt::Display for Failure<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cause, so_far } = self;
        let (steps, t) = (so_far.accepted, so_far.last().t);
        write!(
            f,
            "{cause} (the state at t = {t}, after {steps} steps, is good)"
        )
    }
}

impl<S: fmt::Debug, E: fmt::Display + fmt::Debug> Error for Failure<S, E> {}
