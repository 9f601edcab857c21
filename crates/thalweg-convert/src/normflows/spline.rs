//! Rational-quadratic splines, which this library took over from nflows.

use thalweg_models::composed::{EndsConfig, ScaleConfig};

use super::circular;
use crate::layers::{Layers, Way};
use crate::nflows::autoregressive::{Made, made, rearrange};
use crate::nflows::network::network;
use crate::nflows::transformer::{finish, of_parameters, transformer};
use crate::nflows::unconditional::unconditional;
use crate::state::StateDict;
use crate::{ConvertError, Options};

/// Where the tails begin, by default.
pub(super) const TAIL_BOUND: f64 = 3.0;

/// `CoupledRationalQuadraticSpline`: a coupling, then splines of the kept features whose parameters are learned
/// constants.
pub(crate) fn coupled(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let module = &format!("{module}.prqct");
    let kept = state.indices(&format!("{module}.identity_features"), usize::MAX)?;
    let transformed = state.indices(&format!("{module}.transform_features"), usize::MAX)?;
    let outputs = state.shape(&format!("{module}.transform_net.final_layer.weight"));
    let outputs = outputs.and_then(|shape| shape.first().copied());
    let parameters = outputs.unwrap_or(0) / transformed.len().max(1);
    if circular::is_one(parameters, options) {
        return circular::coupled(state, module, [&kept, &transformed], options, layers);
    }
    let mut options = options.clone();
    if parameters.is_multiple_of(3) {
        // `tails="circular"`.
        options.ends.get_or_insert(EndsConfig::Circular);
    }
    let options = &options;
    let mut network = network(state, &format!("{module}.transform_net"), options)?;
    let defaults = (ScaleConfig::Exp, TAIL_BOUND);
    let transformer = transformer(module, &network, transformed.len(), options, defaults)?;
    let divides = network.residual;
    finish(&mut network, transformed.len(), transformer, divides);
    layers.coupling(
        module,
        [&kept, &transformed],
        transformer,
        network,
        Way::Forward,
    )?;
    unconditional(state, module, [&kept, &transformed], transformer, layers)
}

/// `AutoregressiveRationalQuadraticSpline`.
pub(crate) fn autoregressive(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let module = &format!("{module}.mprqat");
    let net = format!("{module}.autoregressive_net");
    if state.has_module(&format!("{net}.preprocessing")) {
        return circular::autoregressive(state, module, options, layers);
    }
    let mut network = made(state, &net, Made::Normflows, options)?;
    let (scale, parameters) = (ScaleConfig::Exp, network.parameters);
    let transformer = of_parameters(module, parameters, options, scale, TAIL_BOUND)?;
    rearrange(&mut network, transformer);
    layers.autoregressive(module, transformer, network, Way::Forward)
}
