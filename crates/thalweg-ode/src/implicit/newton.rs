//! Newton's method without a Jacobian.

use super::equation::{Equation, Iterate};
use super::gmres::gmres;
use super::rule::Rule;
use crate::measure::Measure;
use crate::state::State;

/// `x ← x + s d` with `J d = −r`, where `s` is 1 or is halved until the residual falls.
pub(super) struct Newton {
    pub(super) directions: usize,
}

/// How far GMRES takes the linear equation: each of Newton's steps gains three digits at best, and
/// finite differences bear no more than half of them.
const FORCING: f64 = 1e-3;
const MOST_HALVINGS: usize = 8;

impl<S: State> Rule<S> for Newton {
    fn next<E, F, M>(
        &mut self,
        equation: &mut Equation<'_, S, F, M>,
        now: &Iterate<S>,
    ) -> Result<Option<Iterate<S>>, E>
    where
        F: FnMut(f64, &S) -> Result<S, E>,
        M: Measure<S>,
    {
        let measure = equation.measure;
        let target = now.residual.clone() * -1.0;
        let mut product = |v: &S| equation.product(&now.x, &now.residual, v);
        let found = gmres(&mut product, target, self.directions, FORCING, measure)?;
        let Some(direction) = found else {
            return Ok(None);
        };
        let before = measure.norm(&now.residual);
        let mut size = 1.0;
        for _ in 0..=MOST_HALVINGS {
            let x = now.x.clone() + direction.clone() * size;
            let residual = equation.residual(&x)?;
            if measure.norm(&residual) < before {
                return Ok(Some(Iterate { x, residual }));
            }
            size *= 0.5;
        }
        Ok(None)
    }
}
