//! The iterations of the solvers: plain, Anderson's, Newton's.

use std::collections::VecDeque;

use super::solver::{Equation, Iterate, Iteration};
use crate::measure::Measure;
use crate::state::{VectorSpace, add_scaled, difference};

/// `x ← g(x)`.
pub(super) struct FixedPoint;

impl<S: VectorSpace> Iteration<S> for FixedPoint {
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

/// `x ← x + r − Σⱼ γⱼ (Δxⱼ + Δrⱼ)`, with the `γ` that minimize `‖r − Σⱼ γⱼ Δrⱼ‖` over the last
/// changes of iterate and residual.
pub(super) struct Anderson<S> {
    depth: usize,
    changes: VecDeque<Iterate<S>>,
    before: Option<Iterate<S>>,
}

/// A change is dropped where its part orthogonal to the later ones is smaller than this, relative to
/// itself: it adds only rounding.
const DEPENDENT: f64 = 1e-10;

impl<S: VectorSpace> Anderson<S> {
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

impl<S: VectorSpace> Iteration<S> for Anderson<S> {
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
        // Newest first. Each change is made orthogonal to the later ones, together with the change of
        // the iterate, so that no triangular system has to be solved.
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

/// `x ← x + s d` with `J d = −r`, where `s = 1` is halved until the residual falls.
pub(super) struct Newton {
    pub(super) directions: usize,
}

/// The relative tolerance of the linear equation: a Newton step gains three digits at best, and
/// finite differences hold no more than half of them.
const FORCING: f64 = 1e-3;
const MOST_HALVINGS: usize = 8;

impl<S: VectorSpace> Iteration<S> for Newton {
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

/// The `x` that makes `‖target − A x‖` smallest over the first `directions` Krylov directions, or
/// over fewer once it is below `tolerance · ‖target‖`; none if no direction helps.
///
/// Saad, Schultz: *GMRES: a generalized minimal residual algorithm for solving nonsymmetric linear
/// systems*, 1986, with Givens rotations.
fn gmres<S: VectorSpace, E>(
    product: &mut impl FnMut(&S) -> Result<S, E>,
    target: S,
    directions: usize,
    tolerance: f64,
    measure: &impl Measure<S>,
) -> Result<Option<S>, E> {
    let size = measure.norm(&target);
    if size == 0.0 || !size.is_finite() {
        return Ok(None);
    }
    let mut basis = vec![target * size.recip()];
    let mut triangle: Vec<Vec<f64>> = Vec::new(); // by columns
    let mut rotations: Vec<(f64, f64)> = Vec::new();
    let mut right = vec![size]; // the last is the residual's norm, signed
    for j in 0..directions {
        let mut next = product(&basis[j])?;
        let mut column = Vec::with_capacity(j + 1);
        for unit in &basis {
            let part = measure.dot(&next, unit);
            next = add_scaled(next, unit, -part);
            column.push(part);
        }
        let left = measure.norm(&next);
        for (i, (cos, sin)) in rotations.iter().enumerate() {
            let (above, below) = (column[i], column[i + 1]);
            column[i] = cos * above + sin * below;
            column[i + 1] = cos * below - sin * above;
        }
        let length = column[j].hypot(left);
        if length == 0.0 || !length.is_finite() {
            break; // A maps this direction into the earlier ones
        }
        let (cos, sin) = (column[j] / length, left / length);
        column[j] = length;
        triangle.push(column);
        rotations.push((cos, sin));
        let last = right[j];
        right[j] = cos * last;
        right.push(-sin * last);
        if right[j + 1].abs() <= tolerance * size {
            break;
        }
        basis.push(next * left.recip());
    }
    let weights = back_substitute(&triangle, &right);
    let terms = weights.iter().zip(basis);
    let terms = terms.map(|(weight, unit)| unit * *weight);
    Ok(terms.reduce(|sum, term| sum + term))
}

/// The solution of the triangular equation.
fn back_substitute(columns: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let mut solution = right[..columns.len()].to_vec();
    for j in (0..columns.len()).rev() {
        solution[j] /= columns[j][j];
        let value = solution[j];
        for (i, above) in columns[j][..j].iter().enumerate() {
            solution[i] -= above * value;
        }
    }
    solution
}
