//! Vector flows given vectors: laws, files, doors, and that they learn the condition.

use crate::common::{assert_close, host, numbers, wide};
use burn::module::Module;
use burn::optim::AdamConfig;
use burn::tensor::{DType, Device, Tensor};
use thalweg_data::Batches;
use thalweg_device::cpu_devices;
use thalweg_flow::compiled::Scratch;
use thalweg_flow::{Noise, Reversible};
use thalweg_laws::{bijection_laws, normal, scramble};
use thalweg_models::coupling_flow::ConditionalCouplingBijection;
use thalweg_models::{
    Conditional, ConditionalCouplingFlow, CouplingFlowConfig, CouplingStyle, ModelConfig,
};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Trainer};

const CONTEXT: usize = 3;

fn small(config: CouplingFlowConfig) -> Conditional<CouplingFlowConfig> {
    let config = config.with_couplings(2).with_hidden(vec![8]);
    config.with_context(CONTEXT)
}

fn rows<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    Noise::seeded(seed).normal(shape, device, DType::F32)
}

fn coupling(config: CouplingFlowConfig, device: &Device) -> ConditionalCouplingBijection {
    small(config).init(device).flow.bijection
}

bijection_laws! {
    devices: cpu_devices();
    realnvp: |device| coupling(CouplingFlowConfig::realnvp(5), device),
        data: normal([5, 5]), context: normal([5, CONTEXT]);
    nsf: |device| coupling(CouplingFlowConfig::nsf(2), device),
        data: normal([5, 2]), context: normal([5, CONTEXT]);
    circular: |device| coupling(CouplingFlowConfig::circular(3), device),
        data: normal([5, 3]), context: normal([5, CONTEXT]);
}

/// `f` of each configuration, on every device.
fn each(f: impl Fn(Conditional<CouplingFlowConfig>, &Device)) {
    for device in cpu_devices() {
        for config in [
            CouplingFlowConfig::realnvp(3),
            CouplingFlowConfig::nsf(3),
            CouplingFlowConfig::circular(3),
        ] {
            f(small(config), &device);
        }
    }
}

#[test]
fn a_file_holds_the_condition_and_the_densities() {
    each(|config, device| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let (x, context) = (
            rows([6, 3], 1, device).tanh(),
            rows([6, CONTEXT], 2, device),
        );
        let flow = scramble(config.init(device).initialize(&x).unwrap(), 0.2);
        flow.save(&path).unwrap();
        let loaded = ConditionalCouplingFlow::load(&path, device).unwrap();
        assert_eq!(loaded.config(), &config);
        let nats = |flow: &ConditionalCouplingFlow| host(flow.given(&context).log_prob(x.clone()));
        assert_eq!(nats(&loaded), nats(&flow));
        let error = thalweg_models::CouplingFlow::load(&path, device)
            .map(|_| ())
            .unwrap_err();
        let text = "holds a 'conditional coupling flow', not a 'coupling flow'";
        assert!(error.to_string().contains(text), "{error}");
    });
}

#[test]
fn a_compiled_flow_is_given_the_condition() {
    each(|config, device| {
        let (x, context) = (
            rows([6, 3], 1, device).tanh(),
            rows([6, CONTEXT], 2, device),
        );
        let flow = scramble(config.init(device).initialize(&x).unwrap(), 0.2);
        let (compiled, mut scratch) = (flow.compile(), Scratch::default());
        let context_rows = numbers(context.clone());
        let mut found = [0.0; 6];
        let points = numbers(x.clone());
        compiled
            .given(&context_rows[..])
            .log_probs(&points, &mut found, &mut scratch);
        let expected = host(flow.given(&context).log_prob(x));
        assert_close(&wide(&found), &expected, 1e-5);
    });
}

#[test]
fn samples_and_latents_belong_to_their_rows() {
    each(|config, device| {
        let flow = scramble(config.init(device), 0.3);
        let context = rows([4, CONTEXT], 2, device);
        let given = flow.given(&context);
        let x = given.sample(4, 1.0, &mut Noise::seeded(0));
        let back = given.decode(given.encode(x.clone()));
        assert_close(&host(back), &host(x.clone()), 1e-3);
        assert_eq!(
            given.sample_each(5, 1.0, &mut Noise::seeded(0)).dims(),
            [20, 3]
        );
        // A row alone, under its own condition.
        let row = context.clone().narrow(0, 2, 1);
        let alone = flow.given(&row).log_prob(x.clone().narrow(0, 2, 1));
        let nats = host(given.log_prob(x.clone()));
        assert_close(&host(alone), &nats[2..3], 1e-4);
        let batched = given.log_probs(&x, 3).unwrap();
        assert_close(&batched, &nats, 1e-4);
        // Another condition is another density.
        let other = (context.clone() + 1.0).clone();
        assert_ne!(host(flow.given(&other).log_prob(x)), nats);
    });
}

