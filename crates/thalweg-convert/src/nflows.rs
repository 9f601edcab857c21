//! Flows of nflows: `_transform`, `_distribution`.

pub(crate) mod autoregressive;
pub(crate) mod coupling;
mod householder;
pub(crate) mod linear;
pub(crate) mod unconditional;

use crate::layers::Layers;
use crate::options::WithoutTensors;
use crate::state::StateDict;
use crate::{ConvertError, Options};

pub(crate) fn flow(
    state: &mut StateDict,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    transform(state, "_transform", options, layers)?;
    if state.has_module("_embedding_net") {
        return Err(ConvertError::unsupported(
            "_embedding_net",
            "flows with a context are not supported",
        ));
    }
    distribution(state, layers)
}

/// The base density, a standard normal one behind a scale.
fn distribution(state: &mut StateDict, layers: &mut Layers) -> Result<(), ConvertError> {
    state.buffer("_distribution._log_z");
    let name = "_distribution.mean_";
    if state.has(name) {
        let features = layers.features().unwrap_or(0);
        let mean = state.flat(name, features)?;
        let deviation = state.flat("_distribution.log_std_", features)?;
        let log_scale = deviation.iter().map(|s| -s).collect();
        layers.centre_and_scale("_distribution", mean, log_scale)?;
    }
    Ok(())
}

/// The transform of a module, by the names of its tensors.
fn transform(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let name = |tensor: &str| format!("{module}.{tensor}");
    let has = |tensor: &str| state.has(&name(tensor));
    if state.has_module(&name("_transforms")) {
        let list = name("_transforms");
        let count = state.modules(&list);
        // Those of the outermost list alone: the options tell one number.
        let count = match (module, options.transforms) {
            ("_transform", Some(all)) => count.max(all),
            _ => count,
        };
        for index in 0..count {
            transform(state, &format!("{list}.{index}"), options, layers)?;
        }
        return Ok(());
    }
    if has("_permutation") {
        return linear::permutation(state, module, layers);
    }
    if has("transform_features") {
        return coupling::coupling(state, module, options, layers);
    }
    if state.has_module(&name("autoregressive_net")) {
        return autoregressive::autoregressive(state, module, options, layers);
    }
    if state.has_module(&name("orthogonal")) {
        return householder::qr(state, module, layers);
    }
    if state.has_module(&name("orthogonal_1")) {
        return householder::svd(state, module, layers);
    }
    if has("lower_entries") {
        return linear::lu(state, module, layers);
    }
    if has("_weight") {
        return linear::naive(state, module, layers);
    }
    if has("unconstrained_weight") {
        return linear::batch_norm(state, module, layers);
    }
    if has("log_scale") {
        return linear::act_norm(state, module, layers);
    }
    if has("_scale") {
        return linear::pointwise_affine(state, module, layers);
    }
    if state.has_module(module) {
        return Err(ConvertError::unsupported(
            module,
            "its tensors are those of no transform that this library has a layer for; the table in docs/weights.md \
             lists those it has",
        ));
    }
    match options.without_tensors(module)? {
        WithoutTensors::Identity => Ok(()),
        WithoutTensors::Swap => Err(ConvertError::unsupported(module, "nflows has no swap")),
    }
}
