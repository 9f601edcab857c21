//! Permutations, linear maps and normalizations.

use crate::ConvertError;
use crate::layers::{Layers, Way};
use crate::state::StateDict;
use crate::weights::softplus;

/// The least entry on the diagonal of `U`.
pub(super) const EPSILON: f64 = 1e-3;
/// Added to variances and weights of a batch normalization.
const BATCH_EPSILON: f64 = 1e-5;

/// `Permutation`.
pub(crate) fn permutation(
    state: &mut StateDict,
    module: &str,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let order = state.indices(&format!("{module}._permutation"), usize::MAX)?;
    layers.order(module, &order)
}

/// `LULinear`: `z = L (U x) + b`.
pub(crate) fn lu(
    state: &mut StateDict,
    module: &str,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let bias = state.take(&format!("{module}.bias"))?;
    let [features] = bias.shape[..] else {
        return Err(bias.misshapen("[features]"));
    };
    let entries = features * features.saturating_sub(1) / 2;
    let lower = state.vector(&format!("{module}.lower_entries"), entries)?;
    let upper = state.vector(&format!("{module}.upper_entries"), entries)?;
    let diagonal = state.vector(&format!("{module}.unconstrained_upper_diag"), features)?;
    let triangles = [
        triangle(features, lower, |row, column| column < row),
        triangle(features, upper, |row, column| column > row),
    ];
    let log_diagonal = diagonal
        .into_iter()
        .map(|raw| (softplus(raw) + EPSILON).ln());
    layers.triangles(module, triangles, log_diagonal.collect())?;
    shift(module, bias.values, layers)
}

/// The rows of a square of which some entries are given, row by row; the others are 0.
pub(super) fn triangle(
    features: usize,
    entries: Vec<f64>,
    is_inside: fn(usize, usize) -> bool,
) -> Vec<f64> {
    let mut entries = entries.into_iter();
    let places = (0..features).flat_map(|row| (0..features).map(move |column| (row, column)));
    let entry = |(row, column)| match is_inside(row, column) {
        true => entries.next().unwrap_or(0.0),
        false => 0.0,
    };
    places.map(entry).collect()
}

/// `NaiveLinear`: `z = W x + b`.
pub(crate) fn naive(
    state: &mut StateDict,
    module: &str,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let bias = state.take(&format!("{module}.bias"))?;
    let features = bias.values.len();
    let weight = state
        .take(&format!("{module}._weight"))?
        .of(&[features; 2])?;
    layers.matrix(module, weight, features)?;
    shift(module, bias.values, layers)
}

/// `z = x + b`.
pub(super) fn shift(module: &str, bias: Vec<f64>, layers: &mut Layers) -> Result<(), ConvertError> {
    match bias.iter().all(|b| *b == 0.0) {
        true => Ok(()),
        false => layers.scale_and_shift(module, vec![0.0; bias.len()], bias),
    }
}

/// `ActNorm`: `z = eˢ x + t`.
pub(crate) fn act_norm(
    state: &mut StateDict,
    module: &str,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let log_scale = state.take(&format!("{module}.log_scale"))?;
    let shift = state.flat(&format!("{module}.shift"), log_scale.values.len())?;
    let initialized = format!("{module}.initialized");
    let flag = state.flat(&initialized, 1)?;
    if flag == [0.0] {
        return Err(ConvertError::Value {
            name: initialized,
            problem:
                "the layer was not yet initialized by data; pass a batch through it before you save"
                    .into(),
        });
    }
    layers.scale_and_shift(module, log_scale.values, shift)
}

/// `BatchNorm` in evaluation: `z = w (x − m) / √(v + ε) + b`.
pub(crate) fn batch_norm(
    state: &mut StateDict,
    module: &str,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let raw = state.take(&format!("{module}.unconstrained_weight"))?;
    let features = raw.values.len();
    let mut of = |tensor: &str| state.vector(&format!("{module}.{tensor}"), features);
    let (bias, mean, variance) = (of("bias")?, of("running_mean")?, of("running_var")?);
    let weights = raw.values.iter().map(|raw| softplus(*raw) + BATCH_EPSILON);
    let deviations = variance.iter().map(|v| (v + BATCH_EPSILON).sqrt());
    let scales: Vec<f64> = weights.zip(deviations).map(|(w, d)| w / d).collect();
    let pairs = bias.iter().zip(&scales);
    let centres = mean.iter().zip(pairs).map(|(m, (b, scale))| m - b / scale);
    let log_scale = scales.iter().map(|scale| scale.ln()).collect();
    layers.centre_and_scale(module, centres.collect(), log_scale)
}

/// `PointwiseAffineTransform`: `z = s x + t`.
pub(crate) fn pointwise_affine(
    state: &mut StateDict,
    module: &str,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let scale = state.take(&format!("{module}._scale"))?;
    let shift = state.take(&format!("{module}._shift"))?;
    let known = layers.features().unwrap_or(0);
    let features = known.max(scale.values.len()).max(shift.values.len());
    let wide = |values: Vec<f64>| match values[..] {
        [one] => vec![one; features],
        _ => values,
    };
    let (scale, shift) = (wide(scale.values), wide(shift.values));
    if scale.len() != shift.len() {
        return Err(ConvertError::unsupported(
            module,
            format!("{} scales and {} shifts", scale.len(), shift.len()),
        ));
    }
    layers.scale_and_shift(module, scale.iter().map(|s| s.ln()).collect(), shift)
}

/// `Sigmoid(learn_temperature=True)`: `σ(T x)`.
pub(crate) fn sigmoid(
    state: &mut StateDict,
    module: &str,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let name = format!("{module}.temperature");
    let temperature = state.flat(&name, 1)?[0];
    if temperature <= 0.0 {
        let problem = format!("a temperature is above 0, got {temperature}");
        return Err(ConvertError::Value { name, problem });
    }
    let Some(features) = layers.features() else {
        return Err(ConvertError::unsupported(
            module,
            "no layer before it tells the number of features",
        ));
    };
    let (log_scale, shift) = (vec![temperature.ln(); features], vec![0.0; features]);
    layers.scale_and_shift(module, log_scale, shift)?;
    layers.logit(Way::Inverse)
}
