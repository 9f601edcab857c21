//! Flows fitted to densities whose evidence is known.

use burn::tensor::{Device, Tensor};
use thalweg_flow::{Noise, Support};
use thalweg_models::{CouplingFlow, CouplingFlowConfig};
use thalweg_sbi::SbiError;
use thalweg_sbi::variational::ReverseKl;

fn affine(features: usize) -> CouplingFlow {
    let config = CouplingFlowConfig::realnvp(features).with_couplings(2);
    config
        .with_hidden(vec![8])
        .init(&Device::default().autodiff())
}

fn column(x: &Tensor<2>, index: usize) -> Tensor<1> {
    x.clone().narrow(1, index, 1).reshape([-1])
}

/// Normal, of deviations 1 and 10 and the correlation 0.6 around (3, −20): `Z = 2π · 10 · 0.8`.
fn normal(x: Tensor<2>) -> Tensor<1> {
    let (a, b) = (column(&x, 0) - 3.0, (column(&x, 1) + 20.0) / 10.0);
    let squares = a.clone().square() + b.clone().square() - a * b * 1.2;
    squares.mul_scalar(-0.5 / 0.64)
}

#[test]
fn a_normal_density_elsewhere_is_found() {
    let settings = ReverseKl::new()
        .start(&[0.0, 0.0], &[2.0, 20.0])
        .batch(128)
        .steps(500)
        .rate(0.02);
    let fitted = settings.fit(affine(2), &normal).unwrap();
    let draws = fitted.importance(&normal, 4000, 1).unwrap();
    let evidence = (std::f64::consts::TAU * 8.0).ln();
    assert!(
        (draws.log_evidence() - evidence).abs() < 0.03,
        "{draws}, not {evidence}"
    );
    let [elbo, error] = draws.elbo();
    assert!(
        elbo < evidence + 3.0 * error && elbo > evidence - 0.1,
        "{elbo} ± {error}"
    );
    assert!(draws.is_reliable() && draws.ess() > 3000.0, "{draws}");
    let found = draws.resample(4000, 2).unwrap();
    assert!((found.mean()[0] - 3.0).abs() < 0.1 && (found.mean()[1] + 20.0).abs() < 1.0);
    let covariance = found.covariance();
    assert!((covariance[1] / 6.0 - 1.0).abs() < 0.15, "{covariance:?}");
    // The density of draws is that of their weights.
    let theta = fitted.sample(5, 9).unwrap();
    let weighted = fitted.importance(&normal, 30, 9).unwrap();
    let target = normal(Tensor::from_data(
        burn::tensor::TensorData::new(weighted.samples().values().to_vec(), [30, 2]),
        &Device::default(),
    ));
    let target: Vec<f64> = target.into_data().iter().collect();
    let logs = fitted.log_prob(weighted.samples().values()).unwrap();
    for ((log, target), weight) in logs.iter().zip(target).zip(weighted.log_weights()) {
        assert!(
            (target - log - weight).abs() < 1e-3,
            "{log} {target} {weight}"
        );
    }
    assert_eq!(theta, fitted.sample(5, 9).unwrap());
}

/// A Gamma density of shape 3 and a Beta density of shapes 2 and 2, `Z = 2/6`.
#[test]
fn parameters_keep_to_their_bounds() {
    let target = |x: Tensor<2>| {
        let (gamma, beta) = (column(&x, 0), column(&x, 1));
        gamma.clone().log() * 2.0 - gamma + beta.clone().log() + beta.neg().add_scalar(1.0).log()
    };
    let supports = vec![Support::Above(0.0), Support::Between(0.0, 1.0)];
    let settings = ReverseKl::new()
        .supports(supports)
        .batch(128)
        .steps(600)
        .rate(0.02);
    let fitted = settings.fit(affine(2), &target).unwrap();
    let draws = fitted.importance(&target, 4000, 1).unwrap();
    assert!((draws.log_evidence() + 3f64.ln()).abs() < 0.05, "{draws}");
    assert!(
        draws
            .samples()
            .rows()
            .all(|row| row[0] > 0.0 && row[1] > 0.0 && row[1] < 1.0)
    );
    assert!((draws.mean()[0] - 3.0).abs() < 0.15 && (draws.mean()[1] - 0.5).abs() < 0.03);
    let outside = fitted.log_prob(&[-1.0, 0.5, 1.0, 1.0]).unwrap();
    assert_eq!(outside, [f64::NEG_INFINITY; 2]);
    // The integral over the box, by middles of cells.
    let cells: Vec<f64> = (0..120 * 60)
        .flat_map(|cell| {
            [
                ((cell / 60) as f64 + 0.5) / 8.0,
                ((cell % 60) as f64 + 0.5) / 60.0,
            ]
        })
        .collect();
    let mass: f64 = fitted
        .log_prob(&cells)
        .unwrap()
        .iter()
        .map(|log| log.exp())
        .sum();
    assert!((mass / 480.0 - 1.0).abs() < 0.02, "{}", mass / 480.0);
}

