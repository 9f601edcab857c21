//! Compiled models give what the tensors give, always the same bits, from any number of threads.

use crate::common::{assert_close, assert_same_from_threads, host, numbers, wide};
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_device::cpu_devices;
use thalweg_flow::compiled::{CompiledFlow, Scratch};
use thalweg_flow::{Activation, Noise};
use thalweg_laws::scramble;
use thalweg_models::{
    AutoregressiveFlowConfig, CouplingFlow, CouplingFlowConfig, CouplingStyle, NiceConfig,
};

const ROWS: usize = 9;

/// Densities, latents, data of latents and samples, row by row.
fn compare(
    compiled: &CompiledFlow,
    x: Tensor<2>,
    log_prob: Tensor<1>,
    z: Tensor<2>,
    sample: impl Fn(usize, f64, &mut Noise) -> Tensor<2>,
) {
    let (features, mut scratch) = (compiled.numbers(), Scratch::default());
    let points = numbers(x.clone());
    let rows = points.chunks(features);
    let found: Vec<f32> = rows.map(|x| compiled.log_prob(x, &mut scratch)).collect();
    assert_close(&wide(&found), &host(log_prob), 1e-5);

    let mut latents = points.clone();
    compiled.encode(&mut latents, &mut scratch);
    assert_close(&wide(&latents), &host(z), 1e-5);
    compiled.decode(&mut latents, &mut scratch);
    assert_close(&wide(&latents), &host(x), 2e-5);

    let expected = host(sample(ROWS, 0.8, &mut Noise::seeded(7)));
    let mut found = vec![0.0; ROWS * features];
    compiled.sample(0.8, &mut Noise::seeded(7), &mut found, &mut scratch);
    assert_close(&wide(&found), &expected, 1e-5);
}

fn data(features: usize, device: &Device) -> Tensor<2> {
    Noise::seeded(3).normal([ROWS, features], device, DType::F32)
}

fn coupling_flow(config: &CouplingFlowConfig, device: &Device) -> CouplingFlow {
    let shifted = data(config.features, device) * 2.0 + 1.0;
    scramble(config.init(device), 0.1)
        .initialize(&shifted)
        .unwrap()
}

#[test]
fn coupling_flows_of_every_style() {
    let spline = CouplingStyle::Spline {
        bins: 5,
        bound: 2.0,
    };
    let circular = CouplingStyle::CircularSpline {
        bins: 5,
        bound: 12.0,
    };
    let styles = [
        (CouplingStyle::Additive, 2),
        (CouplingStyle::Affine, 3),
        (CouplingStyle::SigmoidShift, 5),
        (spline, 4),
        (circular, 3),
    ];
    for device in cpu_devices() {
        for (style, features) in styles {
            let config = CouplingFlowConfig::new(features, style).with_couplings(4);
            let residual = config.clone().with_residual(true);
            for config in [
                config.with_hidden(vec![33, 17]),
                residual
                    .with_hidden(vec![17, 17])
                    .with_activation(Activation::Silu),
            ] {
                let flow = coupling_flow(&config, &device);
                let x = data(features, &device);
                let (log_prob, z) = (flow.log_prob(x.clone()), flow.encode(x.clone()));
                let sample = |n, t, noise: &mut Noise| flow.sample(n, t, noise);
                compare(&flow.compile(), x, log_prob, z, sample);
            }
        }
    }
}

#[test]
fn autoregressive_flows_of_either_direction() {
    for device in cpu_devices() {
        for config in [
            AutoregressiveFlowConfig::maf(5),
            AutoregressiveFlowConfig::nsf_ar(4),
            AutoregressiveFlowConfig::iaf(3),
            AutoregressiveFlowConfig::nsf_ar(3).with_residual(true),
        ] {
            let config = config.with_transforms(3).with_hidden(vec![17, 17]);
            let x = data(config.features, &device);
            let shifted = x.clone() * 2.0 + 1.0;
            let flow = scramble(config.init(&device), 0.1);
            let flow = flow.initialize(&shifted).unwrap();
            let (log_prob, z) = (flow.log_prob(x.clone()), flow.encode(x.clone()));
            let sample = |n, t, noise: &mut Noise| flow.sample(n, t, noise);
            compare(&flow.compile(), x, log_prob, z, sample);
        }
    }
}

