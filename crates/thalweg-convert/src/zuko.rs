//! Flows of zuko: `transform`, `base`.

mod base;
pub(crate) mod continuous;
mod elementwise;
mod neural;
mod rotation;

use std::f64::consts::PI;

use thalweg_models::composed::{EndsConfig, ScaleConfig, TransformerConfig};

use crate::changes::Changes;
use crate::layers::{Layers, Way};
use crate::masked::{self, Blocks, MaskedDense};
use crate::nflows::network::sequential_by;
use crate::nflows::transformer::of_parameters;
use crate::options::{Tensorless, Univariate, WithoutTensors};
use crate::perceptron::Perceptron;
use crate::state::StateDict;
use crate::{ConvertError, Options};
use base::Base;
use rotation::rotation;

/// The `slope` of transforms, by default.
const SLOPE: f64 = 1e-3;

pub(crate) fn flow(
    state: &mut StateDict,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    // It tells the features of networks that see a context too.
    let base = Base::take(state)?;
    layers.expect("base", base.features())?;
    let options = &known(state, &base, options);
    let list = "transform.transforms";
    if state.has_module(list) {
        let count = state.modules(list).max(options.transforms.unwrap_or(0));
        for index in 0..count {
            transform(state, &format!("{list}.{index}"), options, layers)?;
        }
    } else {
        transform(state, "transform", options, layers)?;
    }
    base.finish(layers)
}

/// The options, with what the tensors tell: the base density of an `NCSF` its circles of radians, and what stands between
/// the transforms of `SOSPF`, `NAF` and `UNAF`.
fn known(state: &StateDict, base: &Base, options: &Options) -> Options {
    let mut options = options.clone();
    if matches!(base, Base::Box { .. }) {
        options.tail_bound.get_or_insert(PI);
        options.ends.get_or_insert(EndsConfig::Turned);
    }
    let of_squares = matches!(options.univariate, Some(Univariate::SumOfSquares { .. }));
    if of_squares || state.has_module("transform.transforms.0.univariate") {
        let clips = WithoutTensors::All(Tensorless::Softclip);
        options.without_tensors.get_or_insert(clips);
    }
    options
}

fn transform(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let hyper = format!("{module}.hyper");
    let mask = format!("{module}.mask");
    if state.has(&mask) {
        return coupling(state, module, options, layers);
    }
    if state.has(&format!("{hyper}.0.mask")) {
        return autoregressive(state, module, options, layers);
    }
    if state.has(&format!("{module}.A")) {
        return rotation(state, module, layers);
    }
    if state.has_module(&format!("{module}.phi")) || state.has_module(&hyper) {
        return elementwise::elementwise(state, module, options, layers);
    }
    if state.has_module(module) {
        return Err(ConvertError::unsupported(
            module,
            "only `MaskedAutoregressiveTransform`, `GeneralCouplingTransform` and `ElementWiseTransform` are supported",
        ));
    }
    let of = options.without_tensors(module)?;
    layers.without_tensors(module, of, options)
}

fn transformer(
    module: &str,
    parameters: usize,
    options: &Options,
) -> Result<TransformerConfig, ConvertError> {
    let slope = options.least_slope.unwrap_or(SLOPE);
    let scale = ScaleConfig::SoftBounded(slope.ln().abs());
    let found = of_parameters(module, parameters, options, scale, 5.0)?;
    Ok(match found {
        TransformerConfig::Spline {
            bins,
            bound,
            least,
            ends,
            ..
        } => TransformerConfig::Spline {
            bins,
            bound,
            least_slope: Some(slope),
            // It is refused: these bounds are soft.
            least,
            ends,
        },
        other => other,
    })
}

/// The `hyper` of a module, an `MLP`: with `normalize=True` each activation has a norm behind it.
fn hyper(
    state: &mut StateDict,
    module: &str,
    options: &Options,
) -> Result<Perceptron, ConvertError> {
    let hyper = format!("{module}.hyper");
    let is_at = |place: usize| state.has_module(&format!("{hyper}.{place}"));
    let standardized = is_at(3) && !is_at(2);
    let step = if standardized { 3 } else { 2 };
    let mut network = sequential_by(step, state, &hyper, options)?;
    if standardized && network.layers[1..].iter().any(|layer| layer.inputs() == 1) {
        return Err(ConvertError::unsupported(&hyper, "a norm of one unit"));
    }
    network.standardized = standardized;
    Ok(network)
}

/// `GeneralCouplingTransform`: the mask is true where a feature is kept.
fn coupling(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let mask = state.take(&format!("{module}.mask"))?.values;
    let of = |kept: bool| -> Vec<usize> {
        let places = mask.iter().enumerate();
        let found = places.filter(|(_, mask)| (**mask != 0.0) == kept);
        found.map(|(place, _)| place).collect()
    };
    let (kept, transformed) = (of(true), of(false));
    let mut network = hyper(state, module, options)?;
    let (_, outputs) = network.sizes();
    let parameters = outputs / transformed.len().max(1);
    let transformer = transformer(module, parameters, options)?;
    if outputs == parameters * transformed.len() {
        let last = network.last();
        *last = last.by_parameter(transformed.len(), parameters);
    }
    layers.coupling(
        module,
        [&kept, &transformed],
        transformer,
        network,
        Way::Forward,
    )
}

/// `MaskedAutoregressiveTransform`.
fn autoregressive(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    // The masks tell it too.
    state.buffer(&format!("{module}.order"));
    let hyper = format!("{module}.hyper");
    let count = state.modules(&hyper);
    let is_residual = state.has_module(&format!("{hyper}.1.0"));
    let names: Vec<String> = match is_residual {
        false => (0..count)
            .step_by(2)
            .map(|place| place.to_string())
            .collect(),
        true => residual(state, &hyper)?,
    };
    let found = names
        .iter()
        .map(|name| MaskedDense::take(state, &format!("{hyper}.{name}")));
    let found: Vec<MaskedDense> = found.collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Err(ConvertError::unsupported(
            &hyper,
            "a network without layers",
        ));
    }
    let features = layers.features().unwrap_or(0);
    let blocks = if is_residual {
        Blocks::PlainEntry
    } else {
        Blocks::None
    };
    let blocks = (blocks, Changes::default());
    let network = masked::network(&hyper, &found, features, blocks, options.activation())?;
    if state.has_module(&format!("{module}.univariate")) {
        return neural::neural(state, module, options, network, layers);
    }
    let transformer = transformer(module, network.parameters, options)?;
    layers.autoregressive(module, transformer, network, Way::Forward)
}

/// The layers of `MaskedMLP(residual=True)`: the first one, two for each block, the last one.
fn residual(state: &StateDict, hyper: &str) -> Result<Vec<String>, ConvertError> {
    let last = state.modules(hyper) - 1;
    let mut names = vec!["0".to_owned()];
    for place in 1..last {
        if !state.has_module(&format!("{hyper}.{place}.0")) {
            return Err(ConvertError::unsupported(
                &format!("{hyper}.{place}"),
                "a linear layer between residual blocks; blocks of one width are supported",
            ));
        }
        names.extend([0, 2].map(|layer| format!("{place}.{layer}")));
    }
    names.push(last.to_string());
    Ok(names)
}
