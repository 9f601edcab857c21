//! Flows of zuko: `transform`, `base`.

pub(crate) mod continuous;
mod elementwise;
mod neural;

use std::f64::consts::PI;

use thalweg_models::composed::{EndsConfig, ScaleConfig, TransformerConfig};

use crate::changes::Changes;
use crate::layers::{Layers, Way};
use crate::masked::{self, Blocks, MaskedDense};
use crate::nflows::coupling::sequential_by;
use crate::options::{Tensorless, Univariate, WithoutTensors};
use crate::perceptron::Perceptron;
use crate::state::StateDict;
use crate::{ConvertError, Options};

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

/// The base density.
enum Base {
    /// `DiagNormal`, a scale in front of a standard normal density.
    Normal { mean: Vec<f64>, deviation: Vec<f64> },
    /// `BoxUniform`.
    Box { low: Vec<f64>, high: Vec<f64> },
}

impl Base {
    fn take(state: &mut StateDict) -> Result<Self, ConvertError> {
        if state.has("base.lower") {
            let low = state.take("base.lower")?.values;
            let high = state.flat("base.upper", low.len())?;
            return Ok(Self::Box { low, high });
        }
        let mean = state.take("base.loc")?.values;
        let deviation = state.flat("base.scale", mean.len())?;
        Ok(Self::Normal { mean, deviation })
    }

    fn features(&self) -> usize {
        match self {
            Self::Normal { mean, .. } => mean.len(),
            Self::Box { low, .. } => low.len(),
        }
    }

    fn finish(self, layers: &mut Layers) -> Result<(), ConvertError> {
        let (mean, deviation) = match self {
            Self::Box { low, high } => return layers.uniform("base", low, high),
            Self::Normal { mean, deviation } => (mean, deviation),
        };
        if mean.iter().all(|m| *m == 0.0) && deviation.iter().all(|d| *d == 1.0) {
            return Ok(());
        }
        if let Some(deviation) = deviation.iter().find(|d| **d <= 0.0) {
            return Err(ConvertError::Value {
                name: "base.scale".into(),
                problem: format!("a deviation is above 0, got {deviation}"),
            });
        }
        let log_scale = deviation.iter().map(|d| -d.ln()).collect();
        layers.centre_and_scale("base", mean, log_scale)
    }
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

/// `RotationTransform`: `z = e^(A − Aᵀ) x`.
fn rotation(state: &mut StateDict, module: &str, layers: &mut Layers) -> Result<(), ConvertError> {
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

fn transformer(
    module: &str,
    parameters: usize,
    options: &Options,
) -> Result<TransformerConfig, ConvertError> {
    let slope = options.least_slope.unwrap_or(SLOPE);
    let scale = ScaleConfig::SoftBounded(slope.ln().abs());
    let found = crate::nflows::coupling::of_parameters(module, parameters, options, scale, 5.0)?;
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
