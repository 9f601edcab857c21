//! Layers and couplings on images: axis 1 is the channel.

use thalweg_device::test_devices;
use thalweg_flow::{
    ActNorm, Additive, Affine, Coupling, DiagonalScale, ElementwiseAffine, Full, Haar, Identity,
    Invert, Invertible1x1, Logit, Plu, PositionAffine, RationalQuadratic, Reverse, Split, Squeeze,
    SqueezeOrder,
};
use thalweg_laws::{bijection_laws, normal, unit};

use crate::fixtures::{Pointwise, fresh_noise, shuffled, standardize};

bijection_laws! {
    devices: test_devices();
    identity: |_| Identity::<4> {},
        data: normal([3, 2, 2, 2]),
        volume_preserving,
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("takes any number of features"),
        ];
    reverse: |_| Reverse::<4> {},
        data: normal([3, 3, 2, 2]),
        volume_preserving,
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("reverses any number of features"),
        ];
    permutation: |device| shuffled::<4>(5, device),
        data: normal([3, 5, 2, 1]),
        volume_preserving,
        skip: [every_parameter_has_gradient("an order does not train")];
    diagonal_scale: |device| DiagonalScale::<4>::new(3, device), data: normal([3, 3, 2, 2]);
    elementwise_affine: |device| ElementwiseAffine::<4>::new(3, device),
        data: normal([3, 3, 2, 2]);
    position_affine: |device| PositionAffine::identity([3, 2, 2], device),
        data: normal([3, 3, 2, 2]);
    standardize_fitted: |device| standardize([6, 3, 2, 2], device),
        data: normal([3, 3, 2, 2]),
        skip: [every_parameter_has_gradient("statistics do not train")];
    logit: |_| Logit::<4>::new(0.05),
        data: unit([3, 2, 2, 2]).with_edges(&[0.0, 1.0, 0.5]),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
        ];
    actnorm: |device| ActNorm::<4>::new(3, device), data: normal([3, 3, 2, 2]);
    invertible_1x1: |device| Invertible1x1::new(Plu::rotation(3, &mut fresh_noise(), device)),
        data: normal([3, 3, 2, 2]);
    invertible_1x1_full: |device| {
            Invertible1x1::new(Full::rotation(3, &mut fresh_noise(), device))
        },
        data: normal([3, 3, 2, 1]);
    squeeze: |_| Squeeze::new(),
        data: normal([3, 2, 4, 2]),
        volume_preserving,
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("takes any number of channels"),
        ];
    squeeze_pixels_first_by_3: |_| Squeeze::with(3, SqueezeOrder::PixelFirst),
        data: normal([2, 2, 3, 6]),
        volume_preserving,
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("takes any number of channels"),
        ];
    unsqueeze: |_| Squeeze::new().inverted(),
        data: normal([3, 8, 2, 1]),
        volume_preserving,
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("gives any number of channels"),
        ];
    haar: |_| Haar::new(),
        data: normal([3, 2, 4, 2]),
        volume_preserving,
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("takes any number of channels"),
        ];
    additive_on_halves: |device| {
            Coupling::<_, _, 4>::new(Split::half(), Additive::new(), Pointwise::new(2, 2, device))
        },
        data: normal([3, 4, 2, 2]),
        volume_preserving,
        skip: [compiled_agrees("its network is written for this test")];
    affine_on_odd_channels: |device| {
            Coupling::<_, _, 4>::new(Split::half(), Affine::new(), Pointwise::new(1, 4, device))
        },
        data: normal([3, 3, 2, 2]),
        skip: [compiled_agrees("its network is written for this test")];
    spline_on_channels: |device| {
            let spline = RationalQuadratic::new(3, 3.0);
            Coupling::<_, _, 4>::new(Split::half(), spline, Pointwise::new(1, 16, device))
        },
        data: normal([3, 3, 2, 2]),
        skip: [compiled_agrees("its network is written for this test")];
    affine_on_every_other_channel: |device| {
            let split = Split::even_odd().swapped();
            Coupling::<_, _, 4>::new(split, Affine::new(), Pointwise::new(2, 6, device))
        },
        data: normal([3, 5, 2, 1]),
        skip: [compiled_agrees("its network is written for this test")];
}
