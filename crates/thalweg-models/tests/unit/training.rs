//! A NICE learns, the seed alone decides what, and a layer that overflows is found.

use std::sync::OnceLock;

use crate::common::{assert_close, host, mean, parameters};
use burn::module::Module;
use burn::optim::AdamConfig;
use burn::tensor::{Device, Tensor};
use thalweg_data::{Batches, RowSplit, digits};
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;
use thalweg_models::{CouplingFlow, CouplingFlowConfig, Nice, NiceConfig};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Origin, Outcome, Trainer};

const STEPS: usize = 40;

/// Training and held-out digits.
fn data(device: &Device) -> [Tensor<2>; 2] {
    let (digits, split) = (digits(), RowSplit::modulo(digits().count()));
    [&split.train, &split.test].map(|rows| digits.select(rows).to_tensor(device))
}

fn start(config: NiceConfig, train: &Tensor<2>) -> Nice {
    let nice = config.init(&train.device().autodiff());
    nice.initialize(train.clone(), &mut Noise::seeded(0))
        .unwrap()
}

fn small(seed: u64) -> NiceConfig {
    NiceConfig::paper(64, 17)
        .with_hidden(32)
        .with_depth(2)
        .with_seed(seed)
}

fn trained(config: NiceConfig) -> Nice {
    let [train, _] = data(&Device::default());
    let nice = start(config.clone(), &train);
    let batches = Batches::new(train, 64, config.seed);
    let run = Trainer::new(10, 2e-3)
        .seed(config.seed)
        .max_steps(STEPS)
        .fit(
            nice,
            SingleGradient::new(AdamConfig::new().init()),
            &Data::train(|epoch| batches.epoch(epoch)),
            |nice: &Nice, levels, seed| nice.loss(levels, &mut Noise::seeded(seed)),
            &mut (),
        );
    assert!(matches!(run.outcome, Outcome::MaxSteps), "{}", run.outcome);
    run.model.valid()
}

/// The run that several tests look at.
fn model() -> &'static Nice {
    static MODEL: OnceLock<Nice> = OnceLock::new();
    MODEL.get_or_init(|| trained(small(0)))
}

fn held_out_nats(nice: &Nice, held_out: &Tensor<2>) -> f64 {
    mean(&host(
        nice.log_prob(held_out.clone(), &mut Noise::seeded(9))
            .unwrap(),
    ))
}

#[test]
fn forty_steps_raise_the_likelihood_of_held_out_digits() {
    let [train, held_out] = data(&Device::default());
    let before = held_out_nats(&start(small(0), &train).valid(), &held_out);
    let after = held_out_nats(model(), &held_out);
    assert!(after > before + 5.0, "{before} nats before, {after} after");
}

#[test]
fn the_blogs_model_learns_too() {
    let config = NiceConfig::blog(64, 17).with_hidden(32).with_depth(2);
    let [train, held_out] = data(&Device::default());
    let before = held_out_nats(&start(config.clone(), &train).valid(), &held_out);
    let after = held_out_nats(&trained(config), &held_out);
    assert!(after > before + 5.0, "{before} nats before, {after} after");
}

#[test]
fn the_same_seed_gives_the_same_weights_to_the_bit() {
    assert_eq!(parameters(model()), parameters(&trained(small(0))));
}

#[test]
fn another_seed_gives_other_weights() {
    assert_ne!(parameters(model()), parameters(&trained(small(1))));
}

#[test]
fn one_seed_gives_the_same_samples_on_every_device() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model().save(&path).unwrap();
    let samples = |device: &Device| {
        let nice = Nice::load(&path, device).unwrap();
        host(nice.sample(10, 1.0, &mut Noise::seeded(5)))
    };
    let wanted = samples(&Device::default());
    assert!(wanted.iter().all(|y| y.is_finite()));
    for device in cpu_devices() {
        assert_close(&samples(&device), &wanted, 1e-4);
    }
}

/// Finite pixels, finite weights, and numbers that grow beyond what 32 bits hold in between.
#[test]
fn the_layer_that_a_loss_of_infinity_comes_from_is_named() {
    let device = Device::default();
    let flow = CouplingFlowConfig::realnvp(2).with_couplings(2);
    let flow = flow.init(&device.clone().autodiff());
    let huge = Tensor::<2>::from_floats([[3e38, 3e38]], &device);
    let trained = Trainer::new(1, 1e-3)
        .explain(thalweg_flow::probe::first_non_finite)
        .fit(
            flow,
            SingleGradient::new(AdamConfig::new().init()),
            &Data::train(|_| vec![huge.clone()]),
            |flow: &CouplingFlow, x, _| flow.loss(x),
            &mut (),
        );
    let Outcome::NonFinite(found) = &trained.outcome else {
        panic!("{}", trained.outcome);
    };
    assert_eq!(
        found.origin,
        Origin::Layer("steps.0.mix (InvertibleLinear)".into())
    );
}
