//! Flows of vector fields: fixed and adaptive steps, with and without a condition.

use burn::tensor::Device;
use thalweg_device::test_devices;
use thalweg_flow::{
    Activation, Continuous, Divergence, Integration, Invert, Inverted, Scheme, TimeMlp,
    TimeMlpConfig, WithContext,
};
use thalweg_laws::{Options, bijection_laws, normal};

use crate::fixtures::fresh_noise;

const CONTEXT: usize = 2;

fn config(features: usize) -> TimeMlpConfig {
    TimeMlpConfig::new(features, vec![6, 5])
        .with_activation(Activation::Tanh)
        .with_frequencies(1)
}

fn field(config: TimeMlpConfig, device: &Device) -> TimeMlp {
    config.init(&mut fresh_noise(), device)
}

fn flow(features: usize, integration: Integration, device: &Device) -> Continuous<TimeMlp> {
    Continuous::new(field(config(features), device)).with_integration(integration)
}

fn inverted(device: &Device) -> Inverted<Continuous<TimeMlp>> {
    flow(2, tsitouras(), device).inverted()
}

fn conditional(
    hidden: Vec<usize>,
    integration: Integration,
    device: &Device,
) -> Continuous<WithContext<TimeMlp>> {
    let config = TimeMlpConfig {
        hidden,
        ..config(2).with_context(CONTEXT)
    };
    Continuous::new(WithContext::new(field(config, device))).with_integration(integration)
}

fn rk4() -> Integration {
    Integration::fixed(Scheme::Rk4, 14)
}

fn dormand_prince() -> Integration {
    Integration::fixed(Scheme::DormandPrince, 15)
}

fn tsitouras() -> Integration {
    Integration::adaptive(Scheme::Tsitouras, 1e-10)
}

/// A mild field, so that the error of the steps is below the tolerance of the laws.
fn mild() -> Options {
    Options::default().with_amplitude(0.05)
}

bijection_laws! {
    devices: test_devices();

    continuous_rk4: |device| flow(2, rk4(), device), data: normal([3, 2]), options: mild();
    continuous_dormand_prince: |device| flow(3, dormand_prince(), device),
        data: normal([3, 3]), options: mild();
    continuous_adaptive_dormand_prince: |device| {
            flow(2, Integration::adaptive(Scheme::DormandPrince, 1e-10), device)
        },
        data: normal([3, 2]), options: mild();
    continuous_tsitouras_of_one_feature: |device| flow(1, tsitouras(), device),
        data: normal([3, 1]), options: mild();
    continuous_exact_by_tangents: |device| {
            let deep = TimeMlpConfig { hidden: vec![5, 4, 5], ..config(2) };
            Continuous::new(field(deep, device))
                .with_integration(dormand_prince())
                .with_divergence(Divergence::Exact)
        },
        data: normal([3, 2]), options: mild();
    continuous_silu: |device| {
            let smooth = config(2).with_activation(Activation::Silu);
            Continuous::new(field(smooth, device)).with_integration(dormand_prince())
        },
        data: normal([3, 2]), options: mild();
    continuous_given_context: |device| conditional(vec![6], dormand_prince(), device),
        data: normal([3, 2]), context: normal([3, CONTEXT]), options: mild();
    continuous_adaptive_given_context: |device| conditional(vec![6, 5], tsitouras(), device),
        data: normal([3, 2]), context: normal([3, CONTEXT]), options: mild();
    continuous_inverted: inverted, data: normal([3, 2]), options: mild();
}
