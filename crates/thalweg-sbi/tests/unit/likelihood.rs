//! Likelihoods that are known in closed form.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Binomial, StandardNormal};
use thalweg_sbi::sampler::{LogDensity, Sampling, Slice};
use thalweg_sbi::{Family, Likelihood, Nle, Normal, OnFailure, SbiError, Simulate, Uniform};

fn nle(simulate: &Simulate) -> Nle {
    let family = Family::AutoregressiveSpline {
        transforms: 2,
        hidden: vec![24],
    };
    let nle = Nle::new(simulate.prior()).family(family);
    nle.members(2).steps(500)
}

fn sampled(likelihood: &Likelihood, x: &[f64]) -> thalweg_sbi::Samples {
    let posterior = likelihood.posterior(x).unwrap();
    let sampling = Sampling::new(Slice::new()).warm_up(100).draws(500);
    sampling.run(&posterior).unwrap().samples()
}

/// `θ ~ N(0, 1)`, `x = (exp(θ + ½ e), 3)`.
fn log_normal() -> Simulate {
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let noise: f64 = rng.sample(StandardNormal);
        vec![(theta[0] + 0.5 * noise).exp(), 3.0]
    };
    Simulate::new(Normal::new(&[0.0], &[1.0]).unwrap(), simulator)
}

#[test]
fn a_density_of_data_is_found_and_several_observations_multiply() {
    let simulate = log_normal();
    let likelihood = nle(&simulate).fit(&simulate.run(4000).unwrap()).unwrap();
    assert_eq!(likelihood.summary().constant, [1]);
    // ln p(x | θ) of a log-normal number.
    let expected = |x: f64, theta: f64| {
        let z = (x.ln() - theta) / 0.5;
        -0.5 * z * z - (0.5 * x).ln() - 0.5 * std::f64::consts::TAU.ln()
    };
    let theta = [-0.5, 0.0, 1.0];
    let (x, other) = (1.4, 0.8);
    let found = likelihood
        .at(&[x, 3.0])
        .unwrap()
        .log_density(&theta)
        .unwrap();
    for (theta, found) in theta.iter().zip(&found) {
        let expected = expected(x, *theta);
        assert!(
            (found - expected).abs() < 0.3,
            "{theta}: {found}, not {expected}"
        );
    }
    let alone = likelihood
        .at(&[other, 3.0])
        .unwrap()
        .log_density(&theta)
        .unwrap();
    let both = likelihood.at(&[x, 3.0, other, 3.0]).unwrap();
    for (k, both) in both.log_density(&theta).unwrap().into_iter().enumerate() {
        assert!((both - found[k] - alone[k]).abs() < 1e-5);
    }
    // Four observations: the posterior is N(Σ ln x / (n + ¼), 1 / (1 + 4 n)).
    let x: [f64; 8] = [1.4, 3.0, 0.8, 3.0, 2.0, 3.0, 1.1, 3.0];
    let sum: f64 = x.chunks(2).map(|x| x[0].ln()).sum();
    let draws = sampled(&likelihood, &x);
    let (mean, variance) = (draws.mean()[0], draws.covariance()[0]);
    assert!((mean - sum / 4.25).abs() < 0.08, "{mean}");
    assert!((variance * 17.0 - 1.0).abs() < 0.25, "{variance}");
}

#[test]
fn a_likelihood_comes_back_from_its_file() {
    let simulate = log_normal();
    let likelihood = nle(&simulate)
        .steps(50)
        .fit(&simulate.run(200).unwrap())
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("likelihood.safetensors");
    likelihood.save(&path).unwrap();
    let back = Likelihood::load(&path, simulate.prior(), &Default::default()).unwrap();
    let at = |likelihood: &Likelihood| {
        let at = likelihood.at(&[1.2, 3.0]).unwrap();
        at.log_density(&[-1.0, 0.3]).unwrap()
    };
    assert_eq!(at(&back), at(&likelihood));
    assert_eq!(back.summary(), likelihood.summary());
}

/// Without the probability that a simulation has data, θ would follow the prior where the simulator fails.
#[test]
fn failures_tell_about_parameters() {
    // x says nothing; a simulation has data with the probability 1 / (1 + e^(−4 θ)).
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let valid = rng.random::<f64>() < 1.0 / (1.0 + (-4.0 * theta[0]).exp());
        let noise: f64 = rng.sample(StandardNormal);
        vec![if valid { noise } else { f64::NAN }]
    };
    let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]]).unwrap(), simulator);
    let simulate = simulate.on_failure(OnFailure::Exclude { at_most: 0.9 });
    let simulations = simulate.run(4000).unwrap();
    assert!(simulations.failures().len() > 1500);
    let likelihood = nle(&simulate).steps(200).fit(&simulations).unwrap();
    let at = likelihood.at(&[0.0]).unwrap();
    let logs = at.log_density(&[-0.7, 0.7]).unwrap();
    let expected = (1.0 + f64::exp(2.8)).ln() - (1.0 + f64::exp(-2.8)).ln();
    let found = logs[1] - logs[0];
    assert!((found - expected).abs() < 0.5, "{found}, not {expected}");
    assert_eq!(at.log_density(&[1.5]).unwrap(), [f64::NEG_INFINITY]);
}

#[test]
fn counts_have_a_density() {
    // 40 trials: the posterior under a uniform prior is Beta(1 + x, 41 − x).
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        vec![rng.sample(Binomial::new(40, theta[0]).unwrap()) as f64]
    };
    let simulate = Simulate::new(Uniform::new([[0.0, 1.0]]).unwrap(), simulator);
    let likelihood = nle(&simulate).fit(&simulate.run(4000).unwrap()).unwrap();
    let mean = sampled(&likelihood, &[10.0]).mean()[0];
    assert!((mean - 11.0 / 42.0).abs() < 0.02, "{mean}");
}

#[test]
fn observations_that_cannot_be_are_named() {
    let simulate = log_normal();
    let likelihood = nle(&simulate)
        .steps(20)
        .fit(&simulate.run(100).unwrap())
        .unwrap();
    assert!(matches!(
        likelihood.at(&[-1.0, 3.0]).unwrap_err(),
        SbiError::NotPositive { entry: 0, value } if value == -1.0
    ));
    assert!(likelihood.at(&[1.0, 3.0, 1.0]).is_err());
    assert!(likelihood.at(&[]).is_err());
    assert!(likelihood.at(&[f64::NAN, 3.0]).is_err());
}
