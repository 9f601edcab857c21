//! Splines of the kept features of a coupling, whose parameters are learned constants.

use thalweg_flow::Activation;
use thalweg_models::composed::{PiecesConfig, TransformerConfig};

use super::transformer::spline;
use crate::ConvertError;
use crate::layers::{Layers, Way};
use crate::perceptron::Perceptron;
use crate::state::StateDict;
use crate::weights::Dense;

/// `PiecewiseRationalQuadraticCDF` and its like, if a coupling that keeps and transforms these features has one.
pub(crate) fn unconditional(
    state: &mut StateDict,
    module: &str,
    [kept, transformed]: [&[usize]; 2],
    transformer: TransformerConfig,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let constants = format!("{module}.unconditional_transform");
    if !state.has_module(&constants) {
        return Ok(());
    }
    let Some(parts) = parts(transformer) else {
        return Err(ConvertError::unsupported(
            &constants,
            "a spline beside a transform that is none",
        ));
    };
    // A coupling the other way round, whose network sees nothing.
    let mut bias = vec![vec![]; kept.len()];
    for (name, count) in parts {
        let tensor = state.take(&format!("{constants}.{name}"))?;
        let values = tensor.of(&[kept.len(), count])?;
        let rows = bias.iter_mut().zip(values.chunks(count));
        rows.for_each(|(bias, row)| bias.extend_from_slice(row));
    }
    let bias: Vec<f64> = bias.into_iter().flatten().collect();
    let constant = Dense {
        rows: vec![vec![0.0; transformed.len() + layers.context()]; bias.len()],
        bias,
    };
    let mut constant = constant.by_parameter(kept.len(), transformer.parameters());
    spline(&mut constant, kept.len(), transformer, 1.0);
    let network = Perceptron::plain(vec![constant], Activation::Relu);
    layers.coupling(
        &constants,
        [transformed, kept],
        transformer,
        network,
        Way::Forward,
    )
}

/// The tensors of the constants of a spline, and their numbers for each feature.
fn parts(transformer: TransformerConfig) -> Option<Vec<(&'static str, usize)>> {
    let (widths, heights) = ("unnormalized_widths", "unnormalized_heights");
    let all = transformer.parameters();
    match transformer {
        TransformerConfig::Spline { bins, .. } => Some(vec![
            (widths, bins),
            (heights, bins),
            ("unnormalized_derivatives", all - 2 * bins),
        ]),
        TransformerConfig::PolynomialSpline { pieces, bins, .. } => Some(match pieces {
            PiecesConfig::Linear => vec![("unnormalized_pdf", bins)],
            PiecesConfig::Quadratic | PiecesConfig::QuadraticWithEnds => {
                vec![(widths, bins), (heights, all - bins)]
            }
            PiecesConfig::Cubic => vec![
                (widths, bins),
                (heights, bins),
                ("unnorm_derivatives_left", 1),
                ("unnorm_derivatives_right", 1),
            ],
        }),
        _ => None,
    }
}
