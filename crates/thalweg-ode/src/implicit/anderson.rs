//! Anderson's acceleration.

use std::collections::VecDeque;

use super::equation::{Equation, Iterate};
use super::rule::Rule;
use crate::measure::Measure;
use crate::state::{State, add_scaled, difference};

/// `x ← x + r − Σⱼ γⱼ (Δxⱼ + Δrⱼ)`, with the `γ` that minimize `‖r − Σⱼ γⱼ Δrⱼ‖` over the last
/// changes of iterate and residual.
pub(super) struct Anderson<S> {
    depth: usize,
    changes: VecDeque<Iterate<S>>,
    before: Option<Iterate<S>>,
}

/// A change whose part orthogonal to the later ones is smaller than this, relative to itself, adds
/// only rounding.
const DEPENDENT: f64 = 1e-10;

impl<S: State> Anderson<S> {
    pub(super) fn new(depth: usize) -> Self {
        Self {
            depth,
            changes: VecDeque::new(),
            before: None,
        }
    }

    fn remember(&mut self, now: &Iterate<S>) {
        let now = || Iterate {
            x: now.x.clone(),
            residual: now.residual.clone(),
        };
        if let Some(before) = self.before.replace(now()) {
            let now = now();
            self.changes.push_front(Iterate {
                x: difference(now.x, before.x),
                residual: difference(now.residual, before.residual),
            });
            self.changes.truncate(self.depth);
        }
    }
}

impl<S: State> Rule<S> for Anderson<S> {
    fn next<E, F, M>(
        &mut self,
        equation: &mut Equation<'_, S, F, M>,
        now: &Iterate<S>,
    ) -> Result<Option<Iterate<S>>, E>
    where
        F: FnMut(f64, &S) -> Result<S, E>,
        M: Measure<S>,
    {
        self.remember(now);
        // Newest first: each change is made orthogonal to the later ones, with the change of the
        // iterate carried along, so that what is left of the residual needs no triangular solve.
        let mut orthogonal: Vec<Iterate<S>> = Vec::with_capacity(self.changes.len());
        let mut x = now.x.clone();
        let mut rest = now.residual.clone();
        for change in &self.changes {
            let length = equation.measure.norm(&change.residual);
            let (mut dx, mut dr) = (change.x.clone(), change.residual.clone());
            for unit in &orthogonal {
                let part = equation.measure.dot(&dr, &unit.residual);
                dx = add_scaled(dx, &unit.x, -part);
                dr = add_scaled(dr, &unit.residual, -part);
            }
            let left = equation.measure.norm(&dr);
            if left.is_nan() || left <= DEPENDENT * length {
                continue;
            }
            let unit = Iterate {
                x: dx * left.recip(),
                residual: dr * left.recip(),
            };
            let part = equation.measure.dot(&rest, &unit.residual);
            x = add_scaled(x, &unit.x, -part);
            rest = add_scaled(rest, &unit.residual, -part);
            orthogonal.push(unit);
        }
        let x = x + rest;
        let residual = equation.residual(&x)?;
        Ok(Some(Iterate { x, residual }))
    }
}
