//! Configurations, good and bad, and the errors of fitting.

use crate::common::{levels, parameters, trainable_numbers};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_flow::{FlowError, Noise};
use thalweg_models::config::{Bound, ConfigNumber};
use thalweg_models::{ConfigError, NiceConfig, NiceStyle};

#[test]
fn sizes_out_of_bounds_are_named_with_value_and_bound() {
    let paper = |features, levels| NiceConfig::paper(features, levels).with_hidden(4);
    let cases = [
        (paper(0, 4), "features is 0, but must be at least 2"),
        (paper(1, 4), "features is 1, but must be at least 2"),
        (paper(2, 1), "levels is 1, but must be at least 2"),
        (
            paper(2, 65_537),
            "levels is 65537, but must be at most 65536",
        ),
        (
            paper(2, 4).with_hidden(0),
            "hidden is 0, but must be at least 1",
        ),
        (
            paper(2, 4).with_depth(0),
            "depth is 0, but must be at least 1",
        ),
        (
            paper(2, 4).with_couplings(0),
            "couplings is 0, but must be at least 1",
        ),
        (
            paper(usize::MAX, 4),
            "features is 18446744073709551615, but must be at most 4294967295",
        ),
    ];
    for (config, message) in cases {
        for style in [NiceStyle::Paper, NiceStyle::Blog] {
            let config = NiceConfig {
                style,
                ..config.clone()
            };
            let error = config.try_init(&Device::default()).unwrap_err();
            assert_eq!(error.to_string(), format!("nice: {message}"));
        }
    }
}

#[test]
fn errors_can_be_told_apart() {
    let error = NiceConfig::paper(1, 4).try_init(&Device::default());
    let wanted = ConfigError::Field {
        model: "nice",
        field: "features",
        value: ConfigNumber::Whole(1),
        bound: Bound::AtLeast(2),
    };
    assert_eq!(error.unwrap_err(), wanted);
}

#[test]
#[should_panic(expected = "nice: features is 1, but must be at least 2")]
fn init_panics_with_the_message_of_the_error() {
    NiceConfig::blog(1, 4).init(&Device::default());
}

#[test]
fn the_smallest_and_the_largest_allowed_values_work() {
    let device = Device::default();
    for (features, bins) in [(2, 2), (3, 65_536)] {
        for config in [
            NiceConfig::paper(features, bins),
            NiceConfig::blog(features, bins),
        ] {
            let config = config.with_hidden(1).with_depth(1).with_couplings(1);
            let nice = config.init(&device);
            let data = levels([3, features], bins, 0, &device);
            let log_prob = nice.log_prob(data, &mut Noise::seeded(0)).unwrap();
            assert!(log_prob.is_finite().all().into_scalar::<bool>());
        }
    }
}

#[test]
fn one_seed_one_model_on_every_device() {
    let config = NiceConfig::blog(5, 16).with_hidden(4);
    for device in thalweg_device::cpu_devices() {
        let first = parameters(&config.init(&device));
        assert_eq!(first, parameters(&config.init(&Device::default())));
        let other = config.clone().with_seed(1).init(&device);
        assert_ne!(first, parameters(&other));
    }
}

#[test]
fn an_untrained_paper_model_is_its_prior() {
    let device = Device::default();
    let nice = NiceConfig::paper(4, 8).with_hidden(4).init(&device);
    let x = levels([5, 4], 8, 1, &device);
    let z = nice.flow.encode(x.clone());
    assert_eq!(z.into_data(), x.into_data());
}

#[test]
fn fitting_gives_the_latents_the_priors_deviation() {
    let device = Device::default();
    let data = levels([400, 5], 16, 2, &device);
    let logistic = std::f64::consts::PI / 3f64.sqrt();
    let presets = [
        (NiceConfig::paper(5, 16), logistic),
        (NiceConfig::blog(5, 16), 1.0),
    ];
    for (config, wanted) in presets {
        let nice = config.with_hidden(8).init(&device);
        let nice = nice
            .initialize(data.clone(), &mut Noise::seeded(0))
            .unwrap();
        let z = nice
            .encode_levels(data.clone(), &mut Noise::seeded(0))
            .unwrap();
        let deviations = crate::common::host(z.var_bias(0).sqrt());
        crate::common::assert_close(&deviations, &[wanted; 5], 1e-4);
    }
}

#[test]
fn fitting_refuses_what_is_no_data() {
    let device = Device::default();
    for config in [NiceConfig::paper(2, 4), NiceConfig::blog(2, 4)] {
        let nice = config.with_hidden(2).init(&device);
        let fit = |rows: Tensor<2>| nice.clone().initialize(rows, &mut Noise::seeded(0));

        let one_row = fit(Tensor::ones([1, 2], &device)).unwrap_err();
        assert!(
            matches!(
                one_row,
                FlowError::TooFewRows {
                    rows: 1,
                    needed: 2,
                    ..
                }
            ),
            "{one_row}"
        );
        for (value, shown) in [(4.0, "4"), (-1.0, "-1"), (0.5, "0.5"), (f32::NAN, "NaN")] {
            let rows = Tensor::from_floats([[0.0, 3.0], [1.0, value]], &device);
            let message = fit(rows).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("row 1, feature 1 is {shown};")),
                "{message}"
            );
        }
    }
}

#[test]
fn fitting_on_a_training_device_leaves_the_statistics_fixed() {
    let device = Device::default();
    let data = levels([40, 4], 16, 2, &device);
    for data in [data.clone(), data.autodiff()] {
        let nice = NiceConfig::paper(4, 16).with_hidden(4);
        let nice = nice.init(&device.clone().autodiff());
        let before = trainable_numbers(&nice);
        let nice = nice
            .initialize(data.clone(), &mut Noise::seeded(0))
            .unwrap();
        assert_eq!(trainable_numbers(&nice), before);
        assert_eq!(nice.num_params(), before + 2 * 4);

        let gradients = nice.loss(data, &mut Noise::seeded(1)).unwrap().backward();
        let used = burn::optim::GradientsParams::from_grads(gradients, &nice);
        assert!(!used.is_empty());
        let trainable = parameters(&nice).values().filter(|p| p.trainable).count();
        assert_eq!(used.len(), trainable);
        assert_eq!(trainable_numbers(&nice.valid().train()), before);
    }
}
