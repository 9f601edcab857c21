//! Couplings.

use super::network::network;
use super::transformer::{DEFAULTS, finish, transformer};
use super::unconditional::unconditional;
use crate::layers::{Layers, Way};
use crate::state::StateDict;
use crate::{ConvertError, Options};

/// `CouplingTransform` and those that derive from it.
pub(crate) fn coupling(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let kept = state.indices(&format!("{module}.identity_features"), usize::MAX)?;
    let transformed = state.indices(&format!("{module}.transform_features"), usize::MAX)?;
    let net = format!("{module}.transform_net");
    if kept.is_empty() {
        return of_context(state, module, &transformed, options, layers);
    }
    let mut network = network(state, &net, options)?;
    let transformer = transformer(module, &network, transformed.len(), options, DEFAULTS)?;
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

/// A coupling that keeps no feature, as sbi has it for one feature: its network, the `spline_predictor`, sees the context
/// alone.
fn of_context(
    state: &mut StateDict,
    module: &str,
    transformed: &[usize],
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let net = format!("{module}.transform_net");
    let predictor = format!("{net}.spline_predictor");
    let divides = state.has_module(&predictor);
    let net = if divides { predictor } else { net };
    if !transformed.is_sorted() {
        return Err(ConvertError::Value {
            name: format!("{module}.transform_features"),
            problem: format!("all features in their order, got {transformed:?}"),
        });
    }
    let mut network = network(state, &net, options)?;
    let of = transformer(module, &network, transformed.len(), options, DEFAULTS)?;
    finish(&mut network, transformed.len(), of, divides);
    layers.of_context(module, of, network, Way::Forward)
}
