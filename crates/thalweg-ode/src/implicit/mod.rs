//! Implicit steps, whose size stability does not bound.

mod anderson;
mod equation;
mod fixed_point;
mod gmres;
mod newton;
mod outcome;
mod rule;
mod solver;

pub use outcome::{Outcome, Root};
pub use solver::Solver;

use crate::measure::Measure;
use crate::method::Start;
use crate::state::{State, add_scaled};
use equation::Equation;

/// A step whose slope is taken at its end, found by a [`Solver`].
///
/// | method | equation | order | stable for |
/// |---|---|---|---|
/// | [`Euler`](Self::Euler) | `y' = y + h f(t + h, y')` | 1 | every `h`; stiff parts vanish at once |
/// | [`Trapezoid`](Self::Trapezoid) | `y' = y + h/2 (f(t, y) + f(t + h, y'))` | 2 | every `h`; stiff parts keep their size and change sign |
///
/// For the field `−∇L` the Euler step is the proximal step: `y'` minimizes
/// `L(y') + ‖y' − y‖²/2h`.
///
/// ```
/// use thalweg_ode::{Componentwise, Implicit, Solver, Start, infallible};
///
/// let solver = Solver::newton_krylov(1e-12, 20, 5)?;
/// let mut field = infallible(|_, y: &f64| -1000.0 * y);
/// let start = Start { t: 0.0, y: &1.0, slope: None };
/// let Ok(outcome) = Implicit::Euler.step(&solver, &mut field, start, 1.0, &Componentwise);
/// let root = outcome.converged(&solver)?;
/// assert!((root.y - 1.0 / 1001.0).abs() < 1e-10);
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
    pub fn order(self) -> u32 {
        match self {
            Self::Euler => 1,
            Self::Trapezoid => 2,
        }
    }

    /// One step of size `h`. It starts from `y`, and whether it arrived is for the caller to see:
    /// an [`Outcome`] that did not converge holds the last iterate and its residual.
    ///
    /// The known slope of the start is used by the trapezoid alone.
    ///
    /// # Errors
    ///
    /// What the field returns, at its first failure.
    pub fn step<S: State, E>(
        self,
        solver: &Solver,
        field: &mut impl FnMut(f64, &S) -> Result<S, E>,
        start: Start<'_, S>,
        h: f64,
        measure: &impl Measure<S>,
    ) -> Result<Outcome<S>, E> {
        let Start { t, y, slope } = start;
        let (mut base, mut weight, mut evaluations) = (y.clone(), h, 0);
        if self == Self::Trapezoid {
            weight = h / 2.0;
            let slope = match slope {
                Some(slope) => slope.clone(),
                None => {
                    evaluations += 1;
                    field(t, y)?
                }
            };
            base = add_scaled(base, &slope, weight);
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
