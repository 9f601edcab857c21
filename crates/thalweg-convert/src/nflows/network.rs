//! The networks of couplings.

use super::residual::residual;
use crate::perceptron::Perceptron;
use crate::state::StateDict;
use crate::weights::Dense;
use crate::{ConvertError, Options};

/// `ResidualNet`, `MLP`, a `torch.nn.Sequential` or a `torch.nn.Linear`.
pub(crate) fn network(
    state: &mut StateDict,
    module: &str,
    options: &Options,
) -> Result<Perceptron, ConvertError> {
    if state.has_module(&format!("{module}.initial_layer")) {
        return residual(state, module, options);
    }
    if state.has(&format!("{module}.weight")) {
        let layer = Dense::take(state, module)?;
        return Ok(Perceptron::plain(vec![layer], options.activation()));
    }
    if !state.has_module(&format!("{module}._input_layer")) {
        return sequential(state, module, options);
    }
    let hidden = state.modules(&format!("{module}._hidden_layers"));
    let hidden = (0..hidden).map(|layer| format!("_hidden_layers.{layer}"));
    let names = std::iter::once("_input_layer".to_owned()).chain(hidden);
    let names = names.chain(["_output_layer".to_owned()]);
    let layers = names.map(|name| Dense::take(state, &format!("{module}.{name}")));
    let layers = layers.collect::<Result<_, _>>()?;
    Perceptron::plain(layers, options.activation()).check(module)
}

/// Linear layers at every other place of a `torch.nn.Sequential`, an activation between two.
pub(crate) fn sequential(
    state: &mut StateDict,
    module: &str,
    options: &Options,
) -> Result<Perceptron, ConvertError> {
    sequential_by(2, state, module, options)
}

/// Linear layers at each multiple of `step`, with what stands between two.
pub(crate) fn sequential_by(
    step: usize,
    state: &mut StateDict,
    module: &str,
    options: &Options,
) -> Result<Perceptron, ConvertError> {
    let count = state.modules(module);
    let places = (0..count).filter(|place| state.has_module(&format!("{module}.{place}")));
    let places: Vec<usize> = places.collect();
    let expected: Vec<usize> = (0..places.len()).map(|k| step * k).collect();
    if places.is_empty() || places != expected {
        return Err(ConvertError::unsupported(
            module,
            format!(
                "its layers have the places {places:?}; a linear layer at each multiple of {step} is supported, an activation \
                 between two"
            ),
        ));
    }
    let layers = places
        .iter()
        .map(|place| Dense::take(state, &format!("{module}.{place}")));
    let layers = layers.collect::<Result<_, _>>()?;
    Perceptron::plain(layers, options.activation()).check(module)
}
