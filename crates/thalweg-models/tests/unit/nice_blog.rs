//! The blog's NICE against its formulas, and its size against Keras' count.

use std::collections::BTreeMap;

use crate::common::{Parameter, assert_close, host, levels, mean, parameters, trainable_numbers};
use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::{BlogNoise, Noise};
use thalweg_laws::{cast, scramble};
use thalweg_models::{Nice, NiceConfig};

const FEATURES: usize = 6;

/// What Keras' `summary` shows for the blog's model on MNIST.
const ON_MNIST: usize = 19_158_352;

#[test]
fn on_784_features_it_has_as_many_parameters_as_in_keras() {
    let nice = NiceConfig::blog(784, 256).init(&Device::default());
    assert_eq!(nice.num_params(), ON_MNIST);
}

#[test]
fn the_papers_model_trains_as_many_and_keeps_the_statistics_beside_them() {
    // Narrower than the preset: one formula gives all widths.
    let sizes = |config: NiceConfig| config.with_hidden(40).with_depth(2);
    let device = Device::default().autodiff();
    let paper = sizes(NiceConfig::paper(784, 256)).init(&device);
    let blog = sizes(NiceConfig::blog(784, 256)).init(&device);
    assert_eq!(trainable_numbers(&blog), blog.num_params());
    assert_eq!(trainable_numbers(&paper), blog.num_params());
    assert_eq!(paper.num_params(), blog.num_params() + 2 * 784);
}

/// In f64, its parameters away from zero.
fn blog() -> Nice {
    let nice = NiceConfig::blog(FEATURES, 256).with_hidden(5).with_depth(2);
    let nice = scramble(nice.init(&Device::default()), 0.3);
    cast(nice, DType::F64).unwrap()
}

/// `[rows, features]` as host rows.
fn rows(x: Tensor<2>) -> Vec<Vec<f64>> {
    let features = x.dims()[1];
    host(x).chunks(features).map(<[f64]>::to_vec).collect()
}

/// A dense layer with a ReLU: `max(0, x W + b)`.
fn dense(x: &[f64], weights: &BTreeMap<String, Parameter>, path: &str) -> Vec<f64> {
    let vector = |name: &str| -> Vec<f64> {
        let data = &weights[&format!("{path}.{name}")].data;
        data.iter::<f64>().collect()
    };
    let (weight, bias) = (vector("weight"), vector("bias"));
    let outputs = bias.len();
    (0..outputs)
        .map(|o| {
            let sum: f64 = x
                .iter()
                .enumerate()
                .map(|(i, v)| v * weight[i * outputs + o])
                .sum();
            (sum + bias[o]).max(0.0)
        })
        .collect()
}

/// The encoder as the blog writes it: reverse, split in pairs, subtract, four times; then scale.
fn encoder(x: &[f64], weights: &BTreeMap<String, Parameter>) -> Vec<f64> {
    let mut x = x.to_vec();
    for step in 0..4 {
        x.reverse();
        let first: Vec<f64> = x.iter().step_by(2).copied().collect();
        let path = format!("flow.bijection.steps.{step}.coupling.conditioner.layers");
        let shift = (0..3).fold(first, |h, layer| {
            dense(&h, weights, &format!("{path}.{layer}"))
        });
        for (second, shift) in x.iter_mut().skip(1).step_by(2).zip(shift) {
            assert!(shift >= 0.0);
            *second -= shift;
        }
    }
    let scales = log_scale(weights);
    x.iter().zip(scales).map(|(v, k)| v * k.exp()).collect()
}

fn log_scale(weights: &BTreeMap<String, Parameter>) -> Vec<f64> {
    let data = &weights["flow.bijection.scale.log_scale"].data;
    data.iter::<f64>().collect()
}

