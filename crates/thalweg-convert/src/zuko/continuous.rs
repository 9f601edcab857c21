//! `CNF`: `transform.ode`, `transform.times`, `transform.freqs`.

use std::f64::consts::PI;

use thalweg_flow::{Activation, Divergence, Integration, Mlp, Scheme, TimeMlp, WithContext};
use thalweg_models::{ConditionalContinuousFlow, ContinuousFlow, ContinuousFlowConfig};

use crate::nflows::network::sequential;
use crate::state::StateDict;
use crate::weights::Place;
use crate::{ConvertError, Model, Options};

/// The relative tolerance of zuko's integration, by default.
const TOLERANCE: f64 = 1e-5;

pub(crate) fn is_one(state: &StateDict) -> bool {
    state.has_module("transform.ode")
}

/// The continuous flow.
///
/// The field `u(s, x, c)` of the library runs from data at `s = 0` to noise at `s = 1`. With `s = 1 − t` ours is
/// `v(t, x, c) = −u(1 − t, x, c)`: the angles are `cos kπs = (−1)ᵏ cos kπt` and `sin kπs = −(−1)ᵏ sin kπt`. Its inputs are
/// `[cos | sin | x | c]`, ours `[x | cos | sin | c]`.
pub(crate) fn flow(
    state: &mut StateDict,
    options: &Options,
    place: &Place,
) -> Result<Model, ConvertError> {
    let mean = state.take("base.loc")?.values;
    let features = mean.len();
    let deviation = state.flat("base.scale", features)?;
    if mean.iter().any(|m| *m != 0.0) || deviation.iter().any(|d| *d != 1.0) {
        return Err(ConvertError::unsupported(
            "base",
            "a continuous flow whose base density is not standard normal",
        ));
    }
    let times = state.vector("transform.times", 2)?;
    let angular = state.take("transform.freqs")?.values;
    let frequencies = angular.len();
    let expected = (1..=frequencies).map(|k| k as f64 * PI);
    let are_known = angular
        .iter()
        .zip(expected)
        .all(|(found, of)| (found - of).abs() < 1e-5 * of);
    if times != [0.0, 1.0] || !are_known {
        return Err(ConvertError::Value {
            name: "transform.times".into(),
            problem: format!(
                "a field between the times 0 and 1 that sees the frequencies kπ, got {times:?} and {angular:?}"
            ),
        });
    }
    let options = &Options {
        activation: Some(options.activation.unwrap_or(Activation::Elu)),
        ..options.clone()
    };
    let mut network = sequential(state, "transform.ode", options)?;
    let (inputs, outputs) = network.sizes();
    let seen = 2 * frequencies + features;
    if inputs < seen || outputs != features {
        return Err(ConvertError::unsupported(
            "transform.ode",
            format!(
                "a field of {features} features maps {seen} numbers or more to {features}, not {inputs} to {outputs}"
            ),
        ));
    }
    let first = &mut network.layers[0];
    for row in &mut first.rows {
        for sine in 0..2 {
            for k in 0..frequencies {
                // `k` counts from 0 here.
                if (k + sine).is_multiple_of(2) {
                    row[sine * frequencies + k] *= -1.0;
                }
            }
        }
        row[..seen].rotate_left(2 * frequencies);
    }
    let last = network.last();
    last.scale(0..features, -1.0);
    let count = network.layers.len();
    let hidden = network.layers[..count - 1]
        .iter()
        .map(|layer| layer.outputs());
    let tolerance = options.tolerance.unwrap_or(TOLERANCE);
    let config = ContinuousFlowConfig::ffjord(features)
        .with_hidden(hidden.collect())
        .with_frequencies(frequencies)
        .with_activation(network.activation)
        .with_integration(Integration::adaptive(Scheme::Tsitouras, tolerance))
        .with_divergence(Divergence::Exact);
    let layers = network.layers.iter().map(|layer| layer.linear(place));
    let mlp = Mlp::from_layers(layers.collect(), network.activation);
    let field = TimeMlp::from_network(mlp, features, frequencies);
    let at = (&place.device, place.dtype);
    if inputs == seen {
        let model = ContinuousFlow::from_field(&config, field, at)?;
        return Ok(Model::Continuous(Box::new(model)));
    }
    let config = config.with_context(inputs - seen);
    let field = WithContext::new(field);
    let model = ConditionalContinuousFlow::from_field(&config, field, at)?;
    Ok(Model::GivenContinuous(Box::new(model)))
}
