//! Rotations.

use crate::ConvertError;
use crate::layers::Layers;
use crate::state::StateDict;

/// `RotationTransform`: `z = e^(A − Aᵀ) x`.
pub(super) fn rotation(
    state: &mut StateDict,
    module: &str,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let features = layers.features().unwrap_or(0);
    let a = state.take(&format!("{module}.A"))?.of(&[features; 2])?;
    let at = |row: usize, column: usize| a[row * features + column];
    let places = (0..features * features).map(|k| (k / features, k % features));
    let skew: Vec<f64> = places.map(|(i, j)| at(i, j) - at(j, i)).collect();
    layers.matrix(module, exponential(&skew, features), features)
}

/// The exponential of a matrix, by its series at a small fraction of it, and squares of that.
fn exponential(matrix: &[f64], size: usize) -> Vec<f64> {
    let product = |a: &[f64], b: &[f64]| -> Vec<f64> {
        let entry = |k: usize| {
            let (row, column) = (k / size, k % size);
            (0..size)
                .map(|m| a[row * size + m] * b[m * size + column])
                .sum()
        };
        (0..size * size).map(entry).collect()
    };
    let norm = matrix.iter().map(|x| x * x).sum::<f64>().sqrt();
    let squares = (norm.max(1.0).log2().ceil() as i32 + 4).min(64);
    let small: Vec<f64> = matrix.iter().map(|x| x * 0.5_f64.powi(squares)).collect();
    let identity = (0..size * size).map(|k| f64::from(u8::from(k / size == k % size)));
    let mut term: Vec<f64> = identity.collect();
    let mut sum = term.clone();
    for k in 1..=12 {
        term = product(&term, &small);
        term.iter_mut().for_each(|x| *x /= f64::from(k));
        sum.iter_mut().zip(&term).for_each(|(sum, x)| *sum += x);
    }
    for _ in 0..squares {
        sum = product(&sum, &sum);
    }
    sum
}
