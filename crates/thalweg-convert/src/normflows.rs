//! Flows of normflows: `flows`, `q0`. Its flows lead from latents to data, the last one next to the data.

mod base;
mod circular;
mod coupling;
pub(crate) mod glow;
mod linear;
mod periodic;
mod residual;
mod spline;

use crate::layers::Layers;
use crate::nflows::conditional_normal;
use crate::nflows::network::network;
use crate::options::Tensorless;
use crate::state::StateDict;
use crate::{ConvertError, Options};

pub(crate) fn flow(
    state: &mut StateDict,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let encoder = "q0.context_encoder";
    let encoder = state
        .has_module(encoder)
        .then(|| network(state, encoder, options));
    let encoder = encoder.transpose()?;
    let features = match &encoder {
        None => base::features(state, options)?,
        Some(encoder) => encoder.sizes().1 / 2,
    };
    layers.expect("q0", features)?;
    let mut options = options.clone();
    options.circular.get_or_insert(circular::features(state));
    let options = &options;
    let count = state.modules("flows").max(options.transforms.unwrap_or(0));
    for index in (0..count).rev() {
        layer(state, &format!("flows.{index}"), features, options, layers)?;
    }
    if let Some(encoder) = encoder {
        return conditional_normal("q0.context_encoder", encoder, layers);
    }
    base::base(state, features, options, layers)
}

fn layer(
    state: &mut StateDict,
    module: &str,
    features: usize,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let name = |tensor: &str| format!("{module}.{tensor}");
    let has = |tensor: &str| state.has(&name(tensor));
    if state.has_module(&name("flows.1.param_map")) {
        return coupling::block(state, module, features, options, layers);
    }
    if state.has_module(&name("prqct")) {
        return spline::coupled(state, module, options, layers);
    }
    if state.has_module(&name("mprqat")) {
        return spline::autoregressive(state, module, options, layers);
    }
    if state.has_module(&name("iresblock")) {
        return residual::residual(state, module, features, options, layers);
    }
    if state.has_module(&name("linear")) && has("permutation._permutation") {
        let permutation = crate::nflows::linear::permutation;
        permutation(state, &name("permutation"), layers)?;
        return crate::nflows::linear::lu(state, &name("linear"), layers);
    }
    if has("inv_perm") {
        return linear::permute(state, module, features, layers);
    }
    if has("u") && has("w") {
        return linear::planar(state, module, features, layers);
    }
    if has("z_0") {
        return linear::radial(state, module, features, layers);
    }
    if has("log_S") || has("W") {
        return linear::affine(state, module, features, layers);
    }
    if has("bound") || has("shift") {
        return periodic::periodic(state, module, features, 0.0, options, layers);
    }
    // Before those whose tensors have the same names: here `s` and `t` are networks.
    if has("b") {
        return coupling::masked(state, module, features, options, layers);
    }
    if has("s") && has("t") {
        return linear::constants(state, module, features, layers);
    }
    if state.has_module(module) {
        return Err(ConvertError::unsupported(
            module,
            "its tensors are those of no flow that this library has a layer for; the table in docs/weights.md lists \
             those it has",
        ));
    }
    match options.without_tensors(module)? {
        Tensorless::Swap => {
            // From data to latents the second part, the smaller one, comes first again.
            let first = features.div_ceil(2);
            let order: Vec<usize> = (first..features).chain(0..first).collect();
            layers.order(module, &order)
        }
        of @ (Tensorless::PeriodicWrap | Tensorless::PeriodicShift) => {
            let shift = options.shift.filter(|_| of == Tensorless::PeriodicShift);
            let shift = shift.unwrap_or(0.0);
            periodic::periodic(state, module, features, shift, options, layers)
        }
        other => layers.without_tensors(module, other, options),
    }
}
