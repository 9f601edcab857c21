//! Masked autoregressive transforms.

use thalweg_models::composed::{ScaleConfig, TransformerConfig};

use super::coupling::{of_parameters, spline};
use crate::layers::{Layers, Way};
use crate::masked::{self, MaskedDense};
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
    let (network, mut dense, parameters) = made(state, &net, options)?;
    let transformer = of_parameters(module, parameters, options, scale, 1.0)?;
    rearrange(&mut dense, network.order.len(), transformer);
    layers.autoregressive(module, transformer, network, &dense, Way::Forward)
}

/// The scale comes before the shift; slopes of splines are counted from another number.
pub(crate) fn rearrange(dense: &mut [Dense], features: usize, transformer: TransformerConfig) {
    let last = dense.len() - 1;
    match transformer {
        TransformerConfig::Additive => {}
        TransformerConfig::Affine { .. } => {
            let order: Vec<usize> = (features..2 * features).chain(0..features).collect();
            dense[last] = dense[last].select(&order);
        }
        // This network lacks the attribute by which splines of couplings divide.
        TransformerConfig::Spline { .. } => spline(&mut dense[last], features, transformer, 1.0),
    }
}

/// `MADE`: its configuration, layers, and parameters of a feature.
pub(crate) fn made(
    state: &mut StateDict,
    module: &str,
    options: &Options,
) -> Result<(thalweg_models::composed::MaskedConfig, Vec<Dense>, usize), ConvertError> {
    if state.has_module(&format!("{module}.context_layer")) {
        return Err(ConvertError::unsupported(
            &format!("{module}.context_layer"),
            "flows with a context are not supported",
        ));
    }
    let blocks = state.modules(&format!("{module}.blocks"));
    let residual = state.has_module(&format!("{module}.blocks.0.linear_layers"));
    let mut names = vec![format!("{module}.initial_layer")];
    for block in 0..blocks {
        let block = format!("{module}.blocks.{block}");
        for norm in ["batch_norm", "batch_norm_layers"] {
            let norm = format!("{block}.{norm}");
            if state.has_module(&norm) {
                return Err(ConvertError::unsupported(
                    &norm,
                    "batch normalization inside networks is not supported",
                ));
            }
        }
        match residual {
            true => names.extend([0, 1].map(|layer| format!("{block}.linear_layers.{layer}"))),
            false => {
                state.buffer(&format!("{block}.degrees"));
                names.push(format!("{block}.linear"));
            }
        }
    }
    names.push(format!("{module}.final_layer"));
    let found = names.iter().map(|name| MaskedDense::take(state, name));
    let found: Vec<MaskedDense> = found.collect::<Result<_, _>>()?;
    let features = found[0].dense.inputs();
    masked::network(module, &found, features, residual, options.activation())
}
