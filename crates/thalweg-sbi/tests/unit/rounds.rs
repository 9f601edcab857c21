//! Truncated sequential estimation.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;
use thalweg_sbi::{Embedding, Family, Npe, OnFailure, Posterior, Rounds, Simulate, Uniform};

const NOISE: f64 = 0.25;
const X: [f64; 2] = [0.625, -1.7];

fn mean(theta: f64) -> f64 {
    5.0 * (theta / 5.0).powi(3)
}

/// `xₖ ~ N(5 (θₖ / 5)³, 0.25²)` of `θ` uniform on `(−5, 5)²`, and no data where `θ₁ > 4.5`.
fn simulate() -> Simulate {
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let mut of = |t: &f64| mean(*t) + NOISE * rng.sample::<f64, _>(StandardNormal);
        match theta[0] < 4.5 {
            true => Ok(theta.iter().map(&mut of).collect::<Vec<f64>>()),
            false => Err("too large"),
        }
    };
    let simulate = Simulate::new(Uniform::new([[-5.0, 5.0]; 2]).unwrap(), simulator);
    simulate.on_failure(OnFailure::Exclude { at_most: 0.3 })
}

fn npe() -> Npe {
    let npe = Npe::new(simulate().prior()).family(Family::AutoregressiveSpline {
        transforms: 2,
        hidden: vec![16],
    });
    npe.embedding(Embedding::None).members(1).steps(800)
}

/// Mean and deviation of the true posterior of a parameter, by a sum over a fine grid.
fn truth(x: f64) -> [f64; 2] {
    let grid = (0..20_000).map(|k| -5.0 + (f64::from(k) + 0.5) / 2000.0);
    let mut sums = [0.0; 3];
    for theta in grid {
        let weight = (-0.5 * ((x - mean(theta)) / NOISE).powi(2)).exp();
        let powers = [1.0, theta, theta * theta];
        sums.iter_mut()
            .zip(powers)
            .for_each(|(sum, power)| *sum += weight * power);
    }
    let mean = sums[1] / sums[0];
    [mean, (sums[2] / sums[0] - mean * mean).sqrt()]
}

/// `max |m − m*| / s*` and `max |ln s / s*|`.
fn errors(posterior: &Posterior) -> [f64; 2] {
    let draws = posterior.sample(&X, 4000, 3).unwrap();
    let (means, covariance) = (draws.mean(), draws.covariance());
    let mut worst = [0.0_f64; 2];
    for k in 0..2 {
        let [mean, deviation] = truth(X[k]);
        let found = covariance[3 * k].sqrt();
        worst[0] = worst[0].max((means[k] - mean).abs() / deviation);
        worst[1] = worst[1].max((found / deviation).ln().abs());
    }
    worst
}

#[test]
fn rounds_find_a_narrow_posterior_with_fewer_simulations() {
    let found = npe().rounds(&simulate(), &X, &Rounds::new(3, 200)).unwrap();
    let once = npe().fit(&simulate().run(1200).unwrap()).unwrap();
    let (by_rounds, at_once) = (errors(&found.posterior), errors(&once));
    assert!(
        by_rounds[0] < 0.4 && by_rounds[1] < 0.4,
        "{by_rounds:?}\n{found}"
    );

    let sum = |errors: [f64; 2]| errors[0] + errors[1];
    assert!(
        sum(by_rounds) < sum(at_once),
        "{by_rounds:?} with 600, {at_once:?} with 1200"
    );

    let [first, second, third] = found.rounds.as_slice() else {
        panic!("{found}");
    };
    assert!(first.acceptance == 1.0 && first.failures > 0);
    assert_eq!(first.simulations + first.failures, 200);
    assert!(second.acceptance < 0.5 && third.acceptance < 0.5, "{found}");
    assert!(second.failures + third.failures < first.failures);
    let summary = found.posterior.summary();
    assert_eq!(summary.simulations + summary.failures, 600);
    assert_eq!(found.to_string().lines().count(), 4);

    // For one observation alone, in memory and in a file.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("posterior.safetensors");
    found.posterior.save(&path).unwrap();
    let back = Posterior::load(&path, &Default::default()).unwrap();
    assert_eq!(back.observation(), Some(&X[..]));
    for posterior in [&found.posterior, &back] {
        let other = posterior.sample(&[0.6, -1.7], 1, 0).unwrap_err();
        assert!(other.to_string().contains("for one observation"), "{other}");
        assert!(posterior.log_prob(&[1.0, 1.0], &[0.6, -1.7]).is_err());
        assert!(
            posterior
                .calibrate(&simulate().run(20).unwrap(), 9, 0)
                .is_err()
        );
    }
    assert!(!found.posterior.familiarity(&X).unwrap().is_strange());
    let calibration = found.calibrate(&simulate(), 50, 49, 5).unwrap();
    let fresh = calibration.tarp.values().len();
    assert!((140..=150).contains(&fresh), "{fresh}");
}

#[test]
fn wrong_settings_are_errors() {
    let error = |rounds: Rounds, x: &[f64]| {
        let error = npe().steps(1).rounds(&simulate(), x, &rounds).unwrap_err();
        error.to_string()
    };
    assert!(error(Rounds::new(0, 100), &X).contains("the number of rounds is 0"));
    assert!(error(Rounds::new(2, 100).epsilon(1.0), &X).contains("the share ε is 1"));
    let least = Rounds::new(2, 100).least_acceptance(0.0);
    assert!(error(least, &X).contains("the least acceptance is 0"));
    assert!(error(Rounds::new(2, 100), &X[..1]).contains("1 numbers of the observation"));
    assert!(error(Rounds::new(2, 10), &X).contains("too few"));
}
