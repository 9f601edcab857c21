//! A coupling of circular splines as a masked network.

use thalweg_models::composed::MaskedConfig;

use super::{angles, bounds, finish};
use crate::layers::Layers;
use crate::masked::MaskedNetwork;
use crate::nflows::network::network;
use crate::perceptron::Perceptron;
use crate::state::StateDict;
use crate::weights::Dense;
use crate::{ConvertError, Options};

/// `CircularCoupledRationalQuadraticSpline`.
pub(in crate::normflows) fn coupled(
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