#[test]
fn gradients_without_a_tape_are_those_with_one() {
    let device = Device::default();
    let flow = small(CouplingFlowConfig::realnvp(3)).init(&device.clone().autodiff());
    let flow = scramble(flow, 0.2);
    let (x, context) = (rows([6, 3], 1, &device), rows([6, CONTEXT], 2, &device));
    let how = Reversible::new();
    let (loss, gradients) = flow.given(&context).loss_and_gradients(x.clone(), &how);
    let plain = flow.given(&context).loss(x);
    assert_close(&host(loss), &host(plain.clone()), 1e-6);
    let expected = burn::optim::GradientsParams::from_grads(plain.backward(), &flow);
    assert_eq!(gradients.len(), expected.len());
}

fn panic_of<T>(run: impl FnOnce() -> T) -> String {
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    let panic = result.map(drop).expect_err("a panic");
    panic.downcast_ref::<String>().expect("a text").clone()
}

#[test]
fn a_condition_of_another_shape_is_named() {
    let device = Device::default();
    let flow = small(CouplingFlowConfig::nsf(3)).init(&device);
    let x = || rows([4, 3], 1, &device);
    let narrow = rows([4, 2], 2, &device);
    let given = flow.given(&narrow);
    let wanted = "conditional coupling flow: takes conditions of shape [batch, 3], got [4, 2]";
    let texts = [
        panic_of(|| given.log_prob(x())),
        panic_of(|| given.encode(x())),
        panic_of(|| given.decode(x())),
        panic_of(|| given.sample(4, 1.0, &mut Noise::seeded(0))),
        panic_of(|| given.sample_each(2, 1.0, &mut Noise::seeded(0))),
        panic_of(|| given.loss_and_gradients(x(), &Reversible::new())),
    ];
    assert!(texts.iter().all(|text| text == wanted), "{texts:?}");
    let few = rows([2, CONTEXT], 2, &device);
    let text = panic_of(|| flow.given(&few).log_prob(x()));
    assert!(
        text.ends_with("for each of 4 samples, or one for all, got 2"),
        "{text}"
    );
    let mut holes = numbers(rows([4, CONTEXT], 2, &device));
    holes[5] = f32::NAN;
    let holes = Tensor::<1>::from_floats(&holes[..], &device).reshape([4, CONTEXT]);
    let error = flow.given(&holes).log_probs(&x(), 2).unwrap_err();
    assert!(
        error.to_string().starts_with("row 1, feature 2 is NaN"),
        "{error}"
    );
}

#[test]
fn a_condition_of_no_numbers_is_an_error() {
    let config = CouplingFlowConfig::new(3, CouplingStyle::Affine).with_context(0);
    let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
    let text = "conditional coupling flow: context is 0, but must be at least 1";
    assert_eq!(error.to_string(), text);
    let error = Conditional {
        flow: CouplingFlowConfig::nsf(3).with_couplings(0),
        context: 1,
    };
    assert!(
        error
            .check()
            .unwrap_err()
            .to_string()
            .contains("couplings is 0")
    );
}

/// The mean and the deviation follow the condition: `x | c ~ N(2c, e^c)` in each feature.
#[test]
fn a_flow_learns_its_condition() {
    let device = Device::default();
    let n = 2_000;
    let context: Tensor<2> = rows([n, 1], 1, &device).tanh();
    let x = rows([n, 2], 2, &device) * context.clone().exp() + context.clone() * 2.0;
    let config = CouplingFlowConfig::realnvp(2)
        .with_couplings(4)
        .with_hidden(vec![16]);
    let flow = config.with_context(1).init(&device.clone().autodiff());
    let flow = flow.initialize(&x).unwrap();
    let joint = Batches::new(Tensor::cat(vec![x.clone(), context.clone()], 1), 200, 0);
    let loss = |flow: &ConditionalCouplingFlow, rows: Tensor<2>, _: u64| {
        let (x, context) = (rows.clone().narrow(1, 0, 2), rows.narrow(1, 2, 1));
        flow.given(&context).loss(x)
    };
    let run = Trainer::new(15, 5e-3).fit(
        flow,
        SingleGradient::new(AdamConfig::new().init()),
        &Data::train(|epoch| joint.epoch(epoch)),
        loss,
        &mut (),
    );
    let flow: ConditionalCouplingFlow = run.into_best().valid();
    let nats = crate::common::mean(&host(flow.given(&context).log_prob(x)));
    let entropy = (2.0 * std::f64::consts::PI).ln() + 1.0;
    // The mean of the logarithm of the deviation, 2c in two dimensions, is 0 by symmetry.
    let noise = 2.0 * crate::common::mean(&host(context));
    assert!(
        (nats + entropy + noise).abs() < 0.15,
        "{nats}, not {}",
        -entropy - noise
    );
}
