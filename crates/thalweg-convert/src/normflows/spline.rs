//! Rational-quadratic splines, which this library took over from nflows.

use thalweg_models::composed::{ScaleConfig, TransformerConfig};

use crate::layers::{Layers, Perceptron, Way};
use crate::nflows::autoregressive::{made, rearrange};
use crate::nflows::coupling::{finish, network, of_parameters, spline, transformer};
use crate::state::StateDict;
use crate::weights::Dense;
use crate::{ConvertError, Options};

/// Where the tails begin, by default.
const TAIL_BOUND: f64 = 3.0;

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
    let mut network = network(state, &format!("{module}.transform_net"), options)?;
    let defaults = (ScaleConfig::Exp, TAIL_BOUND);
    let transformer = transformer(module, &network, transformed.len(), options, defaults)?;
    finish(&mut network, transformed.len(), transformer, true);
    layers.coupling(
        module,
        [&kept, &transformed],
        transformer,
        network,
        Way::Forward,
    )?;
    let constants = format!("{module}.unconditional_transform");
    if !state.has_module(&constants) {
        return Ok(());
    }
    let TransformerConfig::Spline { bins, .. } = transformer else {
        return Err(ConvertError::unsupported(
            &constants,
            "a spline beside a transform that is none",
        ));
    };
    // A coupling the other way round, whose network sees nothing.
    let mut bias = vec![vec![]; kept.len()];
    for (name, count) in [
        ("widths", bins),
        ("heights", bins),
        ("derivatives", bins - 1),
    ] {
        let tensor = state.take(&format!("{constants}.unnormalized_{name}"))?;
        let values = tensor.of(&[kept.len(), count])?;
        let rows = bias.iter_mut().zip(values.chunks(count));
        rows.for_each(|(bias, row)| bias.extend_from_slice(row));
    }
    let bias: Vec<f64> = bias.into_iter().flatten().collect();
    let constant = Dense {
        rows: vec![vec![0.0; transformed.len()]; bias.len()],
        bias,
    };
    let mut constant = constant.by_parameter(kept.len(), transformer.parameters());
    spline(&mut constant, kept.len(), transformer, 1.0);
    let network = Perceptron {
        layers: vec![constant],
        residual: false,
        activation: options.activation(),
    };
    layers.coupling(
        &constants,
        [&transformed, &kept],
        transformer,
        network,
        Way::Forward,
    )
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
    let (network, mut dense, parameters) = made(state, &net, options)?;
    let transformer = of_parameters(module, parameters, options, ScaleConfig::Exp, TAIL_BOUND)?;
    rearrange(&mut dense, network.order.len(), transformer);
    layers.autoregressive(module, transformer, network, &dense, Way::Forward)
}
