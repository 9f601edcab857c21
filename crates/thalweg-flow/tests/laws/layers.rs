//! Layers on vectors that are no couplings.

use burn::tensor::Device;
use thalweg_device::test_devices;
use thalweg_flow::{
    ActNorm, Activation, CircleShift, Curve, DiagonalScale, ElementwiseAffine, Full, Householder,
    Identity, Invert, InvertibleLinear, InvertibleResidual, LinearForm, Logit, MlpConfig,
    Nonlinearity, Planar, Plu, Radial, Reverse, Rotation, SoftClip,
};
use thalweg_laws::{Options, bijection_laws, normal, unit};

use crate::fixtures::{fresh_noise, shuffled, standardize, whiten};

fn linear<F: LinearForm>(form: F) -> InvertibleLinear<F> {
    InvertibleLinear::new(form)
}

/// A perceptron of these widths under a bound that scrambled weights exceed.
fn residual(
    [inputs, first, second, outputs]: [usize; 4],
    activation: Activation,
    device: &Device,
) -> InvertibleResidual {
    let network = MlpConfig::new(inputs, vec![first, second], outputs).with_activation(activation);
    InvertibleResidual::new(network.init(&mut fresh_noise(), device), 0.8)
}

/// The logistic function rounds to 1 in f32 from 17 on.
const LOGISTIC_EDGES: [f64; 7] = [0.0, 1e-30, -1e-30, 1.0, -1.0, 10.0, -10.0];

bijection_laws! {
    devices: test_devices();
    identity: |_| Identity::<2> {},
        data: normal([4, 3]),
        volume_preserving,
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("takes any number of features"),
        ];
    reverse: |_| Reverse::<2> {},
        data: normal([4, 5]),
        volume_preserving,
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("reverses any number of features"),
        ];
    permutation: |device| shuffled::<2>(5, device),
        data: normal([4, 5]),
        volume_preserving,
        skip: [every_parameter_has_gradient("an order does not train")];
    diagonal_scale: |device| DiagonalScale::<2>::new(4, device), data: normal([5, 4]);
    elementwise_affine: |device| ElementwiseAffine::<2>::new(4, device), data: normal([5, 4]);
    standardize_fitted: |device| standardize([20, 3], device),
        data: normal([5, 3]),
        skip: [every_parameter_has_gradient("statistics do not train")];
    whiten_fitted: whiten,
        data: normal([5, 3]),
        skip: [every_parameter_has_gradient("statistics do not train")];
    logit: |_| Logit::<2>::new(0.0),
        data: unit([5, 3]),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
        ];
    logit_of_pixels: |_| Logit::<2>::new(0.05),
        data: unit([5, 3]).with_edges(&[0.0, 1.0, 0.5]),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
        ];
    logistic: |_| Logit::<2>::new(0.0).inverted(),
        data: normal([5, 3]).with_edges(&LOGISTIC_EDGES),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
        ];
    logistic_to_pixels: |_| Logit::<2>::new(0.05).inverted(),
        data: normal([5, 3]).with_edges(&LOGISTIC_EDGES),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
        ];
    tanh: |_| Nonlinearity::<2>::new(Curve::Tanh),
        data: normal([4, 5]),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
        ];
    log_tanh: |_| Nonlinearity::<2>::new(Curve::LogTanh(0.8)),
        data: normal([4, 5]),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
        ];
    leaky_slope: |_| Nonlinearity::<2>::new(Curve::LeakySlope(0.2)),
        data: normal([4, 5]),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
        ];
    cauchy: |_| Nonlinearity::<2>::new(Curve::Cauchy),
        data: normal([4, 5]),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
        ];
    soft_clip: |_| SoftClip::<2>::new(11.0),
        data: normal([5, 3]),
        skip: [
            every_parameter_has_gradient("has no parameters"),
            refuses_other_shapes("maps any number of features"),
        ];
    circle_shift: |device| CircleShift::new(vec![2.5, 0.0, 1.5], device),
        data: unit([5, 3]),
        volume_preserving;
    actnorm: |device| ActNorm::<2>::new(4, device), data: normal([5, 4]);
    plu: |device| linear(Plu::rotation(4, &mut fresh_noise(), device)), data: normal([5, 4]);
    full: |device| linear(Full::rotation(4, &mut fresh_noise(), device)), data: normal([5, 4]);
    householder: |device| linear(Householder::new(3, 4, &mut fresh_noise(), device)),
        data: normal([5, 4]),
        volume_preserving;
    rotation: |device| linear(Rotation::new(4, &mut fresh_noise(), device)),
        data: normal([5, 4]),
        volume_preserving,
        skip: [every_parameter_has_gradient("the rotation is fixed")];
    inverted_plu: |device| linear(Plu::rotation(4, &mut fresh_noise(), device)).inverted(),
        data: normal([5, 4]);
    wide_plu: |device| linear(Plu::rotation(100, &mut fresh_noise(), device)),
        data: normal([5, 100]),
        options: Options::default().with_amplitude(0.02);
    inverted_wide_plu: |device| linear(Plu::rotation(100, &mut fresh_noise(), device)).inverted(),
        data: normal([5, 100]),
        options: Options::default().with_amplitude(0.02);
    inverted_full: |device| linear(Full::rotation(4, &mut fresh_noise(), device)).inverted(),
        data: normal([5, 4]);
    inverted_elementwise_affine: |device| ElementwiseAffine::<2>::new(3, device).inverted(),
        data: normal([5, 3]);
    invertible_residual: |device| residual([3, 8, 6, 3], Activation::Silu, device),
        data: normal([5, 3]);
    invertible_residual_of_one: |device| residual([1, 4, 1, 1], Activation::Tanh, device),
        data: normal([5, 1]);
    inverted_residual: |device| residual([3, 8, 6, 3], Activation::Silu, device).inverted(),
        data: normal([5, 3]);
    planar: |device| Planar::new(4, &mut fresh_noise(), device), data: normal([5, 4]);
    planar_in_one_dimension: |device| Planar::new(1, &mut fresh_noise(), device),
        data: normal([5, 1]);
    radial: |device| Radial::new(4, &mut fresh_noise(), device), data: normal([5, 4]);
    radial_in_one_dimension: |device| Radial::new(1, &mut fresh_noise(), device),
        data: normal([5, 1]);
}
