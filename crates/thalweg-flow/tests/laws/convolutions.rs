//! Convolutional networks in couplings between channels and between neighbouring pixels.

use burn::tensor::Device;
use thalweg_device::test_devices;
use thalweg_flow::{
    Activation, Additive, Affine, Checkerboard, ConvNet, ConvNetConfig, Coupling,
    RationalQuadratic, ResidualConvNetConfig, SameConvConfig, Split, WithContext,
};
use thalweg_laws::{bijection_laws, normal};

use crate::fixtures::fresh_noise;

fn config(inputs: usize, outputs: usize) -> ConvNetConfig {
    // Smooth, so that a Jacobian by autodiff is the one that differences would find.
    ConvNetConfig::new(inputs, 5, outputs).with_activation(Activation::Silu)
}

fn net(inputs: usize, outputs: usize, device: &Device) -> ConvNet {
    config(inputs, outputs).init(&mut fresh_noise(), device)
}

fn half<N: thalweg_flow::Network<(), 4>>(network: N) -> Coupling<Affine, N, 4> {
    Coupling::new(Split::half(), Affine::new(), network)
}

bijection_laws! {
    devices: test_devices();
    plain: |device| half(net(1, 4, device)), data: normal([3, 3, 3, 2]);
    more_inputs_than_hidden: |device| {
            Coupling::<_, _, 4>::new(Split::at(6), Additive::new(), net(6, 1, device))
        },
        data: normal([2, 7, 2, 2]),
        volume_preserving;
    normalized: |device| {
            let config = config(1, 4).with_actnorm(true).with_gain(true);
            half(config.init(&mut fresh_noise(), device))
        },
        data: normal([3, 3, 2, 3]),
        options: thalweg_laws::Options::default().with_amplitude(0.3);
    residual: |device| {
            let config = ResidualConvNetConfig::new(1, 4, 2, 4).with_activation(Activation::Tanh);
            half(config.init(&mut fresh_noise(), device))
        },
        data: normal([2, 3, 3, 3]);
    residual_normalized: |device| {
            let config = ResidualConvNetConfig::new(1, 4, 1, 4)
                .with_activation(Activation::Tanh)
                .with_actnorm(true);
            half(config.init(&mut fresh_noise(), device))
        },
        data: normal([2, 3, 3, 3]),
        options: thalweg_laws::Options::default().with_amplitude(0.3);
    one_layer: |device| half(SameConvConfig::new(1, 4, 5).init(&mut fresh_noise(), device)),
        data: normal([2, 3, 2, 4]);
    given_context: |device| {
            let net = WithContext::new(net(1 + 2, 4, device));
            Coupling::<_, _, 4>::new(Split::half(), Affine::new(), net)
        },
        data: normal([3, 3, 2, 2]), context: normal([3, 2]);

    checkerboard_of_one_channel: |device| Checkerboard::new(Affine::new(), net(1, 2, device)),
        data: normal([3, 1, 3, 3]);
    checkerboard_swapped: |device| {
            Checkerboard::new(Affine::new(), net(2, 4, device)).swapped()
        },
        data: normal([3, 2, 2, 3]);
    checkerboard_additive: |device| Checkerboard::new(Additive::new(), net(1, 1, device)),
        data: normal([3, 1, 1, 5]),
        volume_preserving;
    checkerboard_of_splines: |device| {
            let spline = RationalQuadratic::new(3, 3.0);
            Checkerboard::new(spline, net(1, 8, device)).alternating(1)
        },
        data: normal([3, 1, 2, 4]);
    checkerboard_given_context: |device| {
            Checkerboard::new(Affine::new(), WithContext::new(net(1 + 2, 2, device)))
        },
        data: normal([3, 1, 3, 2]), context: normal([3, 2]);
}
