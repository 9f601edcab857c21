//! Planted faults, each found by its measure and at its layer.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use thalweg_check::{
    Check, CheckError, Compiled, Measure, Options, Subject, Usage, Verdict, check,
};
use thalweg_flow::base::StandardNormal;
use thalweg_flow::{
    Affine, Bijection, CompiledFlow, Coupling, DiagonalScale, Flow, FlowError, Full,
    InvertibleLinear, LogDet, Network, Reverse, Split,
};

use crate::fixtures::{normal, options};

#[test]
fn a_singular_matrix_is_an_error() {
    let weight = Tensor::from_data([[1.0, 2.0], [2.0, 4.0]], &Device::default());
    let map = InvertibleLinear::new(Full::from_weight(weight));
    let flow = Flow::new((Reverse::<2> {}, map), StandardNormal::new(2));
    let error = check(&flow, &normal(2), &options()).unwrap_err();
    let CheckError::Singular { layer, features } = &error else {
        panic!("{error}");
    };
    assert_eq!((layer.as_str(), *features), ("step 1", 2));
    assert!(error.to_string().contains("is singular"), "{error}");
}

/// `z = 2 x`, with a mistake.
#[derive(Module, Debug)]
struct Twice {
    #[module(skip)]
    fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    /// The log-determinant lacks a factor.
    LogDet,
    /// The way back is a little longer.
    Inverse,
    /// Beyond a million there is no number.
    Large,
}

impl<C> Bijection<C> for Twice {
    type Data = Tensor<2>;
    type Latent = Tensor<2>;

    fn forward(&self, x: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let [batch, features] = x.dims();
        let factor = if self.fault == Fault::LogDet {
            1.5
        } else {
            2_f64
        };
        let log_det = Tensor::full([batch], features as f64 * factor.ln(), &x.device());
        let mut z = x.clone() * 2.0;
        if self.fault == Fault::Large {
            z = z.mask_fill(x.abs().greater_elem(1e6), f64::NAN);
        }
        (z, log_det)
    }

    fn inverse(&self, z: Tensor<2>, _: &C) -> (Tensor<2>, LogDet) {
        let [batch, features] = z.dims();
        let log_det = Tensor::full([batch], -(features as f64) * 2_f64.ln(), &z.device());
        let factor = if self.fault == Fault::Inverse {
            0.49
        } else {
            0.5
        };
        (z * factor, log_det)
    }
}

/// A network that returns one number.
#[derive(Module, Debug)]
struct Constant {
    outputs: usize,
    value: f64,
}

impl<C> Network<C> for Constant {
    fn apply(&self, x: Tensor<2>, _: &C) -> Tensor<2> {
        Tensor::full([x.dims()[0], self.outputs], self.value, &x.device())
    }
}

fn report<B>(bijection: B, features: usize) -> Check
where
    B: Bijection<Data = Tensor<2>, Latent = Tensor<2>>,
{
    let flow = Flow::new(bijection, StandardNormal::new(features));
    check(&flow, &normal(features), &options()).unwrap()
}

/// The measures that fail or warn.
fn found(report: &Check) -> Vec<Measure> {
    let bad = report
        .findings
        .iter()
        .filter(|finding| finding.verdict > Verdict::Ok);
    bad.map(|finding| finding.measure).collect()
}

#[test]
fn a_wrong_log_determinant() {
    let scales = || DiagonalScale::<2>::new(3, &Device::default());
    let chain = (
        scales(),
        vec![Reverse::<2> {}],
        Twice {
            fault: Fault::LogDet,
        },
    );
    let report = report(chain, 3);
    assert_eq!(found(&report), [Measure::LogDet], "{report}");
    assert_eq!(report.verdict, Verdict::Failed);
    let nats = report.log_det.done().unwrap();
    let expected = (2_f64 / 1.5).ln();
    assert!((nats.each - expected).abs() < 1e-5 && (nats.largest - 3.0 * expected).abs() < 1e-5);
    let errors: Vec<f64> = report
        .layers
        .iter()
        .map(|layer| layer.log_det.unwrap())
        .collect();
    assert!(errors[0] < 1e-6 && errors[1] < 1e-6 && (errors[2] - expected).abs() < 1e-5);
    let finding = report
        .findings
        .iter()
        .find(|finding| finding.measure == Measure::LogDet);
    assert!(finding.unwrap().text.contains("step 2 (Twice)"), "{report}");
}

#[test]
fn a_wrong_log_determinant_in_a_density_that_does_not_add_up() {
    for features in [1, 2] {
        let report = report(
            Twice {
                fault: Fault::LogDet,
            },
            features,
        );
        assert_eq!(
            found(&report),
            [Measure::LogDet, Measure::Integral],
            "{report}"
        );
        let integral = report.integral.done().unwrap();
        let expected = 0.75_f64.powi(features as i32);
        assert!((integral.value - expected).abs() < 1e-3, "{integral:?}");
    }
}

#[test]
fn a_way_back_that_is_another() {
    let device = Device::default();
    let chain = (
        DiagonalScale::<2>::new(3, &device),
        Twice {
            fault: Fault::Inverse,
        },
    );
    let report = report(chain, 3);
    let trips = [
        Measure::RoundTripOfData,
        Measure::RoundTripOfLatents,
        Measure::Layers,
    ];
    assert_eq!(found(&report), trips, "{report}");
    let errors = report.layers.iter().map(|layer| layer.data.relative);
    let errors: Vec<f64> = errors.collect();
    assert!(
        errors[0] < 1e-6 && (errors[1] - 0.02).abs() < 1e-4,
        "{errors:?}"
    );
}