#[test]
fn it_computes_the_formula_on_the_host() {
    let (nice, device) = (blog(), Device::default());
    let weights = parameters(&nice);
    let x = Noise::seeded(1).normal([7, FEATURES], &device, DType::F64);
    let wanted: Vec<f64> = rows(x.clone())
        .iter()
        .flat_map(|x| encoder(x, &weights))
        .collect();
    assert_close(&host(nice.flow.encode(x)), &wanted, 1e-12);
}

#[test]
fn the_decoder_only_adds() {
    // After the scale the decoder consists of shifts, each of them a ReLU's, and of reversals,
    // four of which leave the order.
    let device = Device::default();
    let nice = NiceConfig::blog(FEATURES, 256)
        .with_hidden(16)
        .with_depth(2);
    let nice = cast(nice.init(&device), DType::F64).unwrap();
    let scales = log_scale(&parameters(&nice));
    let z = Noise::seeded(1).normal([50, FEATURES], &device, DType::F64);
    let scaled = rows(z.clone()).concat();
    let scaled = scaled
        .iter()
        .zip(scales.iter().cycle())
        .map(|(z, k)| z * (-k).exp());
    let decoded = host(nice.flow.decode(z));
    let added: Vec<f64> = decoded.iter().zip(scaled).map(|(x, h)| x - h).collect();
    assert!(added.iter().all(|a| *a >= -1e-12), "{added:?}");
    assert!(added.iter().any(|a| *a > 1e-3), "nothing was added");
}

#[test]
fn the_loss_is_the_one_of_the_keras_code() {
    let (nice, device) = (blog(), Device::default());
    let weights = parameters(&nice);
    let pixels = levels([9, FEATURES], 256, 2, &device).cast(DType::F64);
    let x = BlogNoise::default().apply(pixels.clone().div_scalar(255.0), &mut Noise::seeded(5));
    let same_by_hand = pixels.clone().div_scalar(255.0)
        - Noise::seeded(5)
            .uniform([9, FEATURES], &device, DType::F64)
            .mul_scalar(0.01);
    assert_close(&host(x.clone()), &host(same_by_hand), 1e-15);

    let cost = |x: &Vec<f64>| -> f64 {
        let z = encoder(x, &weights);
        z.iter().map(|z| 0.5 * z * z).sum()
    };
    let costs: Vec<f64> = rows(x).iter().map(cost).collect();
    let keras = mean(&costs) - log_scale(&weights).iter().sum::<f64>();
    // Keras leaves the normal density's constant out.
    let constant = 0.5 * FEATURES as f64 * std::f64::consts::TAU.ln();
    let loss = nice.loss(pixels, &mut Noise::seeded(5)).unwrap();
    assert_close(&host(loss), &[keras + constant], 1e-12);
}

#[test]
fn the_papers_loss_is_the_mean_of_its_log_densities() {
    let device = Device::default();
    let nice = scramble(NiceConfig::paper(4, 16).with_hidden(4).init(&device), 0.3);
    let data = levels([9, 4], 16, 2, &device);
    let log_prob = host(nice.log_prob(data.clone(), &mut Noise::seeded(3)).unwrap());
    let loss = host(nice.loss(data, &mut Noise::seeded(3)).unwrap());
    assert_close(&loss, &[-mean(&log_prob)], 1e-5);
}

#[test]
fn each_preset_has_its_authors_temperature() {
    assert_eq!(NiceConfig::blog(2, 2).temperature(), 0.75);
    assert_eq!(NiceConfig::paper(2, 2).temperature(), 1.0);
}

#[test]
fn temperature_multiplies_the_latents() {
    let nice = blog();
    for (temperature, seed) in [(1.0, 3), (0.75, 3), (0.0, 3)] {
        let y = nice.sample(5, temperature, &mut Noise::seeded(seed));
        let z = Noise::seeded(seed).normal([5, FEATURES], &Device::default(), DType::F64);
        let wanted = nice.decode(z.mul_scalar(temperature));
        assert_close(&host(y), &host(wanted), 1e-12);
    }
}
