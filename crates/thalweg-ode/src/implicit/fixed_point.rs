//! Plain iteration.

use super::equation::{Equation, Iterate};
use super::rule::Rule;
use crate::measure::Measure;
use crate::state::State;

/// `x ← g(x)`.
pub(super) struct FixedPoint;

impl<S: State> Rule<S> for FixedPoint {
    fn next<E, F, M>(
        &mut self,
        equation: &mut Equation<'_, S, F, M>,
        now: &Iterate<S>,
    ) -> Result<Option<Iterate<S>>, E>
    where
        F: FnMut(f64, &S) -> Result<S, E>,
        M: Measure<S>,
    {
        let x = now.x.clone() + now.residual.clone();
        let residual = equation.residual(&x)?;
        Ok(Some(Iterate { x, residual }))
    }
}