#[test]
fn a_matrix_that_loses_all_digits() {
    let device = Device::default();
    let matrix = |small: f32| {
        let weight = Tensor::<2>::from_floats([[1e4, 0.0], [0.0, small]], &device);
        InvertibleLinear::<Full>::new(Full::from_weight(weight))
    };
    let chain = vec![matrix(1.0), matrix(1e-4)];
    let report = report(chain, 2);
    assert_eq!(
        report.of(Measure::ConditionNumbers),
        Verdict::Failed,
        "{report}"
    );
    assert_eq!(report.of(Measure::RoundTripOfData), Verdict::Ok, "{report}");
    let ratios = report
        .layers
        .iter()
        .map(|layer| layer.conditions[0].ratio.unwrap());
    let ratios: Vec<f64> = ratios.collect();
    assert!((ratios[0] / 1e4 - 1.0).abs() < 1e-5 && (ratios[1] / 1e8 - 1.0).abs() < 1e-5);
}

#[test]
fn a_diagonal_of_any_ratio_is_no_fault() {
    let log_scale = Tensor::from_floats([9.0, -9.0, 0.0], &Device::default());
    let report = report(DiagonalScale::<2>::from_log_scale(log_scale), 3);
    assert!(found(&report).is_empty(), "{report}");
    let condition = report.layers[0].conditions[0];
    assert!(condition.diagonal && (condition.ratio.unwrap().ln() - 18.0).abs() < 1e-5);
}

#[test]
fn scales_at_their_bound_and_scales_that_do_nothing() {
    let coupling = |value: f64| {
        let net = Constant { outputs: 2, value };
        Coupling::<Affine, Constant>::new(Split::at(1), Affine::new(), net)
    };
    // The bound is 4, and 1000 / (1 + 1000 / 4) is nearer than 1 %.
    let saturated = report(coupling(1e3), 2);
    assert_eq!(
        saturated.of(Measure::Scales),
        Verdict::Failed,
        "{saturated}"
    );
    let usage = saturated.layers[0].usages[0];
    let Usage::Scales {
        features: 1,
        dead: 0,
        saturated,
        largest,
    } = usage
    else {
        panic!("{usage:?}");
    };
    assert!(saturated == 1.0 && (largest - 1e3 / 251.0).abs() < 1e-4);

    let dead = report(coupling(0.0), 2);
    assert_eq!(found(&dead), [Measure::Scales], "{dead}");
    assert_eq!(dead.verdict, Verdict::Warning);
    let some = report(coupling(1.0), 2);
    assert_eq!(some.of(Measure::Scales), Verdict::Ok, "{some}");
}

#[test]
fn a_number_that_becomes_none() {
    let report = report(
        Twice {
            fault: Fault::Large,
        },
        3,
    );
    assert_eq!(found(&report), [Measure::Sweep], "{report}");
    let first = report.sweep.iter().find(|point| point.nan > 0.0).unwrap();
    assert!((1e6..=1e7).contains(&first.input.magnitude()), "{first:?}");
}

/// A flow with the compiled form of another.
#[derive(Debug)]
struct Stale {
    flow: Flow<DiagonalScale, StandardNormal>,
    other: Flow<DiagonalScale, StandardNormal>,
}

impl Subject<2> for Stale {
    type Context = ();
    type Latent = Tensor<2>;
    type Bijection = DiagonalScale;
    type Base = StandardNormal;

    fn name(&self) -> String {
        "stale flow".to_owned()
    }

    fn without_tape(&self) -> Self {
        Self {
            flow: self.flow.valid(),
            other: self.other.valid(),
        }
    }

    fn flow(&self) -> &Flow<DiagonalScale, StandardNormal> {
        &self.flow
    }

    fn compiled(&self) -> Result<CompiledFlow, String> {
        Ok(self.other.compile())
    }
}

#[test]
fn a_compiled_form_of_other_weights() {
    let flow = |log_scale: f32| {
        let log_scale = Tensor::full([3], log_scale, &Device::default());
        Flow::new(
            DiagonalScale::from_log_scale(log_scale),
            StandardNormal::new(3),
        )
    };
    let stale = |by: f32| Stale {
        flow: flow(0.5),
        other: flow(0.5 + by),
    };
    let report = |by: f32| check(&stale(by), &normal(3), &options()).unwrap();
    assert!(found(&report(0.0)).is_empty());
    assert_eq!(found(&report(0.1)), [Measure::Compiled]);
    assert!(found(&check(&Compiled(flow(0.5)), &normal(3), &options()).unwrap()).is_empty());
}

#[test]
fn rows_that_no_model_takes() {
    let flow = Flow::new(
        DiagonalScale::<2>::new(2, &Device::default()),
        StandardNormal::new(2),
    );
    let none: Vec<Vec<f64>> = vec![];
    let error = check(&flow, &none, &Options::default()).unwrap_err();
    assert!(matches!(error, CheckError::NoRows), "{error}");
    let error = check(&flow, &vec![vec![0.0, f64::NAN]], &Options::default()).unwrap_err();
    let expected = CheckError::Flow(FlowError::NotFinite {
        row: 0,
        feature: 1,
        value: f64::NAN,
    });
    assert_eq!(error.to_string(), expected.to_string());
}
