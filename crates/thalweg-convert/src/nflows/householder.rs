//! Linear maps with orthogonal factors, which become their product.

use super::linear::{EPSILON, shift, triangle};
use crate::ConvertError;
use crate::layers::Layers;
use crate::state::StateDict;
use crate::weights::softplus;

/// `QRLinear`: `z = Q (R x) + b`.
pub(crate) fn qr(
    state: &mut StateDict,
    module: &str,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let diagonal = state.take(&format!("{module}.log_upper_diag"))?.values;
    let features = diagonal.len();
    let entries = features * features.saturating_sub(1) / 2;
    let upper = state.vector(&format!("{module}.upper_entries"), entries)?;
    let mut upper = triangle(features, upper, |row, column| column > row);
    for (k, log) in diagonal.iter().enumerate() {
        upper[k * features + k] = log.exp();
    }
    let reflections = reflections(state, &format!("{module}.orthogonal"), features)?;
    let map = |mut x: Vec<f64>| {
        let rows = upper.chunks(features);
        x = rows.map(|row| dot(row, &x)).collect();
        reflect(&reflections, x)
    };
    product(state, module, (features, map), layers)
}

/// `SVDLinear`: `z = Q₁ (s ⊙ Q₂ x) + b`, `s = softplus(u) + 10⁻³`.
pub(crate) fn svd(
    state: &mut StateDict,
    module: &str,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let raw = state
        .take(&format!("{module}.unconstrained_diagonal"))?
        .values;
    let features = raw.len();
    let first = reflections(state, &format!("{module}.orthogonal_1"), features)?;
    let second = reflections(state, &format!("{module}.orthogonal_2"), features)?;
    let map = |x: Vec<f64>| {
        let mut x = reflect(&second, x);
        for (x, raw) in x.iter_mut().zip(&raw) {
            *x *= softplus(*raw) + EPSILON;
        }
        reflect(&first, x)
    };
    product(state, module, (features, map), layers)
}

/// `HouseholderSequence`: the vectors of the reflections, first to last.
fn reflections(
    state: &mut StateDict,
    module: &str,
    features: usize,
) -> Result<Vec<Vec<f64>>, ConvertError> {
    let vectors = state.take(&format!("{module}.q_vectors"))?;
    match vectors.shape[..] {
        [count, found] if count > 0 && found == features && features > 0 => {
            let rows = vectors.values.chunks(features);
            Ok(rows.map(<[f64]>::to_vec).collect())
        }
        _ => Err(vectors.misshapen(format!("[reflections, {features}]"))),
    }
}

/// `x − 2 v (v·x) / (v·v)` for each vector in turn.
fn reflect(vectors: &[Vec<f64>], mut x: Vec<f64>) -> Vec<f64> {
    for v in vectors {
        let factor = 2.0 * dot(v, &x) / dot(v, v);
        x.iter_mut().zip(v).for_each(|(x, v)| *x -= factor * v);
    }
    x
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The matrix of a linear map, and the bias of the module.
fn product(
    state: &mut StateDict,
    module: &str,
    (features, map): (usize, impl Fn(Vec<f64>) -> Vec<f64>),
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let bias = state.vector(&format!("{module}.bias"), features)?;
    let mut rows = vec![0.0; features * features];
    for column in 0..features {
        let mut unit = vec![0.0; features];
        unit[column] = 1.0;
        for (row, entry) in map(unit).into_iter().enumerate() {
            rows[row * features + column] = entry;
        }
    }
    layers.matrix(module, rows, features)?;
    shift(module, bias, layers)
}
