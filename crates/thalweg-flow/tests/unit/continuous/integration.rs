use burn::tensor::{DType, Device, Tensor};
use thalweg_flow::compiled::Direction;
use thalweg_flow::{
    Continuous, FlowError, Integration, IntegrationReport, Noise, Scheme, Steps, TimeMlp,
    TimeMlpConfig,
};

use super::fields::{BetweenNormals, Linear, assert_close, host, points};

fn field() -> TimeMlp {
    TimeMlpConfig::new(2, vec![16, 16]).init(&mut Noise::seeded(3), &Device::default())
}

/// `exp` of `[[0, −ω], [ω, 0]] + λ I` is a rotation by `ω` and a factor `e^λ`.
#[test]
fn a_linear_field_gives_its_exponential_and_its_trace() {
    let (lambda, omega) = (-0.4, 1.3_f64);
    let spiral = Linear::new([[lambda, omega], [-omega, lambda]]);
    let factor = lambda.exp();
    let (cos, sin) = (factor * omega.cos(), factor * omega.sin());
    let start = points([[1.0, 0.0], [0.5, -2.0]]);
    let end = [cos, sin, 0.5 * cos + 2.0 * sin, 0.5 * sin - 2.0 * cos];
    for integration in [
        Integration::fixed(Scheme::Rk4, 200),
        Integration::adaptive(Scheme::DormandPrince, 1e-11),
        Integration::adaptive(Scheme::Tsitouras, 1e-11),
    ] {
        let flow = Continuous::new(spiral.clone()).with_integration(integration);
        let found = flow.try_inverse(start.clone(), &()).unwrap();
        assert_close(&host(found.value.clone()), &end, 1e-9);
        assert_close(&host(found.log_det), &[2.0 * lambda; 2], 1e-9);
        let back = flow.try_forward(found.value, &()).unwrap();
        assert_close(&host(back.value), &[1.0, 0.0, 0.5, -2.0], 1e-9);
        assert_close(&host(back.log_det), &[-2.0 * lambda; 2], 1e-9);
    }
}

#[test]
fn the_field_between_two_normals_standardizes() {
    let field = BetweenNormals {
        features: 3,
        mean: 2.0,
        deviation: 0.25,
    };
    let flow =
        Continuous::new(field).with_integration(Integration::adaptive(Scheme::Tsitouras, 1e-10));
    let found = flow.try_forward(points([[2.25, 1.5, 2.0]]), &()).unwrap();
    assert_close(&host(found.value), &[1.0, -2.0, 0.0], 1e-8);
    assert_close(&host(found.log_det), &[-3.0 * 0.25_f64.ln()], 1e-8);
}

/// A fixed step costs the stages of its method; a pair whose last stage is the next step's first costs one less,
/// and one at the start.
#[test]
fn evaluations_are_counted() {
    let x = Tensor::<2>::ones([3, 2], &Device::default());
    let report = |integration| {
        let flow = Continuous::new(field()).with_integration(integration);
        flow.try_forward(x.clone(), &()).unwrap().report
    };
    for (scheme, evaluations) in [
        (Scheme::Euler, 8),
        (Scheme::Midpoint, 16),
        (Scheme::Heun, 16),
        (Scheme::Rk4, 32),
        (Scheme::BogackiShampine, 8 * 3 + 1),
        (Scheme::DormandPrince, 8 * 6 + 1),
    ] {
        let expected = IntegrationReport {
            evaluations,
            accepted: 8,
            rejected: 0,
        };
        let exactly = Integration::fixed(scheme, 8).with_most_evaluations(evaluations);
        assert_eq!(report(exactly), expected, "{scheme:?}");
    }
    let found = report(Integration::adaptive(Scheme::Tsitouras, 1e-5));
    assert_eq!(
        found.evaluations,
        1 + 6 * (found.accepted + found.rejected),
        "{found:?}"
    );
    let tighter = report(Integration::adaptive(Scheme::Tsitouras, 1e-6));
    assert!(tighter.evaluations > found.evaluations);
}

#[test]
fn adaptive_and_fixed_steps_agree() {
    let x = Noise::seeded(0).normal([6, 2], &Device::default(), DType::F64);
    let field = thalweg_flow::precision::cast(field(), DType::F64).unwrap();
    let run = |integration| {
        let flow = Continuous::new(field.clone()).with_integration(integration);
        let found = flow.try_forward(x.clone(), &()).unwrap();
        [host(found.value), host(found.log_det)].concat()
    };
    let fixed = run(Integration::fixed(Scheme::Rk4, 100));
    for scheme in [
        Scheme::BogackiShampine,
        Scheme::DormandPrince,
        Scheme::Tsitouras,
    ] {
        assert_close(&run(Integration::adaptive(scheme, 1e-8)), &fixed, 1e-6);
    }
}

