//! Every shipped model, with weights that are not those of the start, is sound.

use burn::module::Module;
use burn::tensor::{DType, Device, Tensor};
use thalweg_check::{Check, Measure, Subject, Verdict, check, check_given};
use thalweg_flow::Noise;
use thalweg_laws::scramble;
use thalweg_models::{
    AutoregressiveFlowConfig, ContinuousFlowConfig, CouplingFlowConfig, GlowConfig, ImageSize,
    NiceConfig, RealNvpConfig,
};

use crate::fixtures::{normal, options, rows};

/// Small enough that a flow of eight couplings stays near the data.
fn scrambled<M: Module>(model: M) -> M {
    scramble(model, 0.07)
}

/// The report of a sound model; each of these measures was made.
#[track_caller]
fn sound<S: Subject<D, Context = ()>, const D: usize>(
    model: &S,
    rows: &Tensor<D>,
    made: &[Measure],
) -> Check {
    let report = check(model, rows, &options()).unwrap();
    assert_eq!(report.verdict, Verdict::Ok, "{report}");
    for measure in made {
        assert_eq!(report.of(*measure), Verdict::Ok, "{measure} of {report}");
    }
    report
}

const ALWAYS: [Measure; 5] = [
    Measure::RoundTripOfData,
    Measure::RoundTripOfLatents,
    Measure::Layers,
    Measure::Sweep,
    Measure::Compiled,
];

fn with(more: &[Measure]) -> Vec<Measure> {
    [&ALWAYS, more].concat()
}

#[test]
fn coupling_flows_of_two_features() {
    use Measure::{ConditionNumbers, Integral, LogDet, Scales, Splines};
    let (device, data) = (Device::default(), rows(2));
    let fitted = |config: CouplingFlowConfig| {
        let model = config.init(&device).initialize(&data).unwrap();
        scrambled(model)
    };
    let report = sound(
        &fitted(CouplingFlowConfig::realnvp(2)),
        &data,
        &with(&[LogDet, ConditionNumbers, Scales, Integral]),
    );
    // Standardization, then eight couplings behind linear maps.
    assert_eq!(report.layers.len(), 17);
    assert_eq!(report.layers[2].path, "steps 0 / coupling");
    assert_eq!(report.layers[2].kind, "Coupling");
    assert!(report.layers.iter().all(|layer| layer.log_det.is_some()));
    let nsf = fitted(CouplingFlowConfig::nsf(2));
    sound(
        &nsf,
        &data,
        &with(&[LogDet, ConditionNumbers, Splines, Integral]),
    );
}

#[test]
fn a_flow_of_angles_integrates_over_its_circle() {
    let model = scrambled(CouplingFlowConfig::circular(2).init(&Device::default()));
    let angles = normal(2).tanh() * 3.0;
    let report = sound(
        &model,
        &angles,
        &with(&[Measure::Splines, Measure::Integral]),
    );
    let sides = &report.integral.done().unwrap().sides;
    let pi = std::f64::consts::PI;
    assert!(
        sides
            .iter()
            .flatten()
            .all(|end| (end.abs() - pi).abs() < 1e-6),
        "{sides:?}"
    );
}

#[test]
fn one_feature() {
    let (device, data) = (Device::default(), rows(1));
    let flow = CouplingFlowConfig::nsf(1)
        .init(&device)
        .initialize(&data)
        .unwrap();
    let made = with(&[Measure::LogDet, Measure::Integral]);
    sound(&scrambled(flow), &data, &made);
    let flow = ContinuousFlowConfig::flow_matching(1)
        .init(&device)
        .initialize(&data)
        .unwrap();
    sound(&scrambled(flow), &data, &made);
}

#[test]
fn autoregressive_flows_both_ways_round() {
    let (device, data) = (Device::default(), rows(3));
    let made = with(&[Measure::LogDet, Measure::Scales]);
    for config in [
        AutoregressiveFlowConfig::maf(3),
        AutoregressiveFlowConfig::iaf(3),
    ] {
        let model = config.init(&device).initialize(&data).unwrap();
        let report = sound(&scrambled(model), &data, &made);
        assert_eq!(report.of(Measure::Integral), Verdict::Skipped);
    }
    let model = AutoregressiveFlowConfig::nsf_ar(3)
        .init(&device)
        .initialize(&data)
        .unwrap();
    sound(
        &scrambled(model),
        &data,
        &with(&[Measure::LogDet, Measure::Splines]),
    );
}

#[test]
fn a_flow_under_a_condition() {
    let (device, data) = (Device::default(), rows(2));
    let model = CouplingFlowConfig::realnvp(2).with_context(3).init(&device);
    let model = scrambled(model.initialize(&data).unwrap());
    for conditions in [200, 1] {
        let context = Noise::seeded(5).normal([conditions, 3], &device, DType::F32);
        let report = check_given(&model, &data, &context, &options()).unwrap();
        assert_eq!(report.verdict, Verdict::Ok, "{report}");
        assert_eq!(report.of(Measure::Integral), Verdict::Ok);
    }
}

fn levels<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    let unit: Tensor<D> = Noise::seeded(1).uniform(shape, &Device::default(), DType::F32);
    (unit * 255.0).floor()
}

#[test]
fn nice_on_levels() {
    let device = Device::default();
    for config in [NiceConfig::paper(4, 256), NiceConfig::blog(4, 256)] {
        let model = scrambled(config.with_hidden(16).init(&device));
        sound(&model, &levels([40, 4]), &with(&[Measure::LogDet]));
    }
}

#[test]
fn images() {
    let (device, data) = (Device::default(), levels([20, 3, 8, 8]));
    let size = ImageSize::new([3, 8, 8]);
    let glow = GlowConfig::openai(size)
        .with_scales(2)
        .with_depth(2)
        .with_hidden(16);
    let glow = glow
        .init(&device)
        .initialize(data.clone(), &mut Noise::seeded(2))
        .unwrap();
    let glow = scramble(glow, 0.01);
    let report = sound(
        &glow,
        &data,
        &with(&[Measure::ConditionNumbers, Measure::Scales]),
    );
    // 192 numbers are too many for a Jacobian.
    assert_eq!(report.of(Measure::LogDet), Verdict::Skipped);
    let config = RealNvpConfig::paper(size)
        .with_scales(2)
        .with_hidden(8)
        .with_blocks(1);
    sound(
        &scrambled(config.init(&device)),
        &data,
        &with(&[Measure::Scales]),
    );
}

#[test]
fn a_flow_that_is_not_trained_has_dead_scales() {
    let data = rows(2);
    let flow = CouplingFlowConfig::realnvp(2).init(&Device::default());
    let report = check(&flow.initialize(&data).unwrap(), &data, &options()).unwrap();
    assert_eq!(report.of(Measure::Scales), Verdict::Warning, "{report}");
    assert_eq!(report.verdict, Verdict::Warning, "{report}");
}
