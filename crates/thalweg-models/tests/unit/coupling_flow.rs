//! Coupling flows: their laws, bounds, files, and that they learn.

use crate::common::{host, mean, parameters};
use burn::optim::AdamConfig;
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_data::{Batches, Toy};
use thalweg_device::cpu_devices;
use thalweg_flow::{Activation, Bijection, Noise};
use thalweg_laws::{bijection_laws, normal, scramble};
use thalweg_models::coupling_flow::CouplingFlowBijection;
use thalweg_models::{ConditionalCouplingFlow, CouplingFlow, CouplingFlowConfig, CouplingStyle};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Trainer};

fn small(config: CouplingFlowConfig) -> CouplingFlowConfig {
    config.with_couplings(2).with_hidden(vec![8])
}

fn both(features: usize) -> [CouplingFlowConfig; 2] {
    [
        CouplingFlowConfig::realnvp(features),
        CouplingFlowConfig::nsf(features),
    ]
    .map(small)
}

fn all(features: usize) -> Vec<CouplingFlowConfig> {
    let circular = small(CouplingFlowConfig::circular(features));
    let all = both(features).into_iter().chain([circular]);
    let other = |config: &CouplingFlowConfig| {
        let config = config.clone().with_activation(Activation::Silu);
        config.with_residual(true)
    };
    all.flat_map(|config| [other(&config), config]).collect()
}

fn data(features: usize, device: &Device) -> Tensor<2> {
    Noise::seeded(1).normal([40, features], device, DType::F32) * 3.0 - 1.0
}

/// Data that a model of this configuration takes: angles lie on their circle.
fn data_of(config: &CouplingFlowConfig, device: &Device) -> Tensor<2> {
    let data = data(config.features, device);
    match config.style {
        CouplingStyle::CircularSpline { bound, .. } => data.tanh() * bound,
        _ => data,
    }
}

fn bijection(config: CouplingFlowConfig, device: &Device) -> CouplingFlowBijection {
    let data = data_of(&config, device);
    let flow = small(config).init(device).initialize(&data);
    flow.expect("finite data").flow.bijection
}

bijection_laws! {
    devices: cpu_devices();
    realnvp: |device| bijection(CouplingFlowConfig::realnvp(4), device), data: normal([5, 4]);
    realnvp_of_odd_width: |device| bijection(CouplingFlowConfig::realnvp(5), device),
        data: normal([5, 5]);
    nsf: |device| bijection(CouplingFlowConfig::nsf(4), device), data: normal([5, 4]);
    circular: |device| bijection(CouplingFlowConfig::circular(3), device), data: normal([5, 3]);
    residual: |device| bijection(CouplingFlowConfig::nsf(4).with_residual(true), device),
        data: normal([5, 4]);
    residual_circular: |device| {
            let config = CouplingFlowConfig::circular(3).with_activation(Activation::Tanh);
            bijection(config.with_residual(true), device)
        },
        data: normal([5, 3]);
    residual_given_context: |device| {
            let config = small(CouplingFlowConfig::realnvp(3)).with_residual(true);
            config.with_context(2).init(device).flow.bijection
        },
        data: normal([5, 3]), context: normal([5, 2]);
    nsf_of_two_features: |device| bijection(CouplingFlowConfig::nsf(2), device),
        data: normal([5, 2]);
}

#[test]
fn an_untrained_flow_is_a_rotation_of_the_standardized_data() {
    for device in cpu_devices() {
        for config in both(4) {
            let x = data(4, &device);
            let flow = config.init(&device).initialize(&x).unwrap();
            let (standardized, log_det) = flow.flow.bijection.forward(x.clone(), &());
            let z = flow.encode(x);
            let lengths = |t: Tensor<2>| host(t.square().sum_dim(1));
            crate::common::assert_close(&lengths(z), &lengths(standardized), 1e-4);
            assert!(
                host(log_det)
                    .iter()
                    .all(|l| (l + 4.0 * 3f64.ln()).abs() < 1.0)
            );
        }
    }
}

