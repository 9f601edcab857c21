//! What a solver solves.

use crate::measure::Measure;
use crate::state::{State, add_scaled, difference};

/// `x = base + weight · f(t, x)`.
pub(super) struct Equation<'a, S, F, M> {
    pub(super) base: S,
    pub(super) weight: f64,
    pub(super) t: f64,
    pub(super) field: &'a mut F,
    pub(super) measure: &'a M,
    pub(super) evaluations: usize,
}

impl<S: State, F, M: Measure<S>> Equation<'_, S, F, M> {
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
