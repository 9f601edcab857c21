//! What couplings and autoregressive layers make of their networks' numbers.

use thalweg_models::composed::{EndsConfig, PiecesConfig, ScaleConfig, TransformerConfig};

use crate::options::Univariate;
use crate::perceptron::Perceptron;
use crate::weights::Dense;
use crate::{ConvertError, Options};

/// The scale of affine couplings, and where the tails of splines begin.
pub(super) const DEFAULTS: (ScaleConfig, f64) = (
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
