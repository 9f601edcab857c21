//! `MADEMoG`: a mixture of normal densities of each feature, given those before it.

use thalweg_models::composed::TransformerConfig;

use super::autoregressive::{Made, made};
use crate::layers::{Layers, Way};
use crate::state::StateDict;
use crate::{ConvertError, Options};

/// Added to the deviations.
const EPSILON: f64 = 1e-2;

/// As a base density it is a layer from such mixtures to normal numbers.
pub(super) fn mixture(
    state: &mut StateDict,
    options: &Options,
    layers: &mut Layers,
) -> Result<(), ConvertError> {
    let module = "_distribution._made";
    let mut network = made(state, module, Made::Mixture, options)?;
    let (features, parameters) = (network.config.order.len(), network.parameters);
    if !network.config.residual {
        return Err(ConvertError::unsupported(
            module,
            "a mixture whose network has no residual blocks",
        ));
    }
    let components = parameters / 3;
    if components == 0 || !parameters.is_multiple_of(3) {
        return Err(ConvertError::unsupported(
            module,
            format!("{parameters} parameters a feature; a mixture has three for each component"),
        ));
    }
    // A component has its logit, its mean and its deviation side by side; here they are a block each.
    let of = |number: usize| (0..components).map(move |component| 3 * component + number);
    let blocks = [1, 2, 0].into_iter().flat_map(of);
    let order: Vec<usize> = blocks
        .flat_map(|block| (0..features).map(move |feature| block * features + feature))
        .collect();
    let last = network.layers.len() - 1;
    network.layers[last] = network.layers[last].select(&order);
    let transformer = TransformerConfig::Gaussianization {
        components,
        weighted: Some(EPSILON),
    };
    transformer.try_transformer()?;
    layers.autoregressive(module, transformer, network, Way::Forward)
}