/// Two normal densities of the deviation ½ at −4 and 4, `Z = √(2π)`.
fn modes(x: Tensor<2>) -> Tensor<1> {
    let [a, b] = [-4.0, 4.0].map(|at| (x.clone() - at).square().mul_scalar(-2.0));
    let both = Tensor::cat(vec![a, b], 1);
    let largest = both.clone().max_dim(1);
    ((both - largest.clone()).exp().sum_dim(1).log() + largest).reshape([-1])
}

#[test]
fn a_missing_mode_is_in_the_evidence_and_not_in_the_weights() {
    let settings = ReverseKl::new().start(&[3.0], &[0.5]).steps(200).rate(0.02);
    let fitted = settings.fit(affine(1), &modes).unwrap();
    let draws = fitted.importance(&modes, 4000, 1).unwrap();
    let evidence = 0.5 * std::f64::consts::TAU.ln();
    // Half of the mass, and weights that look perfect.
    assert!(
        (draws.log_evidence() - (evidence - 2f64.ln())).abs() < 0.02,
        "{draws}"
    );
    assert!(draws.is_reliable() && draws.ess() > 3800.0, "{draws}");
}

#[test]
fn a_wide_tempered_start_keeps_both_modes() {
    let config = CouplingFlowConfig::nsf(1)
        .with_couplings(3)
        .with_hidden(vec![8]);
    let flow = config.init(&Device::default().autodiff());
    let settings = ReverseKl::new()
        .start(&[0.0], &[4.0])
        .temper(0.02, 0.7)
        .steps(600)
        .rate(0.02);
    let fitted = settings.fit(flow, &modes).unwrap();
    let draws = fitted.importance(&modes, 4000, 1).unwrap();
    let evidence = 0.5 * std::f64::consts::TAU.ln();
    assert!((draws.log_evidence() - evidence).abs() < 0.1, "{draws}");
    let right = fitted
        .sample(4000, 2)
        .unwrap()
        .rows()
        .filter(|row| row[0] > 0.0)
        .count();
    assert!(right > 200 && right < 3800, "{right}");
}

#[test]
fn draws_carry_gradients() {
    let settings = ReverseKl::new().steps(2);
    let fitted = settings.fit(affine(2), &normal).unwrap();
    assert!(!fitted.draw(3, &mut Noise::seeded(0)).is_tracked());
    assert!(fitted.train().draw(3, &mut Noise::seeded(0)).is_tracked());
}

#[test]
fn wrong_settings_and_targets_are_errors() {
    let error = |settings: ReverseKl| {
        settings
            .steps(3)
            .fit(affine(2), &normal)
            .unwrap_err()
            .to_string()
    };
    assert!(error(ReverseKl::new().batch(0)).contains("the draws of a step is 0"));
    assert!(error(ReverseKl::new().rate(-1.0)).contains("the rate is -1"));
    assert!(error(ReverseKl::new().temper(0.0, 0.5)).contains("the first β is 0"));
    assert!(
        error(ReverseKl::new().start(&[0.0], &[1.0, 1.0]))
            .contains("1 numbers of the centre, but 2")
    );
    assert!(
        error(ReverseKl::new().start(&[0.0, 0.0], &[1.0, 0.0]))
            .contains("a width of the start is 0")
    );
    assert!(error(ReverseKl::new().supports(vec![Support::Line])).contains("1 intervals, but 2"));
    let nowhere = |x: Tensor<2>| column(&x, 0).mul_scalar(f64::NAN);
    let error = ReverseKl::new()
        .steps(10)
        .fit(affine(2), &nowhere)
        .unwrap_err();
    assert!(matches!(error, SbiError::Variational(_)), "{error}");
    assert!(
        error
            .to_string()
            .starts_with("the fit to the density failed"),
        "{error}"
    );
}