#[test]
fn nice_of_both_styles() {
    for device in cpu_devices() {
        for config in [NiceConfig::paper(7, 17), NiceConfig::blog(7, 17)] {
            let config = config.with_hidden(20).with_depth(2);
            let nice = scramble(config.init(&device), 0.1);
            let y: Tensor<2> = Noise::seeded(3).uniform([ROWS, 7], &device, DType::F32);
            // Levels that are dequantized by noise of a known seed are these points.
            let levels = (y * 17.0).floor();
            let noise = || Noise::seeded(5);
            let (y, _) = thalweg_flow::Dequantize::uniform(17)
                .apply(levels.clone(), &mut noise())
                .unwrap();
            let log_prob = nice.log_prob(levels.clone(), &mut noise()).unwrap();
            let z = nice.encode_levels(levels, &mut noise()).unwrap();
            let sample = |n, t, noise: &mut Noise| nice.sample(n, t, noise);
            compare(&nice.compile(), y, log_prob, z, sample);
        }
    }
}

/// Also where the outer parts of splines and ReLUs that are zero come in.
#[test]
fn far_points_and_zeros() {
    let device = Device::default();
    let config = CouplingFlowConfig::nsf(2)
        .with_couplings(3)
        .with_hidden(vec![16]);
    let flow = coupling_flow(&config, &device);
    let rows = [[0.0f32, 0.0], [50.0, -3.0], [-7.0, 7.0], [3.0, -3.0]];
    let (compiled, mut scratch) = (flow.compile(), Scratch::default());
    for row in rows {
        let x = Tensor::from_data(TensorData::new(row.to_vec(), [1, 2]), &device);
        let expected = host(flow.log_prob(x));
        assert_close(
            &[compiled.log_prob(&row, &mut scratch).into()],
            &expected,
            1e-5,
        );
    }
    assert!(compiled.log_prob(&[f32::NAN, 0.0], &mut scratch).is_nan());
}

#[test]
fn threads_share_a_flow_and_find_the_same_bits() {
    let device = Device::default();
    let flow = coupling_flow(&CouplingFlowConfig::realnvp(3), &device);
    let compiled = flow.compile();
    let points = numbers(data(3, &device));
    let all = || {
        let mut scratch = Scratch::default();
        let rows = points.chunks(3).cycle().take(500);
        let bits = rows.map(|x| compiled.log_prob(x, &mut scratch).to_bits());
        bits.collect::<Vec<_>>()
    };
    assert_same_from_threads(all);
}

/// The form of a copy that is changed afterwards is the old one.
#[test]
fn a_compiled_flow_does_not_follow_the_model() {
    let device = Device::default();
    let flow = coupling_flow(&CouplingFlowConfig::realnvp(2), &device);
    let (compiled, mut scratch) = (flow.compile(), Scratch::default());
    let before = compiled.log_prob(&[0.1, 0.2], &mut scratch);
    let moved = scramble(flow, 0.2);
    assert_eq!(compiled.log_prob(&[0.1, 0.2], &mut scratch), before);
    assert_ne!(moved.compile().log_prob(&[0.1, 0.2], &mut scratch), before);
}

#[test]
#[should_panic(expected = "3 numbers are no points of 2 features")]
fn a_point_of_another_size_is_refused() {
    let flow = CouplingFlowConfig::realnvp(2).init(&Device::default());
    flow.compile()
        .log_prob(&[1.0, 2.0, 3.0], &mut Scratch::default());
}
