//! Affine couplings. Their scale and shift make data of latents, so here they are inverted.

use thalweg_models::composed::{ScaleConfig, TransformerConfig};

use crate::layers::{Layers, Way};
use crate::nflows::network::sequential;
use crate::perceptron::Perceptron;
use crate::state::StateDict;
use crate::weights::{Dense, side_by_side};
use crate::{ConvertError, Options};

/// `AffineCouplingBlock` with the split `channel`: the first half is kept, the larger one.
pub(crate) fn block(
    state: &mut StateDict,
    module: &str,
    features: usize,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let all: Vec<usize> = (0..features).collect();
    let (kept, transformed) = all.split_at(features.div_ceil(2));
    let mut network = sequential(state, &format!("{module}.flows.1.param_map.net"), options)?;
    let (_, outputs) = network.sizes();
    let transformer = match outputs == transformed.len() {
        true => TransformerConfig::Additive,
        false => affine(options),
    };
    if outputs == 2 * transformed.len() {
        // The shift of each feature stands before its scale.
        let last = network.last();
        *last = last.by_parameter(transformed.len(), 2);
    }
    layers.coupling(
        module,
        [kept, transformed],
        transformer,
        network,
        Way::Inverse,
    )
}

fn affine(options: &Options) -> TransformerConfig {
    let scale = options.scale.unwrap_or(ScaleConfig::Exp);
    TransformerConfig::Affine { scale }
}

/// `MaskedAffineFlow`: two networks of all features, which see those under the mask.
pub(crate) fn masked(
    state: &mut StateDict,
    module: &str,
    features: usize,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let mask = state.flat(&format!("{module}.b"), features)?;
    if let Some(other) = mask.iter().find(|m| **m != 0.0 && **m != 1.0) {
        return Err(ConvertError::Value {
            name: format!("{module}.b"),
            problem: format!("a mask holds 0 and 1, got {other}"),
        });
    }
    let of = |kept: f64| -> Vec<usize> {
        let places = mask.iter().enumerate();
        places
            .filter(|(_, m)| **m == kept)
            .map(|(place, _)| place)
            .collect()
    };
    let (kept, transformed) = (of(1.0), of(0.0));
    let mut network = |name: &str| -> Result<Option<Perceptron>, ConvertError> {
        let net = format!("{module}.{name}.net");
        if !state.has_module(&net) {
            return Ok(None);
        }
        let mut network = sequential(state, &net, options)?;
        if network.sizes() != (features, features) {
            return Err(ConvertError::unsupported(
                &net,
                format!(
                    "it maps {:?}, a masked flow {features} features to as many",
                    network.sizes()
                ),
            ));
        }
        network.layers[0] = network.layers[0].of_inputs(&kept);
        let last = network.last();
        *last = last.select(&transformed);
        Ok(Some(network))
    };
    let (shift, scale) = (network("t")?, network("s")?);
    let (network, transformer) = match (shift, scale) {
        (Some(shift), None) => (shift, TransformerConfig::Additive),
        (Some(shift), Some(scale)) => {
            if shift.layers.len() != scale.layers.len() {
                return Err(ConvertError::unsupported(
                    module,
                    format!(
                        "its networks have {} and {} layers; only equal numbers are supported",
                        shift.layers.len(),
                        scale.layers.len()
                    ),
                ));
            }
            (
                joined(&shift.layers, &scale.layers, options),
                affine(options),
            )
        }
        (None, Some(scale)) => {
            let zero = |layer: &Dense| {
                let mut zero = layer.clone();
                zero.scale(0..layer.outputs(), 0.0);
                zero
            };
            let zeros: Vec<Dense> = scale.layers.iter().map(zero).collect();
            (joined(&zeros, &scale.layers, options), affine(options))
        }
        (None, None) => {
            return Err(ConvertError::unsupported(
                module,
                "a masked flow without a network",
            ));
        }
    };
    layers.coupling(
        module,
        [&kept, &transformed],
        transformer,
        network,
        Way::Inverse,
    )
}

fn joined(shift: &[Dense], scale: &[Dense], options: &Options) -> Perceptron {
    Perceptron::plain(side_by_side(shift, scale), options.activation())
}
