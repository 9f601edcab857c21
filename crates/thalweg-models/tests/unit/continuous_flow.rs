//! Continuous flows: densities, samples by number of steps, files, doors, and that they learn.

use crate::common::{assert_close, host, mean, numbers, parameters, wide};
use burn::module::Module;
use burn::optim::AdamConfig;
use burn::tensor::{DType, Device, Tensor, TensorData};
use thalweg_data::{Batches, Toy};
use thalweg_device::cpu_devices;
use thalweg_flow::compiled::Scratch;
use thalweg_flow::{Activation, Divergence, FlowError, FlowMatching, Integration, Noise, Scheme};
use thalweg_laws::{Options, bijection_laws, normal, scramble};
use thalweg_models::{
    ConditionalContinuousFlow, ContinuousFlow, ContinuousFlowConfig, ContinuousObjective,
    ModelConfig, Passes,
};
use thalweg_optim::SingleGradient;
use thalweg_train::{Data, Trainer};

mod learns;

fn both(features: usize) -> [ContinuousFlowConfig; 2] {
    [
        ContinuousFlowConfig::flow_matching(features),
        ContinuousFlowConfig::ffjord(features),
    ]
    .map(|config| config.with_hidden(vec![8, 8]))
}

fn rows<const D: usize>(shape: [usize; D], seed: u64, device: &Device) -> Tensor<D> {
    Noise::seeded(seed).normal(shape, device, DType::F32)
}

/// A model whose field is not zero, on data that are not standard.
fn moved(config: &ContinuousFlowConfig, device: &Device) -> ContinuousFlow {
    let data = rows([40, config.features], 1, device) * 3.0 - 1.0;
    let flow = config.init(device).initialize(&data).unwrap();
    scramble_field(flow)
}

/// Scrambled parameters, but those of the standardization.
fn scramble_field(mut flow: ContinuousFlow) -> ContinuousFlow {
    let fitted = flow.flow.bijection.as_mut().clone();
    flow = scramble(flow, 0.3);
    *flow.flow.bijection.as_mut() = fitted;
    flow
}

/// A mild field and small steps, so that the error of these is below the tolerance of the laws.
fn mild<F>(of: impl FnOnce(ContinuousFlowConfig) -> F) -> F {
    let config = ContinuousFlowConfig::flow_matching(2)
        .with_activation(Activation::Tanh)
        .with_hidden(vec![6])
        .with_frequencies(1)
        .with_integration(Integration::fixed(Scheme::Rk4, 20));
    of(config)
}

bijection_laws! {
    devices: cpu_devices();
    unconditional: |device| mild(|config| config.init(device)).flow.bijection,
        data: normal([3, 2]), options: Options::default().with_amplitude(0.05);
    conditional: |device| mild(|config| config.with_context(2).init(device)).flow.bijection,
        data: normal([3, 2]), context: normal([3, 2]),
        options: Options::default().with_amplitude(0.05),
        skip: [total_on_finite_inputs("slow, and one of the laws of the layer")];
}

#[test]
fn an_untrained_flow_is_the_standardization() {
    for device in cpu_devices() {
        for config in both(2) {
            let x = rows([40, 2], 1, &device) * 3.0 - 1.0;
            let flow = config.init(&device).initialize(&x).unwrap();
            let z = flow.encode(x.clone()).unwrap();
            let means = host(z.clone().mean_dim(0));
            assert_close(&means, &[0.0, 0.0], 1e-5);
            let nats = host(flow.log_prob(x).unwrap());
            let base = host(z.square().sum_dim(1) * -0.5);
            let shift = nats[0] - base[0];
            // −ln 2π, and −ln σ for each feature.
            assert!((shift + 1.8379 + 2.0 * 3f64.ln()).abs() < 0.5, "{shift}");
            let expected: Vec<f64> = base.iter().map(|base| base + shift).collect();
            assert_close(&nats, &expected, 1e-5);
        }
    }
}

