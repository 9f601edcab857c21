//! Glow and RealNVP learn, and stay finite on data that are hard on them.

use crate::common::{assert_close, host, mean};
use burn::module::Module;
use burn::optim::AdamConfig;
use burn::tensor::{DType, Device, Tensor};
use thalweg_data::{Batches, RowSplit, digits};
use thalweg_flow::{Bijection, Latents, Noise};
use thalweg_models::image::ImageConfig;
use thalweg_models::{GlowConfig, ImageFlow, ImageSize, RealNvpConfig};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Outcome, Trainer};

type Model<K> = ImageFlow<<K as ImageConfig>::Bijection, K>;

/// Trains on `levels` and returns the model, which must not have become infinite on the way.
fn trained<K>(model: Model<K>, levels: Tensor<4>, steps: usize) -> Model<K>
where
    K: ImageConfig,
    K::Bijection: Bijection<Data = Tensor<4>, Latent = Latents>,
{
    let model = model
        .initialize(levels.clone(), &mut Noise::seeded(0))
        .unwrap();
    let batches = Batches::new(levels, 32, 0);
    let run = Trainer::new(steps, 2e-3).max_steps(steps).fit(
        model,
        SingleGradient::new(AdamConfig::new().init()),
        &Data::train(|epoch| batches.epoch(epoch)),
        |model: &Model<K>, levels, seed| model.loss(levels, &mut Noise::seeded(seed)),
        &mut (),
    );
    assert!(matches!(run.outcome, Outcome::MaxSteps), "{}", run.outcome);
    run.model.valid()
}

fn glow(size: ImageSize) -> GlowConfig {
    GlowConfig::openai(size)
        .with_scales(2)
        .with_depth(2)
        .with_hidden(16)
}

fn digit_planes(rows: &[usize]) -> Tensor<4> {
    digits().select(rows).to_planes(&Device::default())
}

#[test]
fn both_learn_digits() {
    let split = RowSplit::modulo(digits().count());
    let (train, test) = (digit_planes(&split.train), digit_planes(&split.test));
    let size = ImageSize::new([1, 8, 8]).with_levels(17);
    let device = Device::default().autodiff();
    let bits = |nats: Tensor<1>| 17f64.log2() - mean(&host(nats)) / (64.0 * 2f64.ln());

    let model = trained(glow(size).init(&device), train.clone(), 100);
    let found = bits(model.log_prob(test.clone(), &mut Noise::seeded(1)).unwrap());
    assert!(found < 3.4, "Glow: {found} bits/dim"); // uniform: 4.09
    let z = model.encode(
        model
            .dequantize()
            .apply(test.clone(), &mut Noise::seeded(1))
            .unwrap()
            .0,
    );
    let back = model.decode(z.clone());
    let again = model.encode(back);
    assert_close(&host(again.flatten()), &host(z.flatten()), 1e-4);

    let config = RealNvpConfig::paper(size)
        .with_scales(2)
        .with_hidden(8)
        .with_blocks(1);
    let model = trained(config.init(&device), train, 60);
    let found = bits(model.log_prob(test, &mut Noise::seeded(1)).unwrap());
    assert!(found < 3.6, "RealNVP: {found} bits/dim");
}

/// 200 steps on grey that varies by one level, and with a channel that does not vary at all: the
/// scales of the actnorms are large, and the density of what is constant grows without end.
#[test]
fn tiny_variance_and_a_constant_channel_stay_finite() {
    let device = Device::default();
    let u = Noise::seeded(2).uniform([64, 3, 8, 8], &device, DType::F32);
    let nearly = (u + 127.5).floor();
    let constant = Tensor::full([64, 1, 8, 8], 30.0, &device);
    let levels = Tensor::cat(vec![nearly.narrow(1, 0, 2), constant], 1);
    let size = ImageSize::new([3, 8, 8]);
    let model = trained(
        glow(size).init(&device.clone().autodiff()),
        levels.clone(),
        200,
    );
    let nats = host(
        model
            .log_prob(levels.clone(), &mut Noise::seeded(3))
            .unwrap(),
    );
    assert!(nats.iter().all(|n| n.is_finite()), "{nats:?}");
    // 192 numbers: a constant costs nothing, one of two values one bit.
    let bits = 8.0 - mean(&nats) / (192.0 * 2f64.ln());
    assert!(bits < 3.0, "{bits} bits/dim");
    let samples = host(model.sample(8, 1.0, &mut Noise::seeded(4)));
    assert!(samples.iter().all(|y| y.is_finite() && y.abs() < 10.0));
}

/// The same without dequantization in front, where a batch can be constant to the bit.
#[test]
fn a_bijection_alone_survives_a_constant_channel() {
    let device = Device::default();
    let y: Tensor<4> = Noise::seeded(5).normal([64, 2, 8, 8], &device, DType::F32) * 1e-7 + 0.5;
    let y = Tensor::cat(vec![y, Tensor::full([64, 1, 8, 8], 0.25, &device)], 1);
    let model = glow(ImageSize::new([3, 8, 8])).init(&device.clone().autodiff());
    let mut flow = model.flow.initialize(y.clone(), &()).unwrap();
    let mut adam: burn::optim::ModuleOptimizer = AdamConfig::new().init();
    for step in 0..200 {
        let loss = flow.log_prob(y.clone()).mean().neg();
        assert!(loss.clone().into_scalar::<f32>().is_finite(), "step {step}");
        let gradients = burn::optim::GradientsParams::from_grads(loss.backward(), &flow);
        flow = adam.step(1e-3, flow, gradients);
    }
    // The numbers near 0.5 are 6e-8 apart in f32, hardly less than their deviation: after 200 steps the
    // worst is off by 4.7e-3 in operations of tensors and by 6.8e-3 in one pass.
    let back = flow.valid().decode(flow.valid().encode(y.clone()));
    assert_close(&host(back), &host(y), 1e-2);
}
