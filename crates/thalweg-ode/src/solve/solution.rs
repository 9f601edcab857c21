//! What a run returns.

use crate::state::State;

/// A state on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Point<S> {
    /// Time.
    pub t: f64,
    /// State.
    pub y: S,
    /// `f(t, y)`; none only in a run whose field failed there at once.
    pub slope: Option<S>,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It reached its end time.
    AtEnd,
    /// The caller's predicate said so.
    Stopped,
    /// It took as many steps, accepted or not, as it was allowed.
    MostSteps,
    /// It failed: see the cause beside it.
    Failed,
}

/// A trajectory and what it cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution<S> {
    /// The points that were kept, in order: the start and every accepted step, unless
    /// [`Solve::keep_last`](super::Solve::keep_last) or [`Solve::keep_at`](super::Solve::keep_at)
    /// said otherwise.
    pub points: Vec<Point<S>>,
    /// The newest point, where it is not the last of the points.
    pub(super) front: Option<Point<S>>,
    /// How many times the field was evaluated, without those of a step in which it failed.
    pub evaluations: usize,
    /// Steps that stood.
    pub accepted: usize,
    /// Steps that were taken again.
    pub rejected: usize,
    /// The size of the next step, had there been one: a run that continues from the last point with
    /// it, and with the same controller, is the same run to the bit.
    pub next_step: f64,
    /// Why it ended.
    pub ended: Ended,
}

impl<S> Solution<S> {
    /// The newest point of the run, kept among the points or not.
    pub fn last(&self) -> &Point<S> {
        let newest = self.front.as_ref().or(self.points.last());
        newest.expect("a run has its start")
    }
}

impl<S: State> Solution<S> {
    /// The state at any time between the points that were kept, by a cubic that has the states and
    /// slopes of the two around it; none outside them. Its error is `O(h⁴)`, `h` the time between
    /// the two.
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
        let later = |point: &Point<S>| match forward {
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
