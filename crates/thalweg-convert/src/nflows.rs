//! Flows of nflows: `_transform`, `_distribution`.

pub(crate) mod autoregressive;
pub(crate) mod coupling;
mod householder;
pub(crate) mod linear;
mod mixture;
pub(crate) mod network;
pub(crate) mod residual;
pub(crate) mod transformer;
pub(crate) mod unconditional;

use thalweg_models::composed::{ScaleConfig, TransformerConfig};

use crate::changes::Factors;
use crate::layers::{Layers, Way};
use crate::options::Uniform;
use crate::perceptron::Perceptron;
use crate::state::StateDict;
use crate::{ConvertError, Options};

pub(crate) fn flow(
    state: &mut StateDict,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    // sbi saves a module around the flow.
    state.strip("net");
    embedding(state, options, layers)?;
    transform(state, "_transform", options, layers)?;
    distribution(state, options, layers)
}

/// The network of the context: none, or sbi's `Standardize`, alone, in front of an identity or in front of a perceptron,
/// or a perceptron.
fn embedding(
    state: &mut StateDict,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let mut standard = None;
    for module in ["_embedding_net", "_embedding_net.0"] {
        if !state.has(&format!("{module}._mean")) {
            continue;
        }
        let mean = state.take(&format!("{module}._mean"))?.values;
        let name = format!("{module}._std");
        let deviation = state.flat(&name, mean.len())?;
        if let Some(deviation) = deviation.iter().find(|d| **d <= 0.0) {
            let problem = format!("a deviation is above 0, got {deviation}");
            return Err(ConvertError::Value { name, problem });
        }
        let pairs = mean.iter().zip(&deviation);
        standard = Some(Factors {
            summands: pairs.map(|(mean, deviation)| -mean / deviation).collect(),
            factors: deviation
                .iter()
                .map(|deviation| deviation.recip())
                .collect(),
        });
    }
    let behind = "_embedding_net.1";
    let module = match standard.is_some() && state.has_module(behind) {
        true => behind,
        false => "_embedding_net",
    };
    if !state.has_module(module) {
        if let Some(standard) = standard {
            layers.standardize_context(standard);
        }
        return Ok(());
    }
    let options = &Options {
        activation: options.embedding_activation.or(options.activation),
        ..options.clone()
    };
    let mut network = network::network(state, module, options)?;
    if let Some(standard) = standard {
        let inputs = network.sizes().0;
        network.layers[0].behind(0, &standard.of(module, inputs)?);
    }
    layers.embedding_network(module, network)
}

/// The base density, a standard normal one behind a scale, behind one by the context or behind mixtures.
fn distribution(
    state: &mut StateDict,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    state.buffer("_distribution._log_z");
    let encoder = "_distribution._context_encoder";
    if state.has_module(encoder) {
        let network = network::network(state, encoder, options)?;
        return conditional_normal(encoder, network, layers);
    }
    if state.has_module("_distribution._made") {
        return mixture::mixture(state, options, layers);
    }
    if let Some(Uniform { low, high }) = options.uniform.clone() {
        return layers.uniform("the option `uniform`", low, high);
    }
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

/// `z = (x − μ(c)) e^(−s(c))`: a network gives the means, then the logarithms of the deviations.
pub(crate) fn conditional_normal(
    module: &str,
    network: Perceptron,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let affine = TransformerConfig::Affine {
        scale: ScaleConfig::Exp,
    };
    layers.of_context(module, affine, network, Way::Inverse)
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
    if state.has_module(&name("_transform")) {
        // `InverseTransform`.
        let mut of = layers.beside();
        transform(state, &name("_transform"), options, &mut of)?;
        return layers.inverse(module, of);
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
    if has("temperature") {
        return linear::sigmoid(state, module, layers);
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
    let of = options.without_tensors(module)?;
    layers.without_tensors(module, of, options)
}