/// Files from before a configuration had these fields.
#[test]
fn a_file_without_an_activation_has_that_of_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let device = Device::default();
    let config = small(CouplingFlowConfig::nsf(2));
    let x = data(2, &device);
    let without = |mut config: serde_json::Value| {
        let fields = config.as_object_mut().unwrap();
        assert!(fields.remove("activation").is_some() && fields.remove("residual").is_some());
        config
    };
    let old = without(serde_json::to_value(&config).unwrap());
    let flow = scramble(config.init(&device), 0.3);
    thalweg_models::file::write(&path, "coupling flow", &old, &flow).unwrap();
    let loaded = CouplingFlow::load(&path, &device).unwrap();
    assert_eq!(loaded.config(), &config);
    assert_eq!(
        host(loaded.log_prob(x.clone())),
        host(flow.log_prob(x.clone()))
    );

    let config = config.with_context(1);
    let mut old = serde_json::to_value(&config).unwrap();
    old["flow"] = without(old["flow"].clone());
    let flow = scramble(config.init(&device), 0.3);
    thalweg_models::file::write(&path, "conditional coupling flow", &old, &flow).unwrap();
    let loaded = ConditionalCouplingFlow::load(&path, &device).unwrap();
    assert_eq!(loaded.config(), &config);
    let context = Tensor::ones([1, 1], &device);
    let nats = |flow: &ConditionalCouplingFlow| host(flow.given(&context).log_prob(x.clone()));
    assert_eq!(nats(&loaded), nats(&flow));
}

/// The activation is that of the hidden layers of every network, of one feature under a condition too.
#[test]
fn an_activation_is_that_of_the_networks() {
    let device = Device::default();
    for features in [1, 3] {
        for residual in [false, true] {
            let of = |activation| {
                let config = small(CouplingFlowConfig::realnvp(features)).with_residual(residual);
                let config = config.with_activation(activation).with_context(2);
                let flow = scramble(config.init(&device), 0.3);
                let context = Noise::seeded(2).normal([40, 2], &device, DType::F32);
                host(flow.given(&context).log_prob(data(features, &device)))
            };
            assert_ne!(of(Activation::Relu), of(Activation::Silu));
            assert_eq!(of(Activation::Relu), of(Activation::Relu));
        }
    }
}

#[test]
fn a_residual_network_has_one_width() {
    let config = CouplingFlowConfig::nsf(2).with_residual(true);
    let config = config.with_hidden(vec![8, 9]);
    let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
    let expected =
        "coupling flow: hidden: a residual network has one width, once for each block, got [8, 9]";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn degrees_are_no_angles_of_a_circle() {
    let flow = small(CouplingFlowConfig::circular(2)).init(&Device::default());
    let degrees = Tensor::<2>::from_floats([[0.5, 1.0], [3.0, 350.0]], &Device::default());
    let message = flow
        .initialize(&degrees)
        .map(|_| ())
        .unwrap_err()
        .to_string();
    let words = ["row 1, feature 1 is 350", "from -3.14159", "radians"];
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
    let flow = small(CouplingFlowConfig::circular(2)).init(&Device::default());
    let pi = std::f32::consts::PI;
    let ends = Tensor::<2>::from_floats([[pi, 1.0], [-pi, 0.0]], &Device::default());
    assert!(flow.initialize(&ends).is_ok());
}

/// A density of angles: it has no jump across the ends, integrates to 1, and its samples lie on the circle.
#[test]
fn a_circular_flow_is_a_density_of_angles() {
    let pi = std::f64::consts::PI;
    for device in cpu_devices() {
        let config = small(CouplingFlowConfig::circular(2));
        let flow = scramble(config.init(&device), 0.5);
        let cells = 200;
        let at = |k: usize| -pi + 2.0 * pi * (k as f64 + 0.5) / cells as f64;
        let grid: Vec<f64> = (0..cells * cells)
            .flat_map(|i| [at(i / cells), at(i % cells)])
            .collect();
        let points = TensorData::new(grid, [cells * cells, 2]);
        let log_prob = host(flow.log_prob(Tensor::from_data(points, &device)));
        let area = (2.0 * pi / cells as f64).powi(2);
        let mass: f64 = log_prob.iter().map(|l| l.exp() * area).sum();
        assert!((mass - 1.0).abs() < 1e-3, "{mass}");

        let end = 0.999_999 * pi;
        let pairs = [[end, 1.0], [-end, 1.0], [-2.0, end], [-2.0, -end]];
        let found = host(flow.log_prob(Tensor::from_floats(pairs, &device)));
        for pair in found.chunks(2) {
            assert!((pair[0] - pair[1]).abs() < 1e-3, "{pair:?}");
        }
        let samples = host(flow.sample(500, 1.0, &mut Noise::seeded(3)));
        assert!(samples.iter().all(|x| x.abs() <= pi + 1e-6));
        let outside = Tensor::from_floats([[4.0, 0.0]], &device);
        assert_eq!(host(flow.log_prob(outside)), [f64::NEG_INFINITY]);
    }
}

#[test]
fn a_loaded_flow_gives_the_same_densities_to_the_bit() {
    for device in cpu_devices() {
        for config in all(5) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model.safetensors");
            let x = data_of(&config, &device);
            let flow = config.init(&device).initialize(&x).unwrap();
            let flow = scramble(flow, 0.2);
            flow.save(&path).unwrap();
            let loaded = CouplingFlow::load(&path, &device).unwrap();
            assert_eq!(loaded.config(), &config);
            assert_eq!(parameters(&loaded), parameters(&flow));
            assert_eq!(host(loaded.log_prob(x.clone())), host(flow.log_prob(x)));
        }
    }
}

