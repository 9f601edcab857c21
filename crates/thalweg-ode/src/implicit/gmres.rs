//! Linear equations from products alone.

use crate::measure::Measure;
use crate::state::{State, add_scaled};

/// The `x` that makes `‖target − A x‖` smallest over the first `directions` Krylov directions, or
/// over fewer once it is below `tolerance · ‖target‖`; none if no direction helps.
///
/// Saad, Schultz: *GMRES: a generalized minimal residual algorithm for solving nonsymmetric linear
/// systems*, 1986, with Givens rotations.
pub(super) fn gmres<S: State, E>(
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
