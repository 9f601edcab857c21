//! Samples with their log-densities, and losses of weighted rows, of every model with a density.

use crate::common::{assert_close, host};
use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_flow::{Integration, Noise, Scheme};
use thalweg_laws::{cast, scramble};
use thalweg_models::discrete::DiscreteConfig;
use thalweg_models::{
    AutoregressiveFlowConfig, ContinuousFlowConfig, ContinuousObjective, CouplingFlowConfig,
    DiagonalGlowConfig, EdgeGlowConfig, GlowConfig, ImageSize, NiceConfig,
};

const DTYPES: [(DType, f64); 2] = [(DType::F64, 1e-8), (DType::F32, 2e-3)];
const ROWS: usize = 12;

fn noise() -> Noise {
    Noise::seeded(3)
}

/// Both kinds of densities of draws are those of the samples, which are those of the same noise.
macro_rules! compare {
    ($model:expr, $log_prob:expr, $tolerance:expr) => {
        for temperature in [1.0, 0.7] {
            let (x, said) = $model.sample_with_log_prob(ROWS, temperature, &mut noise());
            assert_eq!(
                host($model.sample(ROWS, temperature, &mut noise())),
                host(x.clone())
            );
            let wanted = host($log_prob(x.clone()));
            assert_close(&host(said), &wanted, $tolerance);
            let (same, drawn) = $model.sample_with_drawn_log_prob(ROWS, temperature, &mut noise());
            assert_close(&host(same), &host(x), 1e-6);
            assert_close(&host(drawn), &wanted, $tolerance);
        }
    };
}

/// Flows of vectors, given three numbers and without.
macro_rules! of_vectors {
    ($config:expr) => {
        for device in cpu_devices() {
            for (dtype, tolerance) in DTYPES {
                let flow = cast(scramble($config.init(&device), 0.1), dtype).unwrap();
                compare!(flow, |x| flow.log_prob(x), tolerance);
                let flow = scramble($config.with_context(3).init(&device), 0.1);
                let flow = cast(flow, dtype).unwrap();
                let context = noise().normal([ROWS, 3], &device, dtype);
                let given = flow.given(&context);
                compare!(given, |x| given.log_prob(x), tolerance);
            }
        }
    };
}

#[test]
fn of_coupling_flows() {
    let small = |config: CouplingFlowConfig| config.with_couplings(2).with_hidden(vec![8]);
    of_vectors!(small(CouplingFlowConfig::realnvp(3)));
    of_vectors!(small(CouplingFlowConfig::nsf(3)));
}

#[test]
fn of_autoregressive_flows() {
    let small = |config: AutoregressiveFlowConfig| config.with_transforms(2).with_hidden(vec![8]);
    of_vectors!(small(AutoregressiveFlowConfig::maf(3)));
    of_vectors!(small(AutoregressiveFlowConfig::iaf(3)));
    of_vectors!(small(AutoregressiveFlowConfig::nsf_ar(3)));
}

#[test]
fn of_flows_on_levels() {
    let device = Device::default();
    for config in [NiceConfig::paper(6, 17), NiceConfig::blog(6, 17)] {
        let nice = scramble(config.with_hidden(4).init(&device), 0.1);
        let log_prob = |y| {
            let (x, log_det) = nice.config().rescale(y);
            nice.flow.log_prob(x).add_scalar(log_det)
        };
        compare!(nice, log_prob, 1e-3);
    }
    let config = GlowConfig::openai(ImageSize::new([1, 4, 4]));
    let config = config.with_scales(1).with_depth(2).with_hidden(4);
    let glow = scramble(config.init(&device), 0.1);
    compare!(glow, |y| glow.flow.log_prob(y), 1e-3);
    let config = EdgeGlowConfig::new(ImageSize::new([1, 4, 4]), false);
    let config = config.with_scales(1).with_depth(2).with_hidden(4);
    let glow = scramble(config.init(&device), 0.1);
    compare!(glow, |y| glow.flow.log_prob(y), 1e-3);
    let config = DiagonalGlowConfig::new(ImageSize::new([1, 4, 4]));
    let config = config.with_scales(1).with_depth(2).with_hidden(4);
    let glow = scramble(config.init(&device), 0.1);
    compare!(glow, |y| glow.flow.log_prob(y), 1e-3);
}

#[test]
fn of_continuous_flows() {
    let device = Device::default();
    let steps = Integration::fixed(Scheme::Rk4, 20);
    let config = ContinuousFlowConfig::ffjord(2)
        .with_hidden(vec![8])
        .with_integration(steps)
        .with_sampling(steps);
    let flow = scramble(config.init(&device), 0.2);
    let (x, said) = flow.sample_with_log_prob(ROWS, 1.0, &mut noise()).unwrap();
    let wanted = host(flow.log_prob(x.clone()).unwrap());
    assert_close(&host(said), &wanted, 1e-5);
    let (same, drawn) = flow
        .sample_with_drawn_log_prob(ROWS, 1.0, &mut noise())
        .unwrap();
    assert_close(&host(same), &host(x), 1e-5);
    assert_close(&host(drawn), &wanted, 1e-3);
    let (none, nats) = flow
        .sample_with_drawn_log_prob(0, 1.0, &mut noise())
        .unwrap();
    assert_eq!((none.dims(), nats.dims()), ([0, 2], [0]));
}

/// Two rows that count twice and none are the row that is there twice.
#[test]
fn a_weight_counts_as_repeated_rows() {
    let device = Device::default();
    let rows: Tensor<2> = noise().normal([3, 2], &device, DType::F32);
    let weights = Tensor::<1>::from_floats([0.0, 4.0, 2.0], &device);
    let part = |row: usize| rows.clone().narrow(0, row, 1);
    let twice = Tensor::cat(vec![part(1), part(1), part(2)], 0);
    let nothing = Tensor::<1>::zeros([3], &device);

    let flow = scramble(CouplingFlowConfig::realnvp(2).init(&device), 0.1);
    let found = host(flow.loss_weighted(rows.clone(), weights.clone()));
    assert_close(&found, &host(flow.loss(twice.clone())), 1e-5);
    assert_eq!(
        host(flow.loss_weighted(rows.clone(), nothing.clone())),
        [0.0]
    );
    let training = flow.train();
    let none = Tensor::zeros([0, 2], &device);
    let no_weights = Tensor::zeros([0], &device);
    assert_eq!(host(training.loss_weighted(none, no_weights)), [0.0]);

    let likelihood = ContinuousObjective::Likelihood {
        kinetic: 0.0,
        jacobian: 0.0,
    };
    let mut config = ContinuousFlowConfig::ffjord(2).with_hidden(vec![8]);
    config.objective = likelihood;
    let flow = scramble(config.init(&device), 0.2);
    let found = flow
        .loss_weighted(rows.clone(), weights, &mut noise())
        .unwrap();
    let wanted = flow.loss(twice, &mut noise()).unwrap();
    assert_close(&host(found), &host(wanted), 1e-3);
    let found = flow.loss_weighted(rows, nothing, &mut noise()).unwrap();
    assert_eq!(host(found), [0.0]);
}
