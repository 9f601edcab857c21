//! Couplings and their networks.

use thalweg_models::composed::{ScaleConfig, TransformerConfig};

use super::unconditional::unconditional;
use crate::layers::{Layers, Perceptron, Way};
use crate::state::StateDict;
use crate::weights::Dense;
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
    let mut network = network(state, &format!("{module}.transform_net"), options)?;
    let scale = ScaleConfig::FlooredSigmoid {
        shift: 2.0,
        floor: 1e-3,
    };
    let transformer = transformer(module, &network, transformed.len(), options, (scale, 1.0))?;
    finish(&mut network, transformed.len(), transformer, true);
    layers.coupling(
        module,
        [&kept, &transformed],
        transformer,
        network,
        Way::Forward,
    )?;
    unconditional(state, module, [&kept, &transformed], transformer, layers)
}

/// The transformer that has as many parameters as the network gives.
pub(crate) fn transformer(
    module: &str,
    network: &Perceptron,
    transformed: usize,
    options: &Options,
    (scale, tail_bound): (ScaleConfig, f64),
) -> Result<TransformerConfig, ConvertError> {
    let (_, outputs) = network.sizes();
    let each = outputs / transformed.max(1);
    if transformed == 0 || outputs != each * transformed {
        return Err(ConvertError::unsupported(
            module,
            format!("its network gives {outputs} numbers for {transformed} features"),
        ));
    }
    of_parameters(module, each, options, scale, tail_bound)
}

/// The transformer whose network gives `parameters` numbers for each feature.
pub(crate) fn of_parameters(
    module: &str,
    parameters: usize,
    options: &Options,
    scale: ScaleConfig,
    tail_bound: f64,
) -> Result<TransformerConfig, ConvertError> {
    let transformer = match parameters {
        1 => TransformerConfig::Additive,
        2 => TransformerConfig::Affine {
            scale: options.scale.unwrap_or(scale),
        },
        spline if spline % 3 == 2 => TransformerConfig::Spline {
            bins: spline.div_ceil(3),
            bound: options.tail_bound.unwrap_or(tail_bound),
            least_slope: None,
            least: options.least,
        },
        other => {
            return Err(ConvertError::unsupported(
                module,
                format!(
                    "{other} parameters a feature: 1 is additive, 2 affine, 3 K − 1 a rational-quadratic spline of \
                     K bins with linear tails; other transforms are not supported"
                ),
            ));
        }
    };
    transformer.try_transformer()?;
    Ok(transformer)
}

/// Rearranges the last layer: splines have their parameters feature by feature, their widths and heights divided
/// by the root of the network's width, and their slopes counted from another number.
pub(crate) fn finish(
    network: &mut Perceptron,
    transformed: usize,
    transformer: TransformerConfig,
    divides: bool,
) {
    if !matches!(transformer, TransformerConfig::Spline { .. }) {
        return;
    }
    let is_residual = network.residual;
    let last = network.last();
    *last = last.by_parameter(transformed, transformer.parameters());
    // `ResidualNet` has the attribute `hidden_features`, which the library looks for; `MLP` has not.
    let width = if is_residual && divides {
        last.inputs() as f64
    } else {
        1.0
    };
    spline(last, transformed, transformer, width);
}

/// See [`finish`]; of a layer whose outputs are one block a parameter.
pub(crate) fn spline(
    last: &mut Dense,
    features: usize,
    transformer: TransformerConfig,
    width: f64,
) {
    let TransformerConfig::Spline { bins, .. } = transformer else {
        return;
    };
    let sizes = 2 * bins * features;
    if width != 1.0 {
        last.scale(0..sizes, width.sqrt().recip());
    }
    last.shift(sizes..last.outputs(), -transformer.least().slope_shift());
}

/// `ResidualNet`, `MLP` or a `torch.nn.Sequential`.
pub(crate) fn network(
    state: &mut StateDict,
    module: &str,
    options: &Options,
) -> Result<Perceptron, ConvertError> {
    let name = |layer: &str| format!("{module}.{layer}");
    let mut names = vec![];
    let residual = state.has_module(&name("initial_layer"));
    if residual {
        names.push(name("initial_layer"));
        for block in 0..state.modules(&name("blocks")) {
            let block = format!("{module}.blocks.{block}");
            if state.has_module(&format!("{block}.batch_norm_layers")) {
                return Err(ConvertError::unsupported(
                    &format!("{block}.batch_norm_layers"),
                    "batch normalization inside networks is not supported",
                ));
            }
            names.extend([0, 1].map(|layer| format!("{block}.linear_layers.{layer}")));
        }
        names.push(name("final_layer"));
    } else if state.has_module(&name("_input_layer")) {
        names.push(name("_input_layer"));
        let hidden = state.modules(&name("_hidden_layers"));
        names.extend((0..hidden).map(|layer| format!("{module}._hidden_layers.{layer}")));
        names.push(name("_output_layer"));
    } else {
        return sequential(state, module, options);
    }
    let layers = names.iter().map(|name| Dense::take(state, name));
    // A residual network without blocks is a product of two matrices.
    if names.len() == 2 && residual {
        return Err(ConvertError::unsupported(
            module,
            "a residual network without blocks",
        ));
    }
    let network = Perceptron {
        layers: layers.collect::<Result<_, _>>()?,
        residual,
        activation: options.activation(),
    };
    network.check(module)
}

/// Linear layers at every other place of a `torch.nn.Sequential`, an activation between two.
pub(crate) fn sequential(
    state: &mut StateDict,
    module: &str,
    options: &Options,
) -> Result<Perceptron, ConvertError> {
    let count = state.modules(module);
    let places = (0..count).filter(|place| state.has_module(&format!("{module}.{place}")));
    let places: Vec<usize> = places.collect();
    if places.is_empty() || !places.iter().copied().eq((0..places.len()).map(|k| 2 * k)) {
        return Err(ConvertError::unsupported(
            module,
            format!(
                "its layers have the places {places:?}; a linear layer at each even place and an activation between two \
                 are supported"
            ),
        ));
    }
    let layers = places
        .iter()
        .map(|place| Dense::take(state, &format!("{module}.{place}")));
    let network = Perceptron {
        layers: layers.collect::<Result<_, _>>()?,
        residual: false,
        activation: options.activation(),
    };
    network.check(module)
}