/// Files of earlier versions name the parameters so.
#[test]
fn parameters_keep_their_names() {
    let flow = small(CouplingFlowConfig::nsf(3)).init(&Device::default());
    let names: Vec<String> = parameters(&flow).into_keys().collect();
    for name in [
        "flow.bijection.standardize.mean",
        "flow.bijection.standardize.log_deviation",
        "flow.bijection.steps.1.mix.form.lower",
        "flow.bijection.steps.1.coupling.conditioner.Numbers.layers.0.weight",
    ] {
        assert!(names.iter().any(|found| found == name), "{names:?}");
    }
    let flow = small(CouplingFlowConfig::circular(2)).init(&Device::default());
    let name = "flow.bijection.steps.0.coupling.conditioner.Angles.network.layers.1.bias";
    assert!(parameters(&flow).contains_key(name));
}

#[test]
fn configurations_out_of_their_bounds_are_errors() {
    let message = |config: CouplingFlowConfig| {
        let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
        error.to_string()
    };
    let spline = |bins, bound| CouplingFlowConfig::new(3, CouplingStyle::Spline { bins, bound });
    for (config, expected) in [
        (
            CouplingFlowConfig::nsf(0),
            "features is 0, but must be at least 1",
        ),
        (
            CouplingFlowConfig::nsf(3).with_couplings(0),
            "couplings is 0, but must be at least 1",
        ),
        (
            CouplingFlowConfig::nsf(3).with_hidden(vec![4, 0]),
            "hidden is 0, but must be at least 1",
        ),
        (spline(1, 3.0), "bins is 1, but must be at least 2"),
        (spline(501, 3.0), "bins is 501, but must be at most 500"),
        (
            spline(8, 0.0),
            "bound is 0, but must be a finite number above 0",
        ),
        (
            spline(8, f64::NAN),
            "bound is NaN, but must be a finite number above 0",
        ),
    ] {
        let found = message(config);
        assert!(found.starts_with("coupling flow: "), "{found}");
        assert!(found.ends_with(expected), "{found}");
    }
}

#[test]
fn a_file_that_describes_more_than_it_holds_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let flow = small(CouplingFlowConfig::nsf(3)).init(&Device::default());
    let large = CouplingFlowConfig::nsf(4_000_000_000);
    thalweg_models::file::write(&path, "coupling flow", &large, &flow).unwrap();
    let error = CouplingFlow::load(&path, &Device::default())
        .map(|_| ())
        .unwrap_err();
    assert!(
        error.to_string().contains("numbers, the file holds"),
        "{error}"
    );
}

#[test]
fn both_learn_two_moons() {
    for config in [CouplingFlowConfig::realnvp(2), CouplingFlowConfig::nsf(2)] {
        let config = config.with_couplings(4).with_hidden(vec![32]);
        let device = Device::default();
        let train = Toy::TwoMoons.to_tensor(2_000, 0, &device);
        let held_out = Toy::TwoMoons.to_tensor(1_000, 1, &device);
        let flow = config
            .init(&device.clone().autodiff())
            .initialize(&train)
            .unwrap();
        let nats = |flow: &CouplingFlow| mean(&host(flow.log_prob(held_out.clone())));
        let before = nats(&burn::module::Module::valid(&flow));
        let batches = Batches::new(train, 200, 0);
        let run = Trainer::new(15, 5e-3).fit(
            flow,
            SingleGradient::new(AdamConfig::new().init()),
            &Data::train(|epoch| batches.epoch(epoch)),
            |flow: &CouplingFlow, x, _| flow.loss(x),
            &mut (),
        );
        let after = nats(&run.into_best());
        assert!(after > before + 0.3, "{before} nats before, {after} after");
    }
}
