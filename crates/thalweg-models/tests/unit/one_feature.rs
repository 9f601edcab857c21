//! A density of one feature is legal everywhere; its model warns that it has no couplings.

use crate::common::{assert_close, host, mean, numbers, parameters, wide};
use burn::module::Module;
use burn::optim::AdamConfig;
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_data::Batches;
use thalweg_device::cpu_devices;
use thalweg_flow::compiled::Scratch;
use thalweg_flow::{Bijection, Noise, Warning};
use thalweg_laws::{bijection_laws, normal, scramble};
use thalweg_models::{
    AutoregressiveFlow, AutoregressiveFlowConfig, ContinuousFlowConfig, CouplingFlow,
    CouplingFlowConfig, CouplingStyle,
};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Trainer};

/// Every style, with a bound for splines that holds the data.
fn styles() -> [CouplingStyle; 5] {
    let bins = 8;
    [
        CouplingStyle::Additive,
        CouplingStyle::Affine,
        CouplingStyle::SigmoidShift,
        CouplingStyle::Spline { bins, bound: 3.0 },
        CouplingStyle::CircularSpline { bins, bound: 3.5 },
    ]
}

fn config(style: CouplingStyle) -> CouplingFlowConfig {
    CouplingFlowConfig::new(1, style)
        .with_couplings(2)
        .with_hidden(vec![8])
}

/// Two normal densities of deviation 0.4, around −1.5 and 1.5.
fn bimodal(n: usize, seed: u64, device: &Device) -> Tensor<2> {
    let noise = &mut Noise::seeded(seed);
    let side: Tensor<2> = noise.uniform([n, 1], device, DType::F32);
    let side = side.greater_elem(0.5).float() * 3.0 - 1.5;
    let width: Tensor<2> = noise.normal([n, 1], device, DType::F32);
    side + width * 0.4
}

bijection_laws! {
    devices: cpu_devices();
    affine: |device| config(CouplingStyle::Affine).init(device).flow.bijection,
        data: normal([5, 1]), without_gradient: [
            "elementwise.0.network.layers.0.weight"("it sees no feature, so its weights are masked"),
            "elementwise.1.network.layers.0.weight"("it sees no feature, so its weights are masked"),
        ];
    spline: |device| CouplingFlowConfig::nsf(1).with_couplings(1).init(device).flow.bijection,
        data: normal([5, 1]),
        without_gradient: ["elementwise.0.network.layers.0.weight"("it sees no feature, so its weights are masked")];
    spline_given_context: |device| {
            config(styles()[3]).with_context(2).init(device).flow.bijection
        },
        data: normal([5, 1]), context: normal([5, 2]);
    nsf_ar: |device| AutoregressiveFlowConfig::nsf_ar(1).with_transforms(1).init(device).flow.bijection,
        data: normal([5, 1]),
        without_gradient: ["steps.0.transform.Masked.network.layers.0.weight"("it sees no feature, so its weights are masked")];
}

#[test]
fn every_style_takes_one_feature_and_says_so() {
    for device in cpu_devices() {
        for style in styles() {
            let x = bimodal(40, 1, &device);
            let flow = config(style).init(&device);
            let text = flow.warnings()[0].to_string();
            assert!(text.starts_with("coupling flow: of one feature"), "{text}");
            let flow = scramble(flow.initialize(&x).unwrap(), 0.2);
            let expected = Warning::OneFeature {
                model: "coupling flow",
            };
            assert_eq!(flow.warnings(), [expected]);

            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model");
            flow.save(&path).unwrap();
            let loaded = CouplingFlow::load(&path, &device).unwrap();
            assert_eq!(parameters(&loaded), parameters(&flow));
            assert_eq!(loaded.warnings().len(), 1);

            let nats = host(flow.log_prob(x.clone()));
            assert_eq!(host(loaded.log_prob(x.clone())), nats);
            let (compiled, mut scratch) = (flow.compile(), Scratch::default());
            let points = numbers(x.clone());
            let found: Vec<f32> = points
                .iter()
                .map(|x| compiled.log_prob(&[*x], &mut scratch))
                .collect();
            assert_close(&wide(&found), &nats, 1e-5);
            let back = flow.decode(flow.encode(x.clone()));
            assert_close(&host(back), &host(x), 1e-4);
            assert_eq!(flow.sample(7, 1.0, &mut Noise::seeded(0)).dims(), [7, 1]);
        }
    }
}

#[test]
fn other_sizes_have_no_warning() {
    let device = Device::default();
    assert!(
        CouplingFlowConfig::nsf(2)
            .init(&device)
            .warnings()
            .is_empty()
    );
    assert!(
        AutoregressiveFlowConfig::maf(2)
            .init(&device)
            .warnings()
            .is_empty()
    );
    let flow = AutoregressiveFlowConfig::maf(1)
        .with_context(2)
        .init(&device);
    let text = flow.warnings()[0].to_string();
    assert!(
        text.contains("or with a network of the condition"),
        "{text}"
    );
    // A field of one feature is a field like any other.
    assert!(
        ContinuousFlowConfig::flow_matching(1)
            .init(&device)
            .warnings()
            .is_empty()
    );
}

