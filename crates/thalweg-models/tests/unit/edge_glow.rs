//! Edge Glow: its laws, its start, and what its priors see.

use crate::common::host;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;
use thalweg_laws::{bijection_laws, scramble, unit};
use thalweg_models::{EdgeGlowConfig, ImageSize};

fn small(shape: [usize; 3], additive: bool) -> EdgeGlowConfig {
    EdgeGlowConfig::new(ImageSize::new(shape), additive)
        .with_scales(2)
        .with_depth(1)
        .with_hidden(4)
}

bijection_laws! {
    devices: cpu_devices();
    affine: |device| small([1, 4, 8], false).init(device).flow.bijection,
        data: unit([3, 1, 4, 8]),
        options: thalweg_laws::Options::default().with_amplitude(0.2),
        skip: [TotalOnFiniteInputs(
            "as published, log-deviations have no bound: far beyond the unit cube their exponentials overflow"
        )];
    additive: |device| small([1, 4, 4], true).init(device).flow.bijection,
        data: unit([3, 1, 4, 4]),
        options: thalweg_laws::Options::default().with_amplitude(0.2),
        skip: [TotalOnFiniteInputs(
            "as published, log-deviations have no bound: far beyond the unit cube their exponentials overflow"
        )];
    three_channels: |device| {
            let config = small([3, 4, 4], false).with_scales(1);
            config.init(device).flow.bijection
        },
        data: unit([2, 3, 4, 4]),
        options: thalweg_laws::Options::default().with_amplitude(0.2),
        skip: [TotalOnFiniteInputs(
            "as published, log-deviations have no bound: far beyond the unit cube their exponentials overflow"
        )];
}

/// The couplings of an untrained model scale by `σ(2)`, and half of the numbers pass each.
#[test]
fn an_untrained_model_mixes_and_contracts() {
    let device = Device::default();
    let shape = [2, 1, 4, 4];
    let y = Noise::seeded(1).uniform(shape, &device, DType::F32);
    let log_det = |additive| {
        let config = small([1, 4, 4], additive).with_scales(1).with_depth(3);
        let model = config.init(&device);
        let z = model.encode(y.clone()).flatten();
        let normal = z.square().sum_dim(1).mul_scalar(-0.5);
        let normal = normal.sub_scalar(8.0 * (2.0 * std::f64::consts::PI).ln());
        host(model.flow.log_prob(y.clone()) - normal.flatten(0, 1))
    };
    let expected = 3.0 * 8.0 * (1.0 / (1.0 + (-2.0_f64).exp())).ln();
    for found in log_det(false) {
        assert!((found - expected).abs() < 1e-4, "{found}, {expected}");
    }
    for found in log_det(true) {
        assert!(found.abs() < 1e-4, "{found}");
    }
}

/// Of equal channels, the top prior tells the border from the inside.
#[test]
fn the_top_prior_depends_on_the_place() {
    let device = Device::default();
    let config = small([1, 8, 8], true).with_scales(1);
    let model = scramble(config.init(&device), 0.3);
    let latents = model.latents(1, &[0.0], &mut Noise::seeded(0));
    let y = model.decode(latents);
    let at = |row: i32, column: i32| {
        let block = y
            .clone()
            .slice([0..1, 0..1, row..row + 2, column..column + 2]);
        host(block.flatten::<1>(0, 3))
    };
    let far = |a: &[f64], b: &[f64]| a.iter().zip(b).any(|(a, b)| (a - b).abs() > 1e-3);
    assert!(far(&at(0, 0), &at(4, 4)), "{y}");
}

#[test]
fn sizes_are_checked() {
    let device = Device::default();
    let problem = |config: EdgeGlowConfig| config.try_init(&device).unwrap_err().to_string();
    let found = problem(small([1, 6, 8], false));
    assert!(
        found.starts_with("edge glow: 2 scales need an image"),
        "{found}"
    );
    let found = problem(small([1, 8, 8], false).with_hidden(0));
    assert_eq!(found, "edge glow: hidden is 0, but must be at least 1");
    let found = problem(small([1, 8, 8], false).with_depth(0));
    assert_eq!(found, "edge glow: depth is 0, but must be at least 1");
}

/// The sum of all weights and a channel of ones make of padding with zeros any other padding.
#[test]
fn the_edge_channel_is_a_padding() {
    use thalweg_flow::{Network, SameConv, WithEdge};
    let (device, mut noise) = (Device::default(), Noise::seeded(4));
    let mut normal = |shape| noise.normal(shape, &device, DType::F64);
    let (weight, x) = (normal([3, 2, 3, 3]), normal([2, 2, 5, 4]));
    let padded = Tensor::<4>::ones([2, 2, 7, 6], (&device, DType::F64));
    let padded = padded.slice_assign([0..2, 0..2, 1..6, 1..5], x.clone());
    let bias = Tensor::<1>::zeros([3], (&device, DType::F64));
    let wide = SameConv::from_parameters(weight.clone(), bias).forward(padded);
    let expected = wide.slice([0..2, 0..3, 1..6, 1..5]);
    let sums = weight.clone().sum_dim(1);
    let bias = sums.clone().sum_dim(2).sum_dim(3).flatten::<1>(0, 3);
    let conv = SameConv::from_parameters(Tensor::cat(vec![weight, sums.neg()], 1), bias);
    let found = WithEdge::new(conv).apply(x, &());
    let worst = (found - expected).abs().max().into_scalar::<f64>();
    assert!(worst < 1e-12, "{worst:e}");
}
