//! nflows' actnorm, after its initialization.

use thalweg_flow::{ElementwiseAffine, Flow, base::StandardNormal};

use crate::compare::{Names, compare};
use crate::fixtures::Flatten;

fn names(layer: &str) -> Names {
    ["log_scale", "shift"]
        .map(|name| (format!("{layer}.{name}"), name.to_owned()))
        .into()
}

#[test]
fn nflows_actnorm_of_vectors() {
    compare(
        "nflows_actnorm_d8",
        |file, device| {
            let parameter = |name| file.tensor(name, device);
            let (log_scale, shift) = (parameter("param.log_scale"), parameter("param.shift"));
            let layer = ElementwiseAffine::<2>::from_parameters(log_scale, shift);
            Flow::new(layer, StandardNormal::new(8))
        },
        &names("bijection"),
        &[],
    );
}

#[test]
fn nflows_actnorm_of_images() {
    compare(
        "nflows_actnorm_img_c4",
        |file, device| {
            let parameter = |name| file.tensor(name, device);
            let (log_scale, shift) = (parameter("param.log_scale"), parameter("param.shift"));
            let layer = ElementwiseAffine::<4>::from_parameters(log_scale, shift);
            let image = Flatten { image: [4, 4, 4] };
            Flow::new((layer, image), StandardNormal::new(64))
        },
        &names("bijection.0"),
        &[],
    );
}