/// Without a condition the parameters are all that there is: no hidden layers.
#[test]
fn the_parameters_are_learned_ones() {
    let device = Device::default();
    for residual in [false, true] {
        let config = AutoregressiveFlowConfig::nsf_ar(1).with_residual(residual);
        let flow = config.with_transforms(2).init(&device);
        let shapes = parameters(&flow).into_values();
        let largest = shapes
            .map(|p| p.data.shape().iter().product::<usize>())
            .max();
        assert_eq!(largest, Some(3 * 8 - 1));
    }
}

/// The mass and the mean nats of held-out data, of a density in one dimension.
fn mass(log_prob: impl Fn(Tensor<2>) -> Tensor<1>, device: &Device) -> f64 {
    let (cells, edge) = (2_000, 10.0);
    let at = |k: usize| -edge + 2.0 * edge * (k as f64 + 0.5) / cells as f64;
    let grid: Vec<f64> = (0..cells).map(at).collect();
    let points = Tensor::from_data(TensorData::new(grid, [cells, 1]), device);
    let density = host(log_prob(points)).into_iter().map(f64::exp);
    density.sum::<f64>() * 2.0 * edge / cells as f64
}

/// Trained for a short while, a density of one feature finds two modes where a normal one cannot.
macro_rules! learns_two_modes {
    ($config:expr, $model:ty) => {{
        let device = Device::default();
        let (train, held_out) = (bimodal(2_000, 0, &device), bimodal(1_000, 1, &device));
        let flow = $config.init(&device.clone().autodiff()).initialize(&train).unwrap();
        let normal = mean(&host(flow.valid().log_prob(held_out.clone())));
        let batches = Batches::new(train, 200, 0);
        let run = Trainer::new(15, 2e-2).fit(
            flow,
            SingleGradient::new(AdamConfig::new().init()),
            &Data::train(|epoch| batches.epoch(epoch)),
            |flow: &$model, x, _| flow.loss(x),
            &mut (),
        );
        let flow: $model = run.into_best();
        let nats = mean(&host(flow.log_prob(held_out)));
        // The untrained flow is the normal density with the data's mean and deviation. The entropy of
        // the mixture is that of its parts and ln 2.
        let entropy = 0.5 * (2.0 * std::f64::consts::PI * 0.16).ln() + 0.5 + 2f64.ln();
        assert!(nats > normal + 0.3, "{nats}, a normal density has {normal}");
        assert!(nats > -entropy - 0.1, "{nats}, at most {}", -entropy);
        let mass = mass(|x| flow.log_prob(x), &device);
        assert!((mass - 1.0).abs() < 1e-3, "{mass}");
        let samples = flow.sample(1_000, 1.0, &mut Noise::seeded(2)).abs();
        let between = host(samples).into_iter().filter(|x| *x < 0.5).count();
        assert!(between < 60, "{between} samples between the modes");
    }};
}

#[test]
fn a_spline_flow_learns_two_modes() {
    learns_two_modes!(CouplingFlowConfig::nsf(1).with_couplings(2), CouplingFlow);
}

#[test]
fn an_autoregressive_flow_learns_two_modes() {
    learns_two_modes!(
        AutoregressiveFlowConfig::nsf_ar(1).with_transforms(2),
        AutoregressiveFlow
    );
}

/// A circle of one angle: the mass is 1, and the density has no jump across the ends.
#[test]
fn a_circular_flow_of_one_angle() {
    let pi = std::f64::consts::PI;
    let device = Device::default();
    let config = CouplingFlowConfig::circular(1).with_couplings(2);
    let flow = scramble(config.init(&device), 0.5);
    let cells = 1_000;
    let at = |k: usize| -pi + 2.0 * pi * (k as f64 + 0.5) / cells as f64;
    let grid: Vec<f64> = (0..cells).map(at).collect();
    let points = Tensor::from_data(TensorData::new(grid, [cells, 1]), &device);
    let density = host(flow.log_prob(points)).into_iter().map(f64::exp);
    let mass = density.sum::<f64>() * 2.0 * pi / cells as f64;
    assert!((mass - 1.0).abs() < 1e-3, "{mass}");
    let end = (0.999_999 * pi) as f32;
    let ends = host(flow.log_prob(Tensor::from_floats([[end], [-end]], &device)));
    assert!((ends[0] - ends[1]).abs() < 1e-3, "{ends:?}");
}

#[test]
fn the_condition_moves_a_density_of_one_feature() {
    let device = Device::default();
    for style in styles() {
        let flow = scramble(config(style).with_context(2).init(&device), 0.5);
        let x = bimodal(5, 1, &device).tanh();
        let context: Tensor<2> = Noise::seeded(3).normal([5, 2], &device, DType::F32);
        let nats = |context: &Tensor<2>| host(flow.given(context).log_prob(x.clone()));
        assert_ne!(nats(&context), nats(&(context.clone() * 2.0)));
        let z = flow.flow.bijection.forward(x.clone(), &context).0;
        let back = flow.given(&context).decode(z);
        assert_close(&host(back), &host(x), 1e-4);
    }
}
