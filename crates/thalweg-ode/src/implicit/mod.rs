//! Implicit steps: stable for every size.

mod iterations;
mod solver;

pub use solver::Solver;

use crate::OdeError;
use crate::measure::Measure;
use crate::method::Start;
use crate::state::{VectorSpace, add_scaled};
use solver::Equation;

/// A step that uses the slope at its end, found by a [`Solver`].
///
/// | method | equation | order | stable for |
/// |---|---|---|---|
/// | [`Euler`](Self::Euler) | `y' = y + h f(t + h, y')` | 1 | every `h`; stiff components vanish at once |
/// | [`Trapezoid`](Self::Trapezoid) | `y' = y + h/2 (f(t, y) + f(t + h, y'))` | 2 | every `h`; stiff components keep their size and change sign |
///
/// For the field `−∇L` the Euler step is the proximal step: `y'` minimizes
/// `L(y') + ‖y' − y‖²/2h`.
///
/// ```
/// use thalweg_ode::{Componentwise, Implicit, Root, Solver, Start, infallible};
///
/// let solver = Solver::newton_krylov(1e-12, 20, 5)?;
/// let mut field = infallible(|_, y: &f64| -1000.0 * y);
/// let start = Start { t: 0.0, y: &1.0, slope: None };
/// let Ok(outcome) = Implicit::Euler.step(&solver, &mut field, start, 1.0, &Componentwise);
/// let Root { y, residual, .. } = outcome.converged(&solver)?;
/// assert!((y - 1.0 / 1001.0).abs() < 1e-10);
/// assert!(residual <= solver.tolerance());
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # References
///
/// Hairer, Wanner: *Solving ordinary differential equations II*, 1996, section IV.3; Rockafellar:
/// *Monotone operators and the proximal point algorithm*, 1976, for the proximal step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Implicit {
    /// The slope at the end.
    Euler,
    /// The mean of the slopes at both ends.
    Trapezoid,
}

impl Implicit {
    /// The `p` for which one step is wrong by `O(hᵖ⁺¹)`.
    ///
    /// ```
    /// use thalweg_ode::{Componentwise, Implicit, Solver, Start, infallible};
    ///
    /// // Half a step of y' = y errs 2ᵖ⁺¹ times less.
    /// let solver = Solver::newton_krylov(1e-14, 50, 1)?;
    /// let error = |method: Implicit, h: f64| {
    ///     let start = Start { t: 0.0, y: &1.0, slope: None };
    ///     let Ok(found) = method.step(&solver, &mut infallible(|_, y: &f64| *y), start, h, &Componentwise);
    ///     (found.root().y - h.exp()).abs()
    /// };
    /// for method in [Implicit::Euler, Implicit::Trapezoid] {
    ///     let power = (error(method, 0.02) / error(method, 0.01)).log2();
    ///     assert!((power - f64::from(method.order() + 1)).abs() < 0.1);
    /// }
    /// # Ok::<(), thalweg_ode::OdeError>(())
    /// ```
    pub fn order(self) -> u32 {
        match self {
            Self::Euler => 1,
            Self::Trapezoid => 2,
        }
    }

    /// One step of size `h`, solved from the guess `y`. An [`Attempt`] that did not converge holds
    /// the last iterate and its residual.
    ///
    /// Only the trapezoid uses the known slope of the start.
    ///
    /// # Errors
    ///
    /// The first error of the field.
    pub fn step<S: VectorSpace, E>(
        self,
        solver: &Solver,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
        start: Start<'_, S>,
        h: f64,
        measure: &impl Measure<S>,
    ) -> Result<Attempt<S>, E> {
        let Start { t, y, slope } = start;
        let (mut base, mut weight, mut evaluations) = (y.clone(), h, 0);
        if self == Self::Trapezoid {
            weight = h / 2.0;
            evaluations = usize::from(slope.is_none());
            base = add_scaled(base, &start.slope_or(field)?, weight);
        }
        let mut equation = Equation {
            base,
            weight,
            t: t + h,
            field,
            measure,
            evaluations,
        };
        solver.solve(&mut equation, y.clone())
    }
}

/// The last iterate of a solver.
///
/// See [`Implicit`] for an example.
#[derive(Debug, Clone, PartialEq)]
pub struct Root<S> {
    /// The iterate: the state after the step, if the solver converged.
    pub y: S,
    /// `‖r‖ / max(1, ‖y‖)`, where `r` is the right side of the equation less the left.
    pub residual: f64,
    /// Iterations done.
    pub iterations: usize,
    /// The number of evaluations of the field.
    pub evaluations: usize,
}

/// The result of a solver. A stalled solver is a value, not an error: the caller may shorten the
/// step, try another solver, or accept the iterate.
///
/// ```
/// use thalweg_ode::{Attempt, Componentwise, Implicit, Solver, Start, infallible};
///
/// // Iteration by itself diverges on a stiff field.
/// let solver = Solver::fixed_point(1e-12, 20)?;
/// let mut field = infallible(|_, y: &f64| -1000.0 * y);
/// let start = Start { t: 0.0, y: &1.0, slope: None };
/// let Ok(attempt) = Implicit::Euler.step(&solver, &mut field, start, 1.0, &Componentwise);
/// assert!(!attempt.is_converged() && attempt.root().residual > 1.0);
/// assert!(matches!(attempt, Attempt::Stalled(_)));
/// assert!(attempt.converged(&solver).is_err());
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
#[must_use = "a solver may not have converged"]
#[derive(Debug, Clone, PartialEq)]
pub enum Attempt<S> {
    /// The residual is within the tolerance.
    Converged(Root<S>),
    /// The iterations ran out, or the residual stopped falling or is no longer finite. Holds the last
    /// iterate with a finite residual.
    Stalled(Root<S>),
}

impl<S> Attempt<S> {
    /// The last iterate, converged or not.
    pub fn root(&self) -> &Root<S> {
        match self {
            Self::Converged(root) | Self::Stalled(root) => root,
        }
    }

    /// Whether the residual is within the tolerance.
    pub fn is_converged(&self) -> bool {
        matches!(self, Self::Converged(_))
    }

    /// The root, where a stalled solver is an error for the caller.
    ///
    /// # Errors
    ///
    /// [`OdeError::NotConverged`] if the solver did not reach its tolerance.
    pub fn converged(self, solver: &Solver) -> Result<Root<S>, OdeError> {
        match self {
            Self::Converged(root) => Ok(root),
            Self::Stalled(root) => Err(OdeError::NotConverged {
                residual: root.residual,
                tolerance: solver.tolerance(),
                iterations: root.iterations,
            }),
        }
    }
}
