//! How an implicit equation is solved.

use super::anderson::Anderson;
use super::equation::Equation;
use super::fixed_point::FixedPoint;
use super::newton::Newton;
use super::outcome::Outcome;
use crate::OdeError;
use crate::measure::Measure;
use crate::settings::{count, positive};
use crate::state::State;

/// A method for `x = g(x)`, its tolerance and its patience.
///
/// | solver | converges | evaluations an iteration |
/// |---|---|---|
/// | [`fixed_point`](Self::fixed_point) | where `h ‖∂f/∂y‖ < 1`, which is no stiff problem | 1 |
/// | [`anderson`](Self::anderson) | further, often by much | 1 |
/// | [`newton_krylov`](Self::newton_krylov) | where the others do not; quadratically near the root | 1, one a Krylov direction, one a halving |
///
/// No derivative is asked of the field: products with its Jacobian are finite differences, so that
/// a gradient (which Burn differentiates once) is a field. Their distance is fit for `f64`; for states
/// of `f32` the measure is to say so, see [`SinglePrecision`](crate::SinglePrecision).
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

    /// The same, moved to where the last `depth` residuals, taken as linear, combine to the
    /// smallest.
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

    pub(super) fn solve<S: State, E, F, M>(
        &self,
        equation: &mut Equation<'_, S, F, M>,
        x: S,
    ) -> Result<Outcome<S>, E>
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
}
