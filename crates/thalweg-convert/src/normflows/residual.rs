//! `Residual` of a `LipschitzMLP`.
//!
//! In front of each linear layer, also of the first one, is the function `x σ(b x) / 1.1` with a learned `b`. That is SiLU with
//! `b` in the layer before it and `1 / (1.1 b)` in the layer behind it, and a diagonal layer in front of all.

use crate::layers::{Layers, Way};
use crate::state::StateDict;
use crate::weights::{Dense, softplus};
use crate::{ConvertError, Options};

/// The `lipschitz_const` of a `LipschitzMLP`, by default.
const LIPSCHITZ_CONST: f64 = 0.97;

/// The divisor of its activation.
const DIVISOR: f64 = 1.1;

pub(super) fn residual(
    state: &mut StateDict,
    module: &str,
    features: usize,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let block = format!("{module}.iresblock");
    // Of the estimates of its determinant, which is exact here.
    for buffer in [
        "geom_p",
        "lamb",
        "last_n_samples",
        "last_firmom",
        "last_secmom",
    ] {
        state.buffer(&format!("{block}.{buffer}"));
    }
    let net = format!("{block}.nnet.net");
    let count = state.modules(&net) / 2;
    let mut network = vec![Dense {
        rows: (0..features).map(|row| unit(row, features)).collect(),
        bias: vec![0.0; features],
    }];
    for index in 0..count {
        let beta = state.flat(&format!("{net}.{}.beta", 2 * index), 1)?;
        let slope = softplus(beta[0]);
        let before = &mut network[index];
        before.scale(0..before.outputs(), slope);
        let mut next = normalized(state, &format!("{net}.{}", 2 * index + 1), options)?;
        if next.inputs() != before.outputs() {
            return Err(ConvertError::unsupported(
                &net,
                format!(
                    "a layer of {} units before one of {} inputs",
                    before.outputs(),
                    next.inputs()
                ),
            ));
        }
        let factor = (DIVISOR * slope).recip();
        next.rows
            .iter_mut()
            .flatten()
            .for_each(|weight| *weight *= factor);
        network.push(next);
    }
    let outputs = network[count].outputs();
    if count == 0 || outputs != features {
        return Err(ConvertError::unsupported(
            &net,
            format!(
                "a `LipschitzMLP` of {features} features to as many is supported, got {count} layers and {outputs} outputs"
            ),
        ));
    }
    let way = match options.reverse {
        Some(false) => Way::Inverse,
        _ => Way::Forward,
    };
    layers.residual(module, &network, way)
}

/// A row of the identity.
fn unit(row: usize, features: usize) -> Vec<f64> {
    let mut all = vec![0.0; features];
    all[row] = 1.0;
    all
}

/// `InducedNormLinear` for the Euclidean norm: its weights over `max(1, σ / lipschitz_const)` with `σ = uᵀ W v`.
fn normalized(
    state: &mut StateDict,
    module: &str,
    options: &Options,
) -> Result<Dense, ConvertError> {
    let mut layer = Dense::take(state, module)?;
    let u = state.vector(&format!("{module}.u"), layer.outputs())?;
    let v = state.vector(&format!("{module}.v"), layer.inputs())?;
    state.buffer(&format!("{module}.scale"));
    let along = |row: &Vec<f64>| row.iter().zip(&v).map(|(w, v)| w * v).sum::<f64>();
    let sigma: f64 = layer
        .rows
        .iter()
        .zip(&u)
        .map(|(row, u)| u * along(row))
        .sum();
    let most = options.lipschitz_const.unwrap_or(LIPSCHITZ_CONST);
    let factor = (sigma / most).max(1.0).recip();
    layer
        .rows
        .iter_mut()
        .flatten()
        .for_each(|weight| *weight *= factor);
    Ok(layer)
}