/// Among a thousand rows at rest, one that turns fast has steps as short as by itself.
#[test]
fn a_rare_row_is_not_averaged_away() {
    let turn = Linear::new([[0.0, 40.0], [-40.0, 0.0]]);
    let integration = Integration::adaptive(Scheme::DormandPrince, 1e-6);
    let flow = Continuous::new(turn).with_integration(integration);
    let alone = points([[1.0, 0.0]]);
    let rest = Tensor::zeros([1000, 2], (&Device::default(), DType::F64));
    let batch = Tensor::cat(vec![rest, alone.clone()], 0);
    let one = flow.try_inverse(alone, &()).unwrap();
    let many = flow.try_inverse(batch, &()).unwrap();
    assert_eq!(one.report, many.report);
    assert_close(
        &host(many.value.narrow(0, 1000, 1)),
        &host(one.value),
        1e-12,
    );
}

#[test]
fn samples_need_no_divergence_and_a_trajectory_passes_its_times() {
    let flow = Continuous::new(field()).with_integration(Integration::fixed(Scheme::Rk4, 10));
    let z = Noise::seeded(0).normal([4, 2], &Device::default(), DType::F32);
    let full = flow.try_inverse(z.clone(), &()).unwrap();
    let (value, report) = flow
        .try_transport(Direction::Inverse, z.clone(), &())
        .unwrap();
    assert_eq!(report, full.report);
    assert_close(&host(value.clone()), &host(full.value), 1e-6);
    let way = flow
        .try_trajectory(Direction::Inverse, z.clone(), &[0.0, 0.37, 1.0], &())
        .unwrap();
    assert_eq!(host(way[0].clone()), host(z.clone()));
    assert_close(&host(way[2].clone()), &host(value), 1e-5);
    let back = [1.0, 0.5];
    assert!(matches!(
        flow.try_trajectory(Direction::Inverse, z, &back, &()),
        Err(FlowError::IntegrationSetting { .. })
    ));
}

#[test]
fn a_batch_without_rows_passes() {
    let flow = Continuous::new(field());
    let none = Tensor::<2>::empty([0, 2], &Device::default());
    let found = flow.try_forward(none.clone(), &()).unwrap();
    assert_eq!((found.value.dims(), found.log_det.dims()), ([0, 2], [0]));
    assert_eq!(found.report, IntegrationReport::default());
    let (value, _) = flow
        .try_transport(Direction::Forward, none.clone(), &())
        .unwrap();
    assert_eq!(value.dims(), [0, 2]);
    let found = flow.regularized(none, &(), &mut Noise::seeded(0)).unwrap();
    assert_eq!(found.kinetic.dims(), [0]);
}

/// `v = −x`, from `x` at time 1: `‖v‖² = ‖x‖² e^{2 (1 − t)}`, and `‖J ε‖² = D`.
#[test]
fn energies_are_those_of_the_way() {
    let sink = Linear::new([[-1.0, 0.0], [0.0, -1.0]]);
    let flow =
        Continuous::new(sink).with_integration(Integration::adaptive(Scheme::Tsitouras, 1e-10));
    let x = points([[1.0, 2.0], [0.0, 0.0]]);
    let found = flow.regularized(x, &(), &mut Noise::seeded(0)).unwrap();
    let square = 5.0 * (2f64.exp() - 1.0) / 2.0;
    assert_close(&host(found.kinetic), &[square, 0.0], 1e-7);
    assert_close(&host(found.jacobian), &[2.0, 2.0], 1e-9);
    assert_close(&host(found.log_det), &[2.0, 2.0], 1e-9);
}

#[test]
fn settings_are_plain_data_with_bounds() {
    let good = Integration::adaptive(Scheme::Tsitouras, 1e-6);
    let text = serde_json::to_string(&good).unwrap();
    assert_eq!(serde_json::from_str::<Integration>(&text).unwrap(), good);
    let bad = [
        (Integration::fixed(Scheme::Rk4, 0), "1 or more"),
        (
            Integration::fixed(Scheme::Rk4, 3000),
            "12000 evaluations, more than the bound of 10000",
        ),
        (Integration::adaptive(Scheme::Euler, 1e-3), "Euler"),
        (
            Integration::adaptive(Scheme::Tsitouras, 0.0),
            "absolute tolerance is 0",
        ),
        (
            Integration {
                steps: Steps::Adaptive {
                    absolute: 1e-5,
                    relative: f64::NAN,
                },
                ..good
            },
            "relative tolerance is NaN",
        ),
    ];
    for (settings, message) in bad {
        let error = settings.check().unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
#[should_panic(expected = "does not estimate its error")]
fn a_flow_refuses_settings_that_cannot_run() {
    let _ = Continuous::new(field()).with_integration(Integration::adaptive(Scheme::Rk4, 1e-3));
}
