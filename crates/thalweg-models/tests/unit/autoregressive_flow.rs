//! Autoregressive flows: their laws, orders, bounds, files, and that they learn.

use crate::common::{assert_close, host, mean, parameters};
use burn::module::Module;
use burn::optim::AdamConfig;
use burn::tensor::{DType, Device, Tensor};
use thalweg_data::{Batches, Toy};
use thalweg_device::cpu_devices;
use thalweg_flow::Noise;
use thalweg_laws::{bijection_laws, normal, scramble};
use thalweg_models::{
    AutoregressiveFlow, AutoregressiveFlowConfig, ConditionalAutoregressiveFlow, CouplingStyle,
    FeatureOrder,
};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Trainer};

fn small(config: AutoregressiveFlowConfig) -> AutoregressiveFlowConfig {
    config.with_transforms(2).with_hidden(vec![8, 8])
}

fn presets(features: usize) -> [AutoregressiveFlowConfig; 4] {
    [
        AutoregressiveFlowConfig::maf(features),
        AutoregressiveFlowConfig::nsf_ar(features),
        AutoregressiveFlowConfig::iaf(features),
        AutoregressiveFlowConfig::maf(features).with_residual(true),
    ]
    .map(small)
}

fn rows<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    Noise::seeded(seed).normal(shape, device, DType::F32)
}

fn flow(config: AutoregressiveFlowConfig, device: &Device) -> AutoregressiveFlow {
    let data = rows([40, config.features], 1, device) * 3.0 - 1.0;
    small(config).init(device).initialize(&data).unwrap()
}

bijection_laws! {
    devices: cpu_devices();
    maf: |device| flow(AutoregressiveFlowConfig::maf(4), device).flow.bijection,
        data: normal([5, 4]);
    nsf_ar: |device| flow(AutoregressiveFlowConfig::nsf_ar(3), device).flow.bijection,
        data: normal([5, 3]);
    iaf: |device| flow(AutoregressiveFlowConfig::iaf(3), device).flow.bijection,
        data: normal([5, 3]);
    given_context: |device| {
            let config = small(AutoregressiveFlowConfig::nsf_ar(3));
            config.with_context(2).init(device).flow.bijection
        },
        data: normal([5, 3]), context: normal([5, 2]);
    iaf_given_context: |device| {
            let config = small(AutoregressiveFlowConfig::iaf(3));
            config.with_context(2).init(device).flow.bijection
        },
        data: normal([5, 3]), context: normal([5, 2]);
}

#[test]
fn a_loaded_flow_gives_the_same_densities_to_the_bit() {
    for device in cpu_devices() {
        for config in presets(4) {
            let config = config.with_order(FeatureOrder::Random).with_seed(5);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model.safetensors");
            let flow = scramble(flow(config.clone(), &device), 0.2);
            flow.save(&path).unwrap();
            let loaded = AutoregressiveFlow::load(&path, &device).unwrap();
            assert_eq!(loaded.config(), &config);
            assert_eq!(parameters(&loaded), parameters(&flow));
            let x = rows([6, 4], 2, &device);
            assert_eq!(host(loaded.log_prob(x.clone())), host(flow.log_prob(x)));
        }
    }
}

#[test]
fn a_conditional_flow_is_in_its_file() {
    let device = Device::default();
    for config in presets(3) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let config = config.with_context(2);
        let flow = scramble(config.init(&device), 0.2);
        flow.save(&path).unwrap();
        let loaded = ConditionalAutoregressiveFlow::load(&path, &device).unwrap();
        assert_eq!(loaded.config(), &config);
        let (x, context) = (rows([6, 3], 2, &device), rows([6, 2], 3, &device));
        let nats = |flow: &ConditionalAutoregressiveFlow, context: &Tensor<2>| {
            host(flow.given(context).log_prob(x.clone()))
        };
        assert_eq!(nats(&loaded, &context), nats(&flow, &context));
        let other = context.clone() + 1.0;
        assert_ne!(nats(&flow, &other), nats(&flow, &context));
        let each = flow
            .given(&context)
            .sample_each(3, 1.0, &mut Noise::seeded(0));
        assert_eq!(each.dims(), [18, 3]);
    }
}

/// The features that each latent depends on, by the gradient of one transform.
fn seen(order: FeatureOrder, transforms: usize) -> Vec<Vec<bool>> {
    let device = Device::default();
    let config = AutoregressiveFlowConfig::maf(3)
        .with_order(order)
        .with_hidden(vec![16])
        .with_transforms(transforms);
    let flow = scramble(config.init(&device.autodiff()), 0.5);
    let x = rows([8, 3], 1, &Device::default());
    let latent = |index: usize| {
        let x = x.clone().autodiff().require_grad();
        let z = flow.encode(x.clone()).narrow(1, index, 1);
        let gradients = z.sum().backward();
        let slopes = x.grad(&gradients).unwrap().abs().sum_dim(0);
        host(slopes).iter().map(|slope| *slope > 0.0).collect()
    };
    (0..3).map(latent).collect()
}