#[test]
fn a_loaded_flow_gives_the_same_densities_to_the_bit() {
    for device in cpu_devices() {
        for config in both(3) {
            let config = config
                .with_sampling(Integration::fixed(Scheme::Midpoint, 4))
                .with_divergence(Divergence::Exact);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("model.safetensors");
            let flow = moved(&config, &device);
            flow.save(&path).unwrap();
            let loaded = ContinuousFlow::load(&path, &device).unwrap();
            assert_eq!(loaded.config(), &config);
            assert_eq!(parameters(&loaded), parameters(&flow));
            let x = rows([5, 3], 2, &device);
            let nats = |flow: &ContinuousFlow| host(flow.log_prob(x.clone()).unwrap());
            assert_eq!(nats(&loaded), nats(&flow));
            let samples =
                |flow: &ContinuousFlow| host(flow.sample(5, 1.0, &mut Noise::seeded(0)).unwrap());
            assert_eq!(samples(&loaded), samples(&flow));
        }
    }
}

#[test]
fn configurations_out_of_their_bounds_are_errors() {
    let good = || ContinuousFlowConfig::flow_matching(2);
    let matching = |sigma_min| {
        let matching = FlowMatching::default().with_sigma_min(sigma_min);
        ContinuousFlowConfig::new(2, ContinuousObjective::FlowMatching(matching))
    };
    let energy = |kinetic| {
        let jacobian = 0.0;
        ContinuousFlowConfig::new(2, ContinuousObjective::Likelihood { kinetic, jacobian })
    };
    let hutchinson = Divergence::Hutchinson { seed: 0, probes: 0 };
    for (config, expected) in [
        (
            ContinuousFlowConfig::ffjord(0),
            "features is 0, but must be at least 1",
        ),
        (
            good().with_hidden(vec![4, 0]),
            "hidden is 0, but must be at least 1",
        ),
        (matching(-0.1), "sigma_min is -0.1, but must be in 0..=0.5"),
        (energy(f64::NAN), "kinetic is NaN, but must be in 0..="),
        (
            good().with_divergence(hutchinson),
            "divergence: an estimate of the divergence by 0 probes is none",
        ),
        (
            good().with_integration(Integration::fixed(Scheme::Euler, 0)),
            "integration: 0 fixed steps lead nowhere",
        ),
        (
            good().with_sampling(Integration::adaptive(Scheme::Rk4, 1e-5)),
            "sampling: ",
        ),
    ] {
        let error = config.try_init(&Device::default()).map(|_| ()).unwrap_err();
        let found = error.to_string();
        assert!(found.starts_with("continuous flow: "), "{found}");
        assert!(found.contains(expected), "{found}");
    }
}

#[test]
fn a_density_reports_its_cost() {
    let device = Device::default();
    let x = rows([6, 2], 2, &device);
    let adaptive = moved(&both(2)[0], &device);
    let found = adaptive.evaluate(x.clone()).unwrap();
    assert!(found.report.evaluations > 6, "{:?}", found.report);
    assert_eq!(
        adaptive.config().sampling_cost().density,
        Passes::Solver {
            evaluations: None,
            tangents: 1,
        }
    );
    for (scheme, steps) in [
        (Scheme::Euler, 3),
        (Scheme::Rk4, 20),
        (Scheme::Tsitouras, 20),
    ] {
        let integration = Integration::fixed(scheme, steps);
        let config = both(2)[0].clone().with_integration(integration);
        let flow = moved(&config, &device);
        let fixed = flow.evaluate(x.clone()).unwrap();
        let Passes::Solver { evaluations, .. } = config.sampling_cost().density else {
            panic!("a solver");
        };
        assert_eq!(evaluations, Some(fixed.report.evaluations), "{scheme:?}");
        if steps == 20 {
            // Adaptive and fixed steps agree.
            assert_close(&host(fixed.log_prob), &host(found.log_prob.clone()), 1e-4);
        }
    }
}

