//! Transforms of each feature by itself.

use thalweg_flow::Activation;
use thalweg_models::composed::{MaskedConfig, TransformerConfig};

use crate::changes::Changes;
use crate::layers::{Layers, Way};
use crate::masked::MaskedNetwork;
use crate::state::StateDict;
use crate::weights::Dense;
use crate::{ConvertError, Options};

/// `ElementWiseTransform`, affine or of a `GF`: its parameters are constants, or a network of the context.
pub(super) fn elementwise(
    state: &mut StateDict,
    module: &str,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let features = layers.features().unwrap_or(0);
    let hyper = format!("{module}.hyper");
    if state.has_module(&hyper) {
        let mut network = super::hyper(state, module, options)?;
        let parameters = network.sizes().1 / features.max(1);
        let transformer = match parameters {
            2 => super::transformer(module, parameters, options)?,
            _ => of_components(module, parameters)?,
        };
        if network.sizes().1 == features * parameters {
            let last = network.last();
            *last = last.by_parameter(features, parameters);
        }
        return layers.of_context(module, transformer, network, Way::Forward);
    }
    let shift = state.take(&format!("{module}.phi.0"))?;
    if shift.shape.len() == 1 {
        let scale = state.vector(&format!("{module}.phi.1"), features)?;
        let most = options.least_slope.unwrap_or(super::SLOPE).ln().abs();
        let log_scale = scale.into_iter().map(|u| u / (1.0 + u.abs() / most));
        return layers.scale_and_shift(module, log_scale.collect(), shift.of(&[features])?);
    }
    let [_, components] = shift.shape[..] else {
        return Err(shift.misshapen(format!("[{features}, components]")));
    };
    let shift = shift.of(&[features, components])?;
    let scale = state.take(&format!("{module}.phi.1"))?;
    let scale = scale.of(&[features, components])?;
    // A network that sees nothing.
    let transformer = of_components(module, 2 * components)?;
    let block = |values: &[f64]| -> Vec<f64> {
        let of = |k| (0..features).map(move |feature| values[feature * components + k]);
        (0..components).flat_map(of).collect()
    };
    let bias: Vec<f64> = [block(&shift), block(&scale)].concat();
    let constant = Dense {
        rows: vec![vec![0.0; features + layers.context()]; bias.len()],
        bias,
    };
    let network = MaskedNetwork {
        config: MaskedConfig {
            order: (0..features).collect(),
            degrees: vec![],
            residual: false,
            activation: Activation::Relu,
            modulation: None,
            plain_entry: false,
            angles: vec![],
        },
        layers: vec![constant],
        parameters: 2 * components,
        changes: Changes::default(),
    };
    layers.autoregressive(module, transformer, network, Way::Forward)
}

fn of_components(module: &str, parameters: usize) -> Result<TransformerConfig, ConvertError> {
    if parameters == 0 || !parameters.is_multiple_of(2) {
        return Err(ConvertError::unsupported(
            module,
            format!(
                "{parameters} parameters a feature; a `GaussianizationTransform` has two for each component"
            ),
        ));
    }
    let transformer = TransformerConfig::Gaussianization {
        components: parameters / 2,
        weighted: None,
    };
    transformer.try_transformer()?;
    Ok(transformer)
}
