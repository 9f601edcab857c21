//! Chains of layers: tuples, vectors, options, and those inside one another.

use burn::tensor::Device;
use thalweg_device::test_devices;
use thalweg_flow::{
    Affine, Coupling, DiagonalScale, ElementwiseAffine, Identity, Invert, Logit, Mlp, Reverse,
    Split, WithContext,
};
use thalweg_laws::{bijection_laws, normal, unit};

use crate::fixtures::{affine, mlp, shuffled, standardize};

type Step = (ElementwiseAffine, Coupling<Affine, Mlp>);

fn steps(count: usize, device: &Device) -> Vec<Step> {
    (0..count)
        .map(|layer| {
            let split = Split::half().alternating(layer);
            (ElementwiseAffine::new(4, device), affine(split, 4, device))
        })
        .collect()
}

fn conditional(device: &Device) -> Coupling<Affine, WithContext<Mlp>> {
    Coupling::new(
        Split::half(),
        Affine::new(),
        WithContext::new(mlp(2 + 1, 4, device)),
    )
}

bijection_laws! {
    devices: test_devices();
    two: |device| (DiagonalScale::<2>::new(4, device), affine(Split::half(), 4, device)),
        data: normal([4, 4]);
    three: |device| (
            affine(Split::half(), 4, device),
            Reverse::<2> {},
            affine(Split::half(), 4, device),
        ),
        data: normal([4, 4]);
    four: |device| (
            Logit::<2>::new(0.05),
            shuffled::<2>(4, device),
            affine(Split::even_odd(), 4, device),
            DiagonalScale::<2>::new(4, device),
        ),
        data: unit([4, 4]);
    five: |device| (
            standardize([20, 4], device),
            affine(Split::half(), 4, device),
            shuffled::<2>(4, device),
            affine(Split::half(), 4, device).inverted(),
            ElementwiseAffine::<2>::new(4, device),
        ),
        data: normal([4, 4]),
        options: thalweg_laws::Options::default().with_amplitude(0.2);
    six: |device| (
            Identity::<2> {},
            DiagonalScale::<2>::new(4, device),
            Reverse::<2> {},
            affine(Split::half(), 4, device),
            shuffled::<2>(4, device),
            ElementwiseAffine::<2>::new(4, device),
        ),
        data: normal([4, 4]);
    repeated: |device| vec![
            affine(Split::half(), 4, device),
            affine(Split::half().swapped(), 4, device),
            affine(Split::half(), 4, device),
        ],
        data: normal([4, 4]);
    present: |device| Some(affine(Split::half(), 4, device)), data: normal([4, 4]);
    absent: |_| None::<Reverse<2>>,
        data: normal([4, 4]),
        volume_preserving,
        skip: [
            every_parameter_has_gradient("there is no layer"),
            refuses_other_shapes("takes any number of features"),
        ];
    nested: |device| (steps(2, device), Some(shuffled::<2>(4, device)), steps(1, device)),
        data: normal([4, 4]);
    nested_inverted: |device| (steps(1, device), Reverse::<2> {}).inverted(),
        data: normal([4, 4]);
    given_context: |device| (
            ElementwiseAffine::<2>::new(4, device),
            vec![conditional(device), conditional(device)],
            Reverse::<2> {},
        ),
        data: normal([4, 4]), context: normal([4, 1]);
}
