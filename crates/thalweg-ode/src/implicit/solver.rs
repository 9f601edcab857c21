//! The equation of an implicit step, and the loop that solves it.

use super::iterations::{Anderson, FixedPoint, Newton};
use super::{Attempt, Root};
use crate::OdeError;
use crate::error::{count, positive};
use crate::measure::Measure;
use crate::state::{VectorSpace, add_scaled, difference};

/// A method for `x = g(x)`, its tolerance and its largest number of iterations.
///
/// | solver | converges | evaluations an iteration |
/// |---|---|---|
/// | [`fixed_point`](Self::fixed_point) | where `h ‖∂f/∂y‖ < 1`: no stiff problem | 1 |
/// | [`anderson`](Self::anderson) | further, often by much | 1 |
/// | [`newton_krylov`](Self::newton_krylov) | where the others do not, quadratically near the root | 1, one a Krylov direction, one a halving |
///
/// The field needs no derivative: products with its Jacobian are finite differences. So a gradient,
/// which Burn does not differentiate again, is a field. The differences have a distance for `f64`; for
/// states of `f32` wrap the measure in [`SinglePrecision`](crate::SinglePrecision).
///
/// ```
/// use thalweg_ode::{Componentwise, Implicit, Solver, Start, infallible};
///
/// // y' = 1 + 0.5 cos(y'), by three solvers.
/// let mut field = infallible(|_, y: &f64| y.cos());
/// let mut solve = |solver: Solver| -> Result<_, thalweg_ode::OdeError> {
///     let start = Start { t: 0.0, y: &1.0, slope: None };
///     let Ok(attempt) = Implicit::Euler.step(&solver, &mut field, start, 0.5, &Componentwise);
///     attempt.converged(&solver)
/// };
/// let slow = solve(Solver::fixed_point(1e-12, 100)?)?;
/// let fast = solve(Solver::anderson(1e-12, 100, 2)?)?;
/// let newton = solve(Solver::newton_krylov(1e-12, 100, 1)?)?;
/// assert!((slow.y - 1.0 - 0.5 * slow.y.cos()).abs() < 1e-11);
/// assert!((fast.y - slow.y).abs() < 1e-11 && (newton.y - slow.y).abs() < 1e-11);
/// assert!(newton.iterations < slow.iterations && fast.iterations < slow.iterations);
/// # Ok::<(), thalweg_ode::OdeError>(())
/// ```
///
/// # References
///
/// Anderson: *Iterative procedures for nonlinear integral equations*, 1965; Walker, Ni: *Anderson
/// acceleration for fixed-point iterations*, 2011; Knoll, Keyes: *Jacobian-free Newton-Krylov
/// methods*, 2004; Saad, Schultz: *GMRES*, 1986.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Solver {
    pub(super) tolerance: f64,
    pub(super) most_iterations: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    FixedPoint,
    Anderson { depth: usize },
    NewtonKrylov { directions: usize },
}

impl Solver {
    /// `x ← g(x)`, until the residual is `tolerance · max(1, ‖x‖)` or less.
    ///
    /// # Errors
    ///
    /// [`OdeError::Setting`] unless the tolerance is finite and positive and there is an iteration.
    pub fn fixed_point(tolerance: f64, most_iterations: usize) -> Result<Self, OdeError> {
        Self::new(tolerance, most_iterations, Kind::FixedPoint)
    }

    /// The same, moved to the point where the last `depth` residuals, taken as linear, combine to
    /// the smallest.
    ///
    /// # Errors
    ///
    /// As [`fixed_point`](Self::fixed_point), and for a depth of zero.
    pub fn anderson(
        tolerance: f64,
        most_iterations: usize,
        depth: usize,
    ) -> Result<Self, OdeError> {
        count("depth of Anderson's acceleration", depth, 1, "at least 1")?;
        Self::new(tolerance, most_iterations, Kind::Anderson { depth })
    }

    /// Newton's method, each of its linear equations solved by GMRES in up to `directions`
    /// directions, each step halved until the residual falls.
    ///
    /// # Errors
    ///
    /// As [`fixed_point`](Self::fixed_point), and for no directions.
    pub fn newton_krylov(
        tolerance: f64,
        most_iterations: usize,
        directions: usize,
    ) -> Result<Self, OdeError> {
        count("number of Krylov directions", directions, 1, "at least 1")?;
        Self::new(
            tolerance,
            most_iterations,
            Kind::NewtonKrylov { directions },
        )
    }

