//! Posteriors of a prior and a likelihood.

use burn::tensor::{Device, Tensor};
use thalweg_flow::Support;
use thalweg_sbi::sampler::{
    Bounded, Hmc, HostDensity, LogDensity, Sampling, Slice, TensorDensity, UnnormalizedPosterior,
};
use thalweg_sbi::{Gamma, Normal, SbiError, Uniform};

/// 7 counts of a Poisson law, 30 in all, under Gamma(2, 1): the posterior is Gamma(32, 1/8).
#[test]
fn the_posterior_of_counts_is_found_without_a_gradient() {
    let likelihood = HostDensity::new(1, |rate| 30.0 * rate[0].ln() - 7.0 * rate[0]);
    let prior = Gamma::new(&[2.0], &[1.0]).unwrap();
    let posterior = UnnormalizedPosterior::new(prior, likelihood).unwrap();
    let chains = Sampling::new(Slice::new()).run(&posterior).unwrap();
    let found = chains.diagnostics().unwrap();
    assert!(found.warnings().is_empty(), "{found}");
    let one = &found.parameters[0];
    assert!(((one.mean - 4.0) / one.error).abs() < 5.0, "{found}");
    assert!((one.deviation / 0.5f64.sqrt() - 1.0).abs() < 0.1, "{found}");
}

/// `θ ~ N(0, 1)`, data at ½ with deviation ½: the posterior is N(0.4, 0.2).
#[test]
fn a_likelihood_of_tensors_has_a_posterior_by_its_gradient() {
    let likelihood = |theta: Tensor<2>| (theta - 0.5).square().mul_scalar(-2.0).reshape([-1]);
    let likelihood = TensorDensity::new(1, &Device::default(), likelihood);
    let prior = Normal::new(&[0.0], &[1.0]).unwrap();
    let posterior = UnnormalizedPosterior::new(prior, likelihood).unwrap();
    let chains = Sampling::new(Hmc::new())
        .warm_up(300)
        .draws(500)
        .run(&posterior)
        .unwrap();
    let one = &chains.diagnostics().unwrap().parameters[0];
    assert!(((one.mean - 0.4) / one.error).abs() < 5.0, "{one:?}");
    assert!((one.deviation / 0.2f64.sqrt() - 1.0).abs() < 0.1, "{one:?}");
}

#[test]
fn coordinates_are_those_of_the_support() {
    let flat = || HostDensity::new(1, |_| 0.0);
    let bounded = Bounded::new(flat(), vec![Support::Between(2.0, 6.0)]).unwrap();
    let u = bounded.coordinates(&[3.0]).unwrap();
    assert!((bounded.parameters(&u)[0] - 3.0).abs() < 1e-12);
    // (6 − 3)(3 − 2)/4 is the slope.
    assert!((bounded.log_density(&u).unwrap()[0] - 0.75f64.ln()).abs() < 1e-12);
    assert_eq!(bounded.coordinates(&[6.0]), None);
    let error = Bounded::new(flat(), vec![Support::Between(6.0, 2.0)]).unwrap_err();
    assert!(
        matches!(error, SbiError::Bounds { index: 0, .. }),
        "{error}"
    );
    let error = Bounded::new(flat(), vec![]).unwrap_err();
    assert!(
        error.to_string().contains("0 intervals, but 1 parameters"),
        "{error}"
    );
    let prior = Uniform::new([[0.0, 1.0], [0.0, 1.0]]).unwrap();
    assert!(UnnormalizedPosterior::new(prior, flat()).is_err());
}
