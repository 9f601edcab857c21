//! Splines of features on circles beside others, `CircularCoupledRationalQuadraticSpline` and
//! `CircularAutoregressiveRationalQuadraticSpline`.
//!
//! Both become one autoregressive layer of circular splines. A feature on no circle has the slope 1 at its ends. Of a
//! coupling, the kept features come first with constant parameters, and the network of the others sees them. It sees
//! `w₀ sin ωx + w₁ cos ωx` of an angle `x`, which is linear in the cosine and the sine.

use std::f64::consts::PI;

use thalweg_models::composed::{EndsConfig, MaskedConfig, TransformerConfig};

use super::spline::TAIL_BOUND;
use crate::layers::{Layers, Way};
use crate::masked::MaskedNetwork;
use crate::nflows::autoregressive::{Made, made};
use crate::nflows::coupling::{network, spline};
use crate::perceptron::Perceptron;
use crate::state::StateDict;
use crate::weights::Dense;
use crate::{ConvertError, Options};

/// Whether splines have as many parameters as those of a list of tails.
pub(super) fn is_one(parameters: usize, options: &Options) -> bool {
    parameters > 1 && parameters % 3 == 1 && !options.unit_box()
}

/// The features on circles that networks see as angles: those of all layers.
pub(super) fn features(state: &StateDict) -> Vec<usize> {
    let of_layer = |index: usize| -> Vec<usize> {
        let of = |name: &str| state.values(&format!("flows.{index}.{name}"));
        let kept = of("prqct.identity_features").unwrap_or_default();
        let coupled = of("prqct.transform_net.preprocessing.ind");
        let coupled = coupled.unwrap_or_default().iter();
        let coupled = coupled.filter_map(|place| kept.get(*place as usize));
        let all = of("mprqat.autoregressive_net.preprocessing.ind");
        let all = all.unwrap_or_default().iter();
        coupled
            .chain(all)
            .map(|feature| *feature as usize)
            .collect()
    };
    let mut found: Vec<usize> = (0..state.modules("flows")).flat_map(of_layer).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// What a network sees of an angle `x`: `sine · sin ωx + cosine · cos ωx`.
struct Angle {
    feature: usize,
    omega: f64,
    sine: f64,
    cosine: f64,
}

/// `PeriodicFeaturesElementwise` of some features, if the network has it.
fn angles(
    state: &mut StateDict,
    network: &str,
    features: &[usize],
    options: &Options,
) -> Result<Vec<Angle>, ConvertError> {
    let module = format!("{network}.preprocessing");
    let name = |tensor: &str| format!("{module}.{tensor}");
    if !state.has(&name("ind")) {
        return Ok(vec![]);
    }
    let places = state.set(&name("ind"), features.len())?;
    state.buffer(&name("ind_"));
    state.buffer(&name("inv_perm"));
    let weights = state.take(&name("weights"))?.of(&[places.len(), 2])?;
    let omegas = match state.has(&name("scale")) {
        true => state.flat(&name("scale"), places.len())?,
        false => vec![PI / options.tail_bound.unwrap_or(TAIL_BOUND); places.len()],
    };
    let weights = weights.chunks(2).zip(omegas);
    let found = places
        .iter()
        .zip(weights)
        .map(|(place, (weights, omega))| Angle {
            feature: features[*place],
            omega,
            sine: weights[0],
            cosine: weights[1],
        });
    Ok(found.collect())
}

/// Where the tails of features begin.
fn bounds(
    state: &mut StateDict,
    module: &str,
    features: &[usize],
    options: &Options,
    all: &mut [f64],
) -> Result<(), ConvertError> {
    let name = format!("{module}.tail_bound");
    let found = match state.has(&name) {
        true => state.flat(&name, features.len())?,
        false => vec![options.tail_bound.unwrap_or(TAIL_BOUND); features.len()],
    };
    if let Some(bound) = found.iter().find(|of| !of.is_finite() || **of <= 0.0) {
        return Err(ConvertError::Value {
            name,
            problem: format!("a bound is above 0, got {bound}"),
        });
    }
    let places = features.iter().zip(found);
    places.for_each(|(feature, bound)| all[*feature] = bound);
    Ok(())
}

/// `CircularAutoregressiveRationalQuadraticSpline`.
pub(super) fn autoregressive(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let net = format!("{module}.autoregressive_net");
    let network = made(state, &net, Made::Normflows, options)?;
    let features: Vec<usize> = (0..network.config.order.len()).collect();
    let angles = angles(state, &net, &features, options)?;
    let mut of = vec![0.0; features.len()];
    bounds(state, module, &features, options, &mut of)?;
    let circles: Vec<usize> = angles.iter().map(|angle| angle.feature).collect();
    finish(module, network, (&angles, &circles), of, options, layers)
}

/// `CircularCoupledRationalQuadraticSpline`.
pub(super) fn coupled(
    state: &mut StateDict,
    module: &str,
    [kept, transformed]: [&[usize]; 2],
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let net = format!("{module}.transform_net");
    let width = format!("{net}.initial_layer.weight");
    let width = state.shape(&width).and_then(|shape| shape.first().copied());
    let mut network = network(state, &net, options)?;
    let count = kept.len() + transformed.len();
    layers.expect(module, count)?;
    let (inputs, outputs) = network.sizes();
    let parameters = outputs / transformed.len().max(1);
    let (bins, sizes) = (parameters / 3, parameters / 3 * 2 * transformed.len());
    let is_fit = outputs == parameters * transformed.len() && inputs >= kept.len();
    let mut all: Vec<usize> = kept.iter().chain(transformed).copied().collect();
    all.sort_unstable();
    if !is_fit || !all.into_iter().eq(0..count) {
        return Err(ConvertError::unsupported(
            module,
            format!(
                "its network maps {inputs} numbers to {outputs}, for the features {kept:?} that are kept and {transformed:?}, \
                 which are each of {count} once"
            ),
        ));
    }
    let last = network.last();
    *last = last.by_parameter(transformed.len(), parameters);
    if let Some(width) = width {
        last.scale(0..sizes, (width as f64).sqrt().recip());
    }
    let constants = constants(state, module, kept.len(), bins)?;
    let angles = angles(state, &net, kept, options)?;
    let mut of = vec![0.0; count];
    bounds(state, module, transformed, options, &mut of)?;
    let unconditional = format!("{module}.unconditional_transform");
    bounds(state, &unconditional, kept, options, &mut of)?;
    let network = masked([kept, transformed], parameters, network, &constants);
    let circles = options.circular.clone().unwrap_or_default();
    finish(module, network, (&angles, &circles), of, options, layers)
}

/// The parameters of the kept features, feature by feature.
fn constants(
    state: &mut StateDict,
    module: &str,
    kept: usize,
    bins: usize,
) -> Result<Vec<Vec<f64>>, ConvertError> {
    let mut found = vec![vec![]; kept];
    for (name, count) in [
        ("widths", bins),
        ("heights", bins),
        ("derivatives", bins + 1),
    ] {
        let name = format!("{module}.unconditional_transform.unnormalized_{name}");
        let values = state.take(&name)?.of(&[kept, count])?;
        let rows = found.iter_mut().zip(values.chunks(count));
        rows.for_each(|(found, row)| found.extend_from_slice(row));
    }
    Ok(found)
}

/// A coupling as a masked network: the kept features come first, and their parameters are constants.
fn masked(
    [kept, transformed]: [&[usize]; 2],
    parameters: usize,
    network: Perceptron,
    constants: &[Vec<f64>],
) -> MaskedNetwork {
    let features = kept.len() + transformed.len();
    let (residual, activation, changes) = (network.residual, network.activation, network.changes);
    let mut layers = network.layers;
    // The network sees all features, with weights of 0 where they are transformed.
    for row in &mut layers[0].rows {
        let mut all = vec![0.0; features];
        let seen = kept.iter().zip(&*row);
        seen.for_each(|(feature, weight)| all[*feature] = *weight);
        all.extend_from_slice(&row[kept.len()..]);
        *row = all;
    }
    let hidden = layers[..layers.len() - 1].iter().map(Dense::outputs);
    let degrees = hidden.map(|width| vec![kept.len(); width]).collect();
    let last = layers.len() - 1;
    let of_network = &layers[last];
    let mut all = Dense {
        rows: vec![vec![0.0; of_network.inputs()]; parameters * features],
        bias: vec![0.0; parameters * features],
    };
    for parameter in 0..parameters {
        let first = parameter * features;
        for (feature, numbers) in kept.iter().zip(constants) {
            all.bias[first + feature] = numbers[parameter];
        }
        for (place, feature) in transformed.iter().enumerate() {
            let output = parameter * transformed.len() + place;
            all.rows[first + feature].clone_from(&of_network.rows[output]);
            all.bias[first + feature] = of_network.bias[output];
        }
    }
    layers[last] = all;
    MaskedNetwork {
        config: MaskedConfig {
            order: kept.iter().chain(transformed).copied().collect(),
            degrees,
            residual,
            activation,
            modulation: changes.config(),
            plain_entry: false,
            angles: vec![],
        },
        layers,
        parameters,
        changes,
    }
}

/// The layer of a network whose outputs are one block a parameter, `3 K + 1` of them, and whose inputs are what it sees of
/// each feature.
fn finish(
    module: &str,
    mut network: MaskedNetwork,
    (angles, circles): (&[Angle], &[usize]),
    bounds: Vec<f64>,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let (features, bins) = (bounds.len(), network.parameters / 3);
    if network.parameters != 3 * bins + 1 {
        return Err(ConvertError::unsupported(
            module,
            format!(
                "{} parameters a feature; a spline of K bins on a circle has 3 K + 1",
                network.parameters
            ),
        ));
    }
    // One bound of all, or 1 behind a change of units.
    let shared = bounds.iter().all(|bound| *bound == bounds[0]);
    let (bound, units) = match shared {
        true => (bounds[0], vec![1.0; features]),
        false => (1.0, bounds),
    };
    let transformer = TransformerConfig::Spline {
        bins,
        bound,
        least_slope: None,
        least: options.least,
        ends: EndsConfig::Circular,
    };
    transformer.try_transformer()?;
    let last = network.layers.len() - 1;
    let last = &mut network.layers[last];
    // The slope at the right end of a circle is that at the left one.
    let all: Vec<usize> = (0..3 * bins * features).collect();
    *last = last.select(&all);
    spline(last, features, transformer, 1.0);
    for feature in (0..features).filter(|feature| !circles.contains(feature)) {
        // The slope 1.
        let output = 2 * bins * features + feature;
        last.rows[output].fill(0.0);
        last.bias[output] = 0.0;
    }
    network.parameters = 3 * bins;
    enter(module, &mut network, angles, &units)?;
    let log_units = || units.iter().map(|unit| unit.ln());
    if !shared {
        let to_units = log_units().map(|unit| -unit).collect();
        layers.scale_and_shift(module, to_units, vec![0.0; features])?;
    }
    layers.autoregressive(module, transformer, network, Way::Forward)?;
    if !shared {
        layers.scale_and_shift(module, log_units().collect(), vec![0.0; features])?;
    }
    Ok(())
}

/// The first layer as one of cosines and sines, of features in these units.
fn enter(
    module: &str,
    network: &mut MaskedNetwork,
    angles: &[Angle],
    units: &[f64],
) -> Result<(), ConvertError> {
    let features = units.len();
    let mut sorted: Vec<&Angle> = angles.iter().collect();
    sorted.sort_by_key(|angle| angle.feature);
    let is_angle = |feature: &usize| sorted.iter().any(|angle| angle.feature == *feature);
    for row in &mut network.layers[0].rows {
        let others = (0..features).filter(|feature| !is_angle(feature));
        let others = others.map(|feature| row[feature] * units[feature]);
        let cosines = sorted.iter().map(|angle| row[angle.feature] * angle.cosine);
        let sines = sorted.iter().map(|angle| row[angle.feature] * angle.sine);
        let context = row[features..].iter().copied();
        *row = others.chain(cosines).chain(sines).chain(context).collect();
    }
    if angles.is_empty() {
        return Ok(());
    }
    let mut factors = vec![0.0; features];
    for Angle { feature, omega, .. } in angles {
        let factor = omega * units[*feature];
        if !(LEAST..MOST).contains(&factor) {
            return Err(ConvertError::unsupported(
                module,
                format!("angles `ωx` have an `ω` from {LEAST:e} to {MOST:e}, got {factor}"),
            ));
        }
        factors[*feature] = factor;
    }
    network.config.angles = factors;
    Ok(())
}

/// Of the factor of an angle.
const LEAST: f64 = 1e-6;
const MOST: f64 = 1e6;