    fn new(tolerance: f64, most_iterations: usize, kind: Kind) -> Result<Self, OdeError> {
        Ok(Self {
            tolerance: positive("solver's tolerance", tolerance)?,
            most_iterations: count("number of iterations", most_iterations, 1, "at least 1")?,
            kind,
        })
    }

    /// The relative residual at which the solver stops.
    pub fn tolerance(&self) -> f64 {
        self.tolerance
    }

    pub(super) fn solve<S: VectorSpace, E, F, M>(
        &self,
        equation: &mut Equation<'_, S, F, M>,
        x: S,
    ) -> Result<Attempt<S>, E>
    where
        F: FnMut(f64, &S) -> Result<S, E>,
        M: Measure<S>,
    {
        match self.kind {
            Kind::FixedPoint => self.iterate(equation, x, FixedPoint),
            Kind::Anderson { depth } => self.iterate(equation, x, Anderson::new(depth)),
            Kind::NewtonKrylov { directions } => self.iterate(equation, x, Newton { directions }),
        }
    }

    /// Iterates until the residual is within the tolerance, no better iterate is found, or the
    /// iterations run out.
    pub(super) fn iterate<S: VectorSpace, E, F, M>(
        &self,
        equation: &mut Equation<'_, S, F, M>,
        x: S,
        mut iteration: impl Iteration<S>,
    ) -> Result<Attempt<S>, E>
    where
        F: FnMut(f64, &S) -> Result<S, E>,
        M: Measure<S>,
    {
        let residual = equation.residual(&x)?;
        let mut now = Iterate { x, residual };
        let mut iterations = 0;
        loop {
            let residual = equation.relative(&now.residual, &now.x);
            let converged = residual <= self.tolerance;
            let mut next = None;
            if !converged && residual.is_finite() && iterations < self.most_iterations {
                iterations += 1;
                let found = iteration.next(equation, &now)?;
                next = found.filter(|next| equation.relative(&next.residual, &next.x).is_finite());
            }
            let Some(next) = next else {
                let root = Root {
                    y: now.x,
                    residual,
                    iterations,
                    evaluations: equation.evaluations,
                };
                return Ok(match converged {
                    true => Attempt::Converged(root),
                    false => Attempt::Stalled(root),
                });
            };
            now = next;
        }
    }
}

/// One iteration.
pub(super) trait Iteration<S: VectorSpace> {
    /// The next iterate, or none where there is no better one.
    fn next<E, F, M>(
        &mut self,
        equation: &mut Equation<'_, S, F, M>,
        now: &Iterate<S>,
    ) -> Result<Option<Iterate<S>>, E>
    where
        F: FnMut(f64, &S) -> Result<S, E>,
        M: Measure<S>;
}

/// `x = base + weight · f(t, x)`.
pub(super) struct Equation<'a, S, F, M> {
    pub(super) base: S,
    pub(super) weight: f64,
    pub(super) t: f64,
    pub(super) field: &'a mut F,
    pub(super) measure: &'a M,
    pub(super) evaluations: usize,
}

impl<S: VectorSpace, F, M: Measure<S>> Equation<'_, S, F, M> {
    /// `base + weight · f(t, x) − x`, zero at the root.
    pub(super) fn residual<E>(&mut self, x: &S) -> Result<S, E>
    where
        F: FnMut(f64, &S) -> Result<S, E>,
    {
        self.evaluations += 1;
        let slope = (self.field)(self.t, x)?;
        let residual = difference(self.base.clone(), x.clone());
        Ok(add_scaled(residual, &slope, self.weight))
    }

    /// The residual's norm, relative to the iterate's where that is above 1.
    pub(super) fn relative(&self, residual: &S, x: &S) -> f64 {
        self.measure.norm(residual) / self.measure.norm(x).max(1.0)
    }

    /// The derivative of the residual in the direction `v`, of norm 1, by a finite difference.
    pub(super) fn product<E>(&mut self, x: &S, residual: &S, v: &S) -> Result<S, E>
    where
        F: FnMut(f64, &S) -> Result<S, E>,
    {
        let delta = self.measure.rounding().sqrt() * self.measure.norm(x).max(1.0);
        let moved = self.residual(&(x.clone() + v.clone() * delta))?;
        Ok(difference(moved, residual.clone()) * delta.recip())
    }
}

/// An iterate and its residual.
pub(super) struct Iterate<S> {
    pub(super) x: S,
    pub(super) residual: S,
}
