//! What a context and norms change in a network, by configuration.

use thalweg_flow::{InBlocks, ModulationConfig};

use crate::ConfigError;
use crate::config::perceptron;

/// `Ok` when a network given this many numbers of context has such changes.
pub(super) fn check_modulation(
    model: &'static str,
    modulation: ModulationConfig,
    context: usize,
    residual: bool,
) -> Result<(), ConfigError> {
    let problem = if modulation.sees_context() && context == 0 {
        "a context changes the network, and the flow has none: give it one by `with_context`"
    } else if (modulation.blocks != InBlocks::Nothing || modulation.norms) && !residual {
        "only a residual network has blocks"
    } else {
        return Ok(());
    };
    Err(ConfigError::Setting {
        model,
        field: "modulation",
        problem: problem.into(),
    })
}

/// A lower bound on the parameters of these changes, of `[context, width, blocks]`.
pub(super) fn count_modulation(
    modulation: Option<ModulationConfig>,
    [context, width, blocks]: [usize; 3],
) -> u128 {
    let Some(modulation) = modulation else {
        return 0;
    };
    let in_blocks = match modulation.blocks {
        InBlocks::Nothing => 0,
        InBlocks::Shift | InBlocks::Gate => blocks as u128,
    };
    let layers = in_blocks + u128::from(modulation.first);
    let norms = if modulation.norms { blocks as u128 } else { 0 };
    let of_layers = perceptron([context, width]).saturating_mul(layers);
    of_layers.saturating_add((2 * width as u128).saturating_mul(norms))
}
