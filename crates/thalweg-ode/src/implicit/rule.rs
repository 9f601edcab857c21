//! The loop of every solver.

use super::Solver;
use super::equation::{Equation, Iterate};
use super::outcome::{Outcome, Root};
use crate::measure::Measure;
use crate::state::State;

/// One iteration.
pub(super) trait Rule<S: State> {
    /// The next iterate, or none where the rule cannot find a better one.
    fn next<E, F, M>(
        &mut self,
        equation: &mut Equation<'_, S, F, M>,
        now: &Iterate<S>,
    ) -> Result<Option<Iterate<S>>, E>
    where
        F: FnMut(f64, &S) -> Result<S, E>,
        M: Measure<S>;
}

impl Solver {
    /// Iterates until the residual is within the tolerance, or until the rule or the patience ends.
    pub(super) fn iterate<S: State, E, F, M>(
        &self,
        equation: &mut Equation<'_, S, F, M>,
        x: S,
        mut rule: impl Rule<S>,
    ) -> Result<Outcome<S>, E>
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
                let found = rule.next(equation, &now)?;
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
                    true => Outcome::Converged(root),
                    false => Outcome::Stalled(root),
                });
            };
            now = next;
        }
    }
}