#[test]
fn orders_are_those_of_the_configuration() {
    let (yes, no) = (true, false);
    let ascending = [[yes, no, no], [yes, yes, no], [yes, yes, yes]];
    let reversed = [[yes, yes, yes], [no, yes, yes], [no, no, yes]];
    assert_eq!(seen(FeatureOrder::Ascending, 2), ascending);
    assert_eq!(seen(FeatureOrder::Reversed, 2), reversed);
    assert_eq!(seen(FeatureOrder::Alternating, 1), ascending);
    assert_eq!(seen(FeatureOrder::Alternating, 2), [[yes; 3]; 3]);
    let counts = |seen: Vec<Vec<bool>>| {
        let count = |row: &Vec<bool>| row.iter().filter(|sees| **sees).count();
        let mut counts: Vec<usize> = seen.iter().map(count).collect();
        counts.sort_unstable();
        counts
    };
    assert_eq!(counts(seen(FeatureOrder::Random, 1)), [1, 2, 3]);
}

#[test]
fn the_untrained_flow_is_the_standardization() {
    for device in cpu_devices() {
        for config in presets(3) {
            let x = rows([30, 3], 4, &device) * 2.0 + 5.0;
            let encode = |config: AutoregressiveFlowConfig| {
                let flow = config.init(&device).initialize(&x).unwrap();
                flow.encode(x.clone())
            };
            let z = encode(config.clone().with_mix(false));
            // A linear map starts as a rotation.
            let lengths = |z: Tensor<2>| host(z.square().sum_dim(1));
            assert_close(&lengths(encode(config)), &lengths(z.clone()), 1e-4);
            let (mean, deviation) = (z.clone().mean_dim(0), z.var_bias(0).sqrt());
            assert_close(&host(mean), &[0.0; 3], 1e-5);
            assert_close(&host(deviation), &[1.0; 3], 1e-5);
        }
    }
}

#[test]
fn configurations_out_of_their_bounds_are_errors() {
    let maf = || AutoregressiveFlowConfig::maf(3);
    let styled = |style| AutoregressiveFlowConfig::new(3, style);
    let (bins, bound) = (8, 3.0);
    for (config, expected) in [
        (
            AutoregressiveFlowConfig::maf(0),
            "features is 0, but must be at least 1",
        ),
        (
            maf().with_transforms(0),
            "transforms is 0, but must be at least 1",
        ),
        (
            maf().with_hidden(vec![0]),
            "hidden is 0, but must be at least 1",
        ),
        (
            maf().with_residual(true).with_hidden(vec![8, 9]),
            "hidden: a residual network has one width, once for each block, got [8, 9]",
        ),
        (
            maf().with_residual(true).with_hidden(vec![]),
            "hidden: a residual network has one width, once for each block, got []",
        ),
        (
            styled(CouplingStyle::Spline { bins: 1, bound }),
            "bins is 1, but must be at least 2",
        ),
        (
            styled(CouplingStyle::CircularSpline { bins, bound }),
            "style: circular splines need networks of angles, which this model does not have; use \
             `CouplingFlowConfig::circular`",
        ),
    ] {
        let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("autoregressive flow: {expected}")
        );
    }
}

#[test]
fn a_file_that_describes_more_than_it_holds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let device = Device::default();
    let flow = small(AutoregressiveFlowConfig::maf(3)).init(&device);
    for large in [
        AutoregressiveFlowConfig::nsf_ar(4_000_000_000),
        AutoregressiveFlowConfig::maf(3).with_transforms(4_000_000_000),
        AutoregressiveFlowConfig::maf(3).with_hidden(vec![4_000_000_000; 2]),
    ] {
        thalweg_models::file::write(&path, "autoregressive flow", &large, &flow).unwrap();
        let error = AutoregressiveFlow::load(&path, &device)
            .map(|_| ())
            .unwrap_err();
        assert!(
            error.to_string().contains("numbers, the file holds"),
            "{error}"
        );
    }
}

#[test]
fn both_learn_two_moons() {
    for config in [
        AutoregressiveFlowConfig::maf(2),
        AutoregressiveFlowConfig::nsf_ar(2),
    ] {
        let config = config.with_transforms(4).with_hidden(vec![32]);
        let device = Device::default();
        let train = Toy::TwoMoons.to_tensor(2_000, 0, &device);
        let held_out = Toy::TwoMoons.to_tensor(1_000, 1, &device);
        let flow = config
            .init(&device.clone().autodiff())
            .initialize(&train)
            .unwrap();
        let nats = |flow: &AutoregressiveFlow| mean(&host(flow.log_prob(held_out.clone())));
        let before = nats(&flow.valid());
        let batches = Batches::new(train, 200, 0);
        let run = Trainer::new(15, 5e-3).fit(
            flow,
            SingleGradient::new(AdamConfig::new().init()),
            &Data::train(|epoch| batches.epoch(epoch)),
            |flow: &AutoregressiveFlow, x, _| flow.loss(x),
            &mut (),
        );
        let after = nats(&run.into_best());
        assert!(after > before + 0.3, "{before} nats before, {after} after");
    }
}