#[test]
fn a_cost_counts_the_tangents_of_the_divergence() {
    let tangents = |config: ContinuousFlowConfig| match config.sampling_cost().density {
        Passes::Solver { tangents, .. } => tangents,
        other => panic!("{other:?}"),
    };
    let of = |features, layers| {
        ContinuousFlowConfig::flow_matching(features).with_hidden(vec![8; layers])
    };
    assert_eq!(
        [
            tangents(of(12, 2)),
            tangents(of(12, 3)),
            tangents(of(50, 3))
        ],
        [1, 12, 1]
    );
    assert_eq!(tangents(of(50, 3).with_divergence(Divergence::Exact)), 50);
    let four = Divergence::Hutchinson { seed: 0, probes: 4 };
    assert_eq!(tangents(of(2, 2).with_divergence(four)), 4);
    let cost = of(12, 3)
        .with_sampling(Integration::fixed(Scheme::Rk4, 2))
        .sampling_cost();
    let expected = "density: evaluations of the solver, each with 12 tangents; sample: 8 evaluations \
                    of the solver";
    assert_eq!(cost.to_string(), expected);
}

#[test]
fn the_compiled_form_gives_the_same_densities() {
    for device in cpu_devices() {
        let flow = moved(&both(3)[0], &device);
        let x = rows([5, 3], 2, &device);
        let expected = host(flow.log_prob(x.clone()).unwrap());
        let (compiled, mut scratch) = (flow.compile(), Scratch::default());
        let mut found = [0.0; 5];
        compiled.log_probs(&numbers(x), &mut found, &mut scratch);
        assert_close(&wide(&found), &expected, 1e-3);
    }
}

#[test]
fn samples_are_the_ends_of_their_paths() {
    for device in cpu_devices() {
        let flow = moved(&both(2)[0], &device);
        let noise = || Noise::seeded(3);
        let samples = flow.sample(6, 1.0, &mut noise()).unwrap();
        let times = [0.0, 0.25, 1.0];
        let path = flow.path(6, &times, 1.0, &mut noise()).unwrap();
        assert_eq!(path.len(), 3);
        assert_close(&host(path[2].clone()), &host(samples.clone()), 1e-3);
        // The start is noise in the units of the data, and its end is where `decode` leads.
        let z = flow.encode(path[2].clone()).unwrap();
        let back = flow.decode(z).unwrap();
        assert_close(&host(back), &host(samples.clone()), 1e-3);
        assert_ne!(host(path[0].clone()), host(samples.clone()));

        let error = |steps| {
            let integration = Integration::fixed(Scheme::Midpoint, steps);
            let found = flow.sample_with(6, integration, 1.0, &mut noise()).unwrap();
            (found - samples.clone()).abs().max().into_scalar::<f64>()
        };
        let errors = [1, 2, 4, 8, 32].map(error);
        assert!(errors[4] < 1e-2 && errors[0] > errors[3], "{errors:?}");
        let zero = flow.sample(4, 0.0, &mut noise()).unwrap();
        let rows: Vec<f64> = host(zero);
        assert_close(&rows[..2], &rows[2..4], 1e-6);
        assert!(flow.path(1, &[0.5, 0.2], 1.0, &mut noise()).is_err());
    }
}

/// A field that explodes ends in an error that names the time, not in a hang or a panic.
#[test]
fn an_exploding_field_is_an_error() {
    let device = Device::default();
    let config = ContinuousFlowConfig::flow_matching(2).with_hidden(vec![8]);
    let bounded = Integration::default().with_most_evaluations(100);
    let config = config.with_integration(bounded).with_sampling(bounded);
    let flow = scramble(config.init(&device), 40.0);
    let x = || rows([5, 2], 1, &device);
    let found = [
        flow.log_prob(x()).map(|_| ()),
        flow.log_probs(&x(), 2).map(|_| ()),
        flow.encode(x()).map(|_| ()),
        flow.decode(x()).map(|_| ()),
        flow.sample(5, 1.0, &mut Noise::seeded(0)).map(|_| ()),
    ];
    for error in found {
        let error = error.unwrap_err();
        assert!(matches!(error, FlowError::Integration { .. }), "{error}");
        assert!(error.to_string().contains("100 evaluations"), "{error}");
    }
}

