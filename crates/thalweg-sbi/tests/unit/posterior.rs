//! Posteriors that are known in closed form.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;
use thalweg_sbi::{Embedding, Family, Normal, Npe, Posterior, SbiError, Simulate, Uniform};

fn noisy(theta: &[f64], rng: &mut ChaCha8Rng) -> Vec<f64> {
    let noise: f64 = rng.sample(StandardNormal);
    vec![theta[0] + 0.5 * noise]
}

fn small() -> Family {
    Family::AutoregressiveSpline {
        transforms: 2,
        hidden: vec![24],
    }
}

/// `θ ~ N(0, 1)`, `x ~ N(θ, ¼)`: the posterior is `N(0.8 x, 0.2)`.
fn gaussian(family: Family) -> (Simulate, Npe) {
    let simulate = Simulate::new(Normal::new(&[0.0], &[1.0]).unwrap(), noisy);
    let npe = Npe::new(simulate.prior())
        .family(family)
        .members(2)
        .steps(400);
    (simulate, npe)
}

fn assert_is_normal(posterior: &Posterior, within: f64) {
    for x in [-1.0, 0.0, 1.5] {
        let samples = posterior.sample(&[x], 4000, 1).unwrap();
        let (mean, variance) = (samples.mean()[0], samples.covariance()[0]);
        assert!((mean - 0.8 * x).abs() < within, "{x}: mean {mean}");
        assert!(
            (variance / 0.2 - 1.0).abs() < 3.0 * within,
            "{x}: variance {variance}"
        );
        let log_prob = posterior.log_prob(&[0.8 * x], &[x]).unwrap()[0];
        let peak = -0.5 * (std::f64::consts::TAU * 0.2).ln();
        assert!(
            (log_prob - peak).abs() < 2.0 * within,
            "{x}: {log_prob}, not {peak}"
        );
    }
}

#[test]
fn a_gaussian_posterior_is_found_and_comes_back_from_its_file() {
    let (simulate, npe) = gaussian(small());
    let posterior = npe.fit(&simulate.run(3000).unwrap()).unwrap();
    assert_is_normal(&posterior, 0.1);
    let summary = posterior.summary();
    assert_eq!((summary.simulations, summary.held_out.len()), (3000, 2));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("posterior.safetensors");
    posterior.save(&path).unwrap();
    let back = Posterior::load(&path, &Default::default()).unwrap();
    assert_eq!(back.summary(), summary);
    let draws = |posterior: &Posterior| posterior.sample(&[0.3], 100, 7).unwrap();
    assert_eq!(draws(&back), draws(&posterior));
}

#[test]
fn other_families_and_embeddings_find_it_too() {
    let embedding = Embedding::Mlp {
        hidden: vec![16],
        outputs: 2,
    };
    let couplings = Family::Spline {
        couplings: 2,
        hidden: vec![24],
    };
    let matching = Family::FlowMatching {
        hidden: vec![32, 32],
    };
    for family in [couplings, matching] {
        let (simulate, npe) = gaussian(family);
        let npe = npe.embedding(embedding.clone()).steps(600);
        let posterior = npe.fit(&simulate.run(3000).unwrap()).unwrap();
        assert_is_normal(&posterior, 0.2);
    }
}

#[test]
fn no_mass_leaks_out_of_the_prior() {
    let prior = Uniform::new([[-1.0, 1.0], [0.0, 4.0]]).unwrap();
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let mut noise = || rng.sample::<f64, _>(StandardNormal);
        vec![theta[0] + 0.3 * noise(), theta[1] + 0.2 * noise()]
    };
    let simulate = Simulate::new(prior, simulator);
    let npe = Npe::new(simulate.prior())
        .family(small())
        .members(1)
        .steps(300);
    let posterior = npe.fit(&simulate.run(2000).unwrap()).unwrap();
    // Data beyond the edge: the posterior lies against it.
    let x = [1.2, 2.0];
    let samples = posterior.sample(&x, 2000, 0).unwrap();
    assert!(
        samples
            .rows()
            .all(|t| t[0].abs() < 1.0 && t[1] > 0.0 && t[1] < 4.0)
    );
    assert!(samples.mean()[0] > 0.6, "{:?}", samples.mean());
    let outside = posterior.log_prob(&[1.0001, 2.0, 0.5, -0.1], &x).unwrap();
    assert_eq!(outside, [f64::NEG_INFINITY; 2]);
    // The integral over the box, by middles of cells.
    let (across, along) = (80, 160);
    let theta: Vec<f64> = (0..across * along)
        .flat_map(|cell| {
            let (i, j) = ((cell / along) as f64 + 0.5, (cell % along) as f64 + 0.5);
            [-1.0 + 2.0 * i / across as f64, 4.0 * j / along as f64]
        })
        .collect();
    let densities = posterior.log_prob(&theta, &[0.1, 2.0]).unwrap();
    let area = 8.0 / (across * along) as f64;
    let mass: f64 = densities.iter().map(|log| log.exp() * area).sum();
    assert!((mass - 1.0).abs() < 0.02, "{mass}");
}

#[test]
fn wrong_arguments_are_errors() {
    let (simulate, npe) = gaussian(small());
    let few = npe.fit(&simulate.run(10).unwrap()).unwrap_err();
    assert!(
        few.to_string().contains("10 simulations are too few"),
        "{few}"
    );
    let other = Uniform::new([[0.0, 1.0]]).unwrap();
    let other = Simulate::new(other, noisy);
    let error = Npe::new(other.prior())
        .fit(&simulate.run(50).unwrap())
        .unwrap_err();
    assert!(matches!(error, SbiError::OutsideSupport { .. }), "{error}");
    let zero = Family::Spline {
        couplings: 0,
        hidden: vec![],
    };
    let error = npe
        .clone()
        .family(zero)
        .fit(&simulate.run(50).unwrap())
        .unwrap_err();
    assert!(matches!(error, SbiError::Config(_)), "{error}");
    let posterior = npe.steps(1).fit(&simulate.run(50).unwrap()).unwrap();
    let error = posterior.sample(&[0.0, 1.0], 1, 0).unwrap_err().to_string();
    assert!(
        error.contains("2 numbers of the observation, but 1 of a simulation"),
        "{error}"
    );
    let error = posterior.sample(&[f64::NAN], 1, 0).unwrap_err().to_string();
    assert!(
        error.contains("a number of the observation is NaN"),
        "{error}"
    );
}
