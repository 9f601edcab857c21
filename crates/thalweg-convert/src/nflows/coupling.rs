//! Couplings and their networks.

use thalweg_models::composed::{EndsConfig, PiecesConfig, ScaleConfig, TransformerConfig};

use super::residual::residual;
use super::unconditional::unconditional;
use crate::layers::{Layers, Way};
use crate::options::Univariate;
use crate::perceptron::Perceptron;
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

/// The scale of affine couplings, and where the tails of splines begin.
const DEFAULTS: (ScaleConfig, f64) = (
    ScaleConfig::FlooredSigmoid {
        shift: 2.0,
        floor: 1e-3,
    },
    1.0,
);

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
    // Boxed splines lie between −1 and 1, behind a change of units.
    let bound = match options.unit_box() {
        true => 1.0,
        false => options.tail_bound.unwrap_or(tail_bound),
    };
    let ends = match options.unit_box() {
        true => EndsConfig::Free,
        false => options.ends.unwrap_or_default(),
    };
    if let Some(univariate) = options.univariate {
        let transformer = polynomial(module, parameters, options, univariate, bound)?;
        transformer.try_transformer()?;
        return Ok(transformer);
    }
    // Modulo 3, as many as slopes at the ends are learned, less one.
    let of_spline = match ends {
        EndsConfig::Free => 1,
        EndsConfig::Circular => 0,
        EndsConfig::Straight | EndsConfig::Turned => 2,
    };
    let transformer = match parameters {
        1 => TransformerConfig::Additive,
        2 => TransformerConfig::Affine {
            scale: options.scale.unwrap_or(scale),
        },
        spline if spline % 3 == of_spline => TransformerConfig::Spline {
            bins: (spline + 1) / 3,
            bound,
            least_slope: None,
            least: options.least,
            ends,
        },
        other => {
            return Err(ConvertError::unsupported(
                module,
                format!(
                    "{other} parameters a feature: 1 is additive, 2 affine, 3 K − 1 a rational-quadratic spline of \
                     K bins with linear tails, 3 K + 1 one without tails (`tails = false` in the options); the option \
                     `univariate` names other transforms"
                ),
            ));
        }
    };
    transformer.try_transformer()?;
    Ok(transformer)
}

/// The transformer that the option `univariate` names.
fn polynomial(
    module: &str,
    parameters: usize,
    options: &Options,
    univariate: Univariate,
    bound: f64,
) -> Result<TransformerConfig, ConvertError> {
    let least = options.least.unwrap_or_default();
    let least = [least.width, least.height];
    let spline = |pieces, bins, least| TransformerConfig::PolynomialSpline {
        pieces,
        bins,
        bound,
        least,
    };
    match univariate {
        Univariate::Linear => Ok(spline(PiecesConfig::Linear, parameters, [0.0; 2])),
        Univariate::Quadratic if parameters % 2 == 1 && options.unit_box() => {
            let (pieces, bins) = (PiecesConfig::QuadraticWithEnds, parameters / 2);
            Ok(spline(pieces, bins, least))
        }
        Univariate::Quadratic if parameters % 2 == 1 => {
            Ok(spline(PiecesConfig::Quadratic, parameters / 2 + 1, least))
        }
        Univariate::Cubic if parameters.is_multiple_of(2) && parameters > 2 => {
            Ok(spline(PiecesConfig::Cubic, parameters / 2 - 1, least))
        }
        Univariate::Bernstein => Ok(TransformerConfig::Bernstein { parameters, bound }),
        Univariate::SumOfSquares { polynomials }
            if polynomials > 0
                && parameters % polynomials == 1 % polynomials
                && parameters > polynomials =>
        {
            Ok(TransformerConfig::SumOfSquares {
                polynomials,
                degree: (parameters - 1) / polynomials - 1,
                // The `bound` of zuko's `MonotonicTransform`.
                bound: 10.0,
                least_slope: options.least_slope.unwrap_or(1e-3),
            })
        }
        _ => Err(ConvertError::unsupported(
            module,
            format!("{parameters} parameters a feature are not those of {univariate:?}"),
        )),
    }
}

/// Rearranges the last layer: splines have their parameters feature by feature, their widths and heights divided
/// by the root of the network's width where it has the attribute `hidden_features`, as `ResidualNet` has and `MLP` has
/// not, and their slopes counted from another number.
pub(crate) fn finish(
    network: &mut Perceptron,
    transformed: usize,
    transformer: TransformerConfig,
    divides: bool,
) {
    use TransformerConfig::{Additive, Affine};
    if matches!(transformer, Additive | Affine { .. }) {
        return;
    }
    let last = network.last();
    *last = last.by_parameter(transformed, transformer.parameters());
    let width = if divides { last.inputs() as f64 } else { 1.0 };
    spline(last, transformed, transformer, width);
}

/// See [`finish`]; of a layer whose outputs are one block a parameter.
pub(crate) fn spline(
    last: &mut Dense,
    features: usize,
    transformer: TransformerConfig,
    width: f64,
) {
    let (sizes, shift) = match transformer {
        TransformerConfig::Spline { bins, .. } => (2 * bins, -transformer.least().slope_shift()),
        // The slopes at the ends are counted from another number.
        TransformerConfig::PolynomialSpline {
            pieces: PiecesConfig::Cubic,
            bins,
            ..
        } => (2 * bins, std::f64::consts::LN_2),
        TransformerConfig::PolynomialSpline {
            pieces: PiecesConfig::Quadratic | PiecesConfig::QuadraticWithEnds,
            ..
        } => (transformer.parameters(), 0.0),
        _ => return,
    };
    let sizes = sizes * features;
    if width != 1.0 {
        last.scale(0..sizes, width.sqrt().recip());
    }
    last.shift(sizes..last.outputs(), shift);
}

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