/// The energies of FFJORD's regularization make its loss larger than the likelihood alone.
#[test]
fn energies_are_added_to_the_likelihood() {
    let device = Device::default();
    let loss = |kinetic: f64, jacobian: f64| {
        let weights = ContinuousObjective::Likelihood { kinetic, jacobian };
        let config = ContinuousFlowConfig::new(2, weights).with_hidden(vec![8]);
        let flow = moved(&config, &device);
        let x = rows([200, 2], 2, &device);
        host(flow.loss(x, &mut Noise::seeded(7)).unwrap())[0]
    };
    let [none, kinetic, jacobian] = [loss(1e-12, 0.0), loss(1.0, 0.0), loss(0.0, 1.0)];
    assert!(
        kinetic > none + 1e-3 && jacobian > none + 1e-3,
        "{none} {kinetic} {jacobian}"
    );
    // The estimate of the divergence by one probe a row is unbiased.
    assert!(
        (none - loss(0.0, 0.0)).abs() < 0.1,
        "{none}, {}",
        loss(0.0, 0.0)
    );
}

#[test]
fn a_conditional_flow_is_given_its_condition() {
    for device in cpu_devices() {
        let config = ContinuousFlowConfig::flow_matching(2).with_hidden(vec![8]);
        let flow = scramble(config.with_context(3).init(&device), 0.3);
        let (x, context) = (rows([4, 2], 1, &device), rows([4, 3], 2, &device));
        let given = flow.given(&context);
        let nats = host(given.log_prob(x.clone()).unwrap());
        let other = context.clone() + 1.0;
        assert_ne!(host(flow.given(&other).log_prob(x.clone()).unwrap()), nats);
        assert_close(&given.log_probs(&x, 3).unwrap(), &nats, 1e-3);
        let loss = given.loss(x.clone(), &mut Noise::seeded(0)).unwrap();
        assert!(host(loss)[0] > 0.0);
        let drawn = given.sample_each(5, 1.0, &mut Noise::seeded(0)).unwrap();
        assert_eq!(drawn.dims(), [20, 2]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model");
        flow.save(&path).unwrap();
        let loaded = ConditionalContinuousFlow::load(&path, &device).unwrap();
        assert_eq!(host(loaded.given(&context).log_prob(x).unwrap()), nats);
    }
}

#[test]
fn the_velocity_is_that_of_the_paths_in_units_of_the_data() {
    for device in cpu_devices() {
        let flow = moved(&ContinuousFlowConfig::flow_matching(3), &device);
        let (start, later) = (0.5, 0.51);
        let way = flow.path(20, &[start, later], 1.0, &mut Noise::seeded(2));
        let [from, to]: [Tensor<2>; 2] = way.unwrap().try_into().unwrap();
        // The mean velocity of a short step is that at its middle, but for its square.
        let slope = host((to.clone() - from.clone()) / (later - start));
        let velocity = host(flow.velocity((start + later) / 2.0, (from + to) / 2.0));
        assert_close(&slope, &velocity, 0.02);
        assert!(velocity.iter().any(|v| v.abs() > 0.1), "{velocity:?}");
    }
}

#[test]
fn a_density_by_another_integration_is_the_same_within_its_error() {
    for device in cpu_devices() {
        let flow = moved(&ContinuousFlowConfig::flow_matching(3), &device);
        let x = rows([20, 3], 3, &device);
        let adaptive = flow.evaluate(x.clone()).unwrap();
        let fixed = Integration::fixed(Scheme::Rk4, 40);
        let fixed = flow.evaluate_with(x.clone(), fixed).unwrap();
        assert_eq!(fixed.report.evaluations, 160);
        assert_close(&host(fixed.log_prob), &host(adaptive.log_prob), 1e-3);
        let nothing = Integration::fixed(Scheme::Rk4, 0);
        let refused = flow.evaluate_with(x, nothing).unwrap_err();
        assert!(matches!(refused, FlowError::IntegrationSetting { .. }));
    }
}
