//! Residual networks of couplings, and what their blocks hold beside two linear layers.

use thalweg_flow::InBlocks;

use crate::changes::{Changes, Factors};
use crate::perceptron::Perceptron;
use crate::state::StateDict;
use crate::weights::Dense;
use crate::{ConvertError, Options};

/// `ResidualNet`: a context is a part of its inputs, and gates its blocks.
pub(crate) fn residual(
    state: &mut StateDict,
    module: &str,
    options: &Options,
) -> Result<Perceptron, ConvertError> {
    let initial = Dense::take(state, &format!("{module}.initial_layer"))?;
    let width = initial.outputs();
    let mut layers = vec![initial];
    let (mut norms, mut contexts) = (vec![], vec![]);
    for block in 0..state.modules(&format!("{module}.blocks")) {
        let block = format!("{module}.blocks.{block}");
        let mut of = |layer: usize| Dense::take(state, &format!("{block}.linear_layers.{layer}"));
        let (mut first, second) = (of(0)?, of(1)?);
        let (norm, context) = beside(state, &block, &mut first, InBlocks::Gate)?;
        norms.push(norm);
        contexts.push(context);
        layers.extend([first, second]);
    }
    layers.push(Dense::take(state, &format!("{module}.final_layer"))?);
    let changes = Changes::of_blocks(module, width, norms, (InBlocks::Gate, contexts))?;
    if let Some(context) = changes
        .context()
        .filter(|context| *context > layers[0].inputs())
    {
        return Err(ConvertError::unsupported(
            module,
            format!("gates of a context of {context} numbers, which its first layer does not see"),
        ));
    }
    let network = Perceptron {
        layers,
        residual: true,
        standardized: false,
        activation: options.activation(),
        changes,
    };
    let mut network = network.check(module)?;
    if let [first, last] = &network.layers[..] {
        // Without blocks it is a product of two matrices.
        network = Perceptron::plain(vec![last.of(first)], network.activation);
    }
    Ok(network)
}

/// The normalization in front of a residual block, and the layer of the context in it. The normalization between its
/// two layers goes into the first one.
pub(super) fn beside(
    state: &mut StateDict,
    block: &str,
    first: &mut Dense,
    in_blocks: InBlocks,
) -> Result<(Option<Factors>, Option<Dense>), ConvertError> {
    let norms = format!("{block}.batch_norm_layers");
    let front = Factors::batch_norm(state, &format!("{norms}.0"))?;
    let between = Factors::batch_norm(state, &format!("{norms}.1"))?;
    let mut context = context_layer(state, block)?;
    if let Some(between) = between {
        if between.factors.len() != first.outputs() {
            return Err(ConvertError::unsupported(
                &format!("{norms}.1"),
                format!(
                    "it has {} units, the layer before it {}",
                    between.factors.len(),
                    first.outputs()
                ),
            ));
        }
        first.then(&between);
        if let Some(context) = context.as_mut().filter(|_| in_blocks == InBlocks::Shift) {
            // The summands are in the first layer.
            let summands = vec![0.0; between.factors.len()];
            context.then(&Factors {
                summands,
                ..between
            });
        }
    }
    Ok((front, context))
}

/// The layer of the context of a module, if there is one.
pub(super) fn context_layer(
    state: &mut StateDict,
    module: &str,
) -> Result<Option<Dense>, ConvertError> {
    let layer = format!("{module}.context_layer");
    let found = state.has_module(&layer).then(|| Dense::take(state, &layer));
    found.transpose()
}
