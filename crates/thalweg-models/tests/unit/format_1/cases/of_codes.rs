//! Models of categories.

use burn::tensor::Tensor;
use thalweg_models::{CategoricalConfig, VibConfig};

use super::{Case, case, same, vectors};
use crate::common::host;
use crate::format_1::inputs::Inputs;

/// Of classes and codes.
pub(super) fn all() -> Vec<Case> {
    let codes = vec![0.0, 2.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0];
    let codes = || Inputs::default().with_numbers("codes", &[3, 3], codes.clone());
    let config = || CategoricalConfig::new(vec![2, 3, 2]).with_hidden(vec![4]);
    let vib = VibConfig::new(3, 3).with_hidden(vec![4]).with_width(2);
    vec![
        case(
            "categorical",
            config(),
            same,
            codes(),
            |model, device, inputs| host(model.log_prob(inputs.whole("codes", device))),
        ),
        case(
            "categorical-conditional",
            config().with_context(2),
            same,
            codes().with("context", &[3, 2], [-1.0, 1.0]),
            |model, device, inputs| {
                let context = inputs.tensor("context", device);
                host(
                    model
                        .given(&context)
                        .log_prob(inputs.whole("codes", device)),
                )
            },
        ),
        case("vib", vib, same, vectors(), |vib, device, inputs| {
            let x: Tensor<2> = inputs.tensor("x", device);
            let logits = host(vib.mean_logits(x.clone()).unwrap());
            [logits, host(vib.rate(x).unwrap())].concat()
        }),
    ]
}
