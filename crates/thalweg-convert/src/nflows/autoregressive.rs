//! Masked autoregressive transforms.

use thalweg_flow::InBlocks;
use thalweg_models::composed::{ScaleConfig, TransformerConfig};

use super::residual::{beside, context_layer};
use super::transformer::{of_parameters, spline};
use crate::changes::{Changes, Factors};
use crate::layers::{Layers, Way};
use crate::masked::{self, Blocks, MaskedDense, MaskedNetwork};
use crate::state::StateDict;
use crate::weights::Dense;
use crate::{ConvertError, Options};

/// `MaskedAffineAutoregressiveTransform`, `MaskedPiecewiseRationalQuadraticAutoregressiveTransform`.
pub(crate) fn autoregressive(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let scale = ScaleConfig::FlooredSoftplus { floor: 1e-3 };
    let net = format!("{module}.autoregressive_net");
    let mut network = made(state, &net, Made::Nflows, options)?;
    let transformer = of_parameters(module, network.parameters, options, scale, 1.0)?;
    rearrange(&mut network, transformer);
    layers.autoregressive(module, transformer, network, Way::Forward)
}

/// The scale comes before the shift; slopes of splines are counted from another number.
pub(crate) fn rearrange(network: &mut MaskedNetwork, transformer: TransformerConfig) {
    let (features, last) = (network.config.order.len(), network.layers.len() - 1);
    let last = &mut network.layers[last];
    match transformer {
        TransformerConfig::Additive => {}
        TransformerConfig::Affine { .. } => {
            let order: Vec<usize> = (features..2 * features).chain(0..features).collect();
            *last = last.select(&order);
        }
        // This network lacks the attribute by which splines of couplings divide.
        _ => spline(last, features, transformer, 1.0),
    }
}

/// Whose `MADE` a network is.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Made {
    /// Of the transforms of nflows.
    Nflows,
    /// Of its mixtures.
    Mixture,
    Normflows,
}

/// `MADE`.
///
/// A context shifts its first layer, in the transforms of nflows behind an activation. In residual blocks it shifts the
/// first layer in nflows and gates the second one in normflows. Other blocks do not see it.
pub(crate) fn made(
    state: &mut StateDict,
    module: &str,
    made: Made,
    options: &Options,
) -> Result<MaskedNetwork, ConvertError> {
    let mut initial = MaskedDense::take(state, &format!("{module}.initial_layer"))?;
    let (features, width) = (initial.dense.inputs(), initial.dense.outputs());
    let context = context_layer(state, module)?;
    if let Some(context) = &context {
        if context.outputs() != width {
            return Err(ConvertError::unsupported(
                &format!("{module}.context_layer"),
                format!(
                    "it has {} units, the layer beside it {width}",
                    context.outputs()
                ),
            ));
        }
        let zeros = initial.dense.zeros(context.inputs());
        initial.beside(match made {
            Made::Nflows => &zeros,
            Made::Mixture | Made::Normflows => context,
        });
    }
    let mut found = vec![initial];
    let (blocks, mut changes) = match state.has_module(&format!("{module}.blocks.0.linear")) {
        true if made != Made::Nflows => {
            return Err(ConvertError::unsupported(
                &format!("{module}.blocks.0.linear"),
                "a network of normflows or of a mixture whose blocks are not residual",
            ));
        }
        true => (Blocks::None, plain_blocks(state, module, &mut found)?),
        false => {
            let in_blocks = match made {
                Made::Normflows => InBlocks::Gate,
                Made::Nflows | Made::Mixture => InBlocks::Shift,
            };
            let changes = residual_blocks(state, module, in_blocks, &mut found)?;
            let has_blocks = found.len() > 1;
            (
                if has_blocks {
                    Blocks::Residual
                } else {
                    Blocks::None
                },
                changes,
            )
        }
    };
    changes.first = context.filter(|_| made == Made::Nflows);
    found.push(MaskedDense::take(state, &format!("{module}.final_layer"))?);
    masked::network(
        module,
        &found,
        features,
        (blocks, changes),
        options.activation(),
    )
}

/// `MaskedFeedforwardBlock`s; a normalization stands in front of the layer, and goes into it.
fn plain_blocks(
    state: &mut StateDict,
    module: &str,
    found: &mut Vec<MaskedDense>,
) -> Result<Changes, ConvertError> {
    for block in 0..state.modules(&format!("{module}.blocks")) {
        let block = format!("{module}.blocks.{block}");
        state.buffer(&format!("{block}.degrees"));
        let mut layer = MaskedDense::take(state, &format!("{block}.linear"))?;
        if let Some(norm) = Factors::batch_norm(state, &format!("{block}.batch_norm"))? {
            if norm.factors.len() != layer.dense.inputs() {
                return Err(ConvertError::unsupported(
                    &format!("{block}.batch_norm"),
                    format!(
                        "it has {} units, the layer behind it {} inputs",
                        norm.factors.len(),
                        layer.dense.inputs()
                    ),
                ));
            }
            layer.dense.behind(0, &norm);
        }
        found.push(layer);
    }
    Ok(Changes::default())
}

/// `MaskedResidualBlock`s.
fn residual_blocks(
    state: &mut StateDict,
    module: &str,
    in_blocks: InBlocks,
    found: &mut Vec<MaskedDense>,
) -> Result<Changes, ConvertError> {
    let width = found[0].dense.outputs();
    let (mut norms, mut contexts): (Vec<_>, Vec<Option<Dense>>) = (vec![], vec![]);
    for block in 0..state.modules(&format!("{module}.blocks")) {
        let block = format!("{module}.blocks.{block}");
        let mut of =
            |layer: usize| MaskedDense::take(state, &format!("{block}.linear_layers.{layer}"));
        let (mut first, second) = (of(0)?, of(1)?);
        let (norm, context) = beside(state, &block, &mut first.dense, in_blocks)?;
        norms.push(norm);
        contexts.push(context);
        found.extend([first, second]);
    }
    Changes::of_blocks(module, width, norms, (in_blocks, contexts))
}
