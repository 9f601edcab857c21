//! Observations that are like the simulations, and others.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;
use thalweg_metrics::normal_share;
use thalweg_sbi::{Embedding, Family, Normal, Npe, Posterior, Simulate, Simulator};

fn learned(simulator: impl Simulator + 'static, simulations: usize, steps: usize) -> Posterior {
    let simulate = Simulate::new(Normal::new(&[0.0], &[1.0]).unwrap(), simulator);
    let npe = Npe::new(simulate.prior()).family(Family::AutoregressiveSpline {
        transforms: 2,
        hidden: vec![16],
    });
    let npe = npe.embedding(Embedding::None).members(1).steps(steps);
    npe.fit(&simulate.run(simulations).unwrap()).unwrap()
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    rng.sample(StandardNormal)
}

#[test]
fn the_p_value_is_that_of_the_data_s_density() {
    // x ~ N(θ, ¼) of θ ~ N(0, 1) is N(0, 1.25): p = 2 (1 − Φ(|x| / √1.25)).
    let noisy = |theta: &[f64], rng: &mut ChaCha8Rng| vec![theta[0] + 0.5 * normal(rng)];
    let posterior = learned(noisy, 4000, 300);
    for x in [-2.5, -1.0, 0.5, 1.7] {
        let found = posterior.familiarity(&[x]).unwrap();
        let expected = 2.0 * (1.0 - normal_share(f64::abs(x) / 1.25_f64.sqrt()));
        assert_eq!(found.held_out, 800);
        assert!(
            (found.p_value - expected).abs() < 0.07,
            "{x}: {found:?}, not {expected}"
        );
        assert!(!found.is_strange(), "{found}");
        let far = found.farthest.unwrap();
        assert!(
            (far.deviations - x / 1.25_f64.sqrt()).abs() < 0.15,
            "{far:?}"
        );
    }
    let far = posterior.familiarity(&[15.0]).unwrap();
    assert!(far.is_strange() && far.p_value == 1.0 / 801.0, "{far:?}");
    let words = far.to_string();
    let first = "the observation is less likely than all 800 held-out simulations (p < 0.002); number 0 lies 13.";
    assert!(words.starts_with(first), "{words}");
    assert!(
        words.ends_with("the posterior is an extrapolation"),
        "{words}"
    );

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("posterior.safetensors");
    posterior.save(&path).unwrap();
    let back = Posterior::load(&path, &Default::default()).unwrap();
    for x in [0.7, -2.0, 15.0] {
        let [before, after] = [&posterior, &back].map(|of| of.familiarity(&[x]).unwrap());
        assert_eq!(after.p_value, before.p_value);
    }
}

#[test]
fn numbers_that_do_not_belong_together_are_strange_and_so_are_impossible_ones() {
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let second = theta[0] + 0.1 * normal(rng);
        vec![theta[0], second, 7.0, (2.0 * normal(rng)).exp()]
    };
    let posterior = learned(simulator, 1000, 200);
    let of = |x: [f64; 4]| posterior.familiarity(&x).unwrap();
    let usual = of([0.8, 0.75, 7.0, 0.9]);
    assert!(!usual.is_strange(), "{usual}");
    assert!(
        usual
            .to_string()
            .contains("% of 200 held-out simulations are as likely")
    );
    let apart = of([1.2, -1.2, 7.0, 1.0]);
    assert!(apart.is_strange(), "{apart}");
    assert!(
        apart
            .to_string()
            .contains("the numbers do not belong together"),
        "{apart}"
    );
    let other = of([0.8, 0.75, 7.5, 0.9]);
    assert_eq!(other.differing, [2]);
    assert!(other.is_strange() && other.p_value >= 0.01);
    assert!(
        other
            .to_string()
            .contains("number 2 differs from the value"),
        "{other}"
    );
    let negative = of([0.8, 0.75, 7.0, -0.9]);
    assert!(negative.is_strange(), "{negative}");
    assert!(
        negative.to_string().contains("number 3 is not positive"),
        "{negative}"
    );
}

#[test]
fn many_numbers_are_seen_by_their_directions() {
    // A sine of an amplitude, with noise.
    let wave = |k: usize| (k as f64 * 0.1).sin();
    let simulator = move |theta: &[f64], rng: &mut ChaCha8Rng| -> Vec<f64> {
        (0..80)
            .map(|k| theta[0] * wave(k) + 0.3 * normal(rng))
            .collect()
    };
    let posterior = learned(simulator, 400, 100);
    let mut rng: ChaCha8Rng = rand::SeedableRng::seed_from_u64(5);
    let strange = |x: Vec<f64>| posterior.familiarity(&x).unwrap().is_strange();
    let alike = (0..50).filter(|_| {
        let theta = normal(&mut rng);
        strange(simulator(&[theta], &mut rng))
    });
    assert!(alike.count() <= 3);
    // Another wave, of which no number is far from its mean.
    let other = (0..80).map(|k| 0.8 * (k as f64 * 0.37).cos() + 0.3 * normal(&mut rng));
    assert!(strange(other.collect()));
    // Without noise, nothing is far; the distance from the directions is too small.
    assert!(strange((0..80).map(|k| 0.5 * wave(k)).collect()));
}

#[test]
fn data_that_say_nothing_leave_nothing_to_learn() {
    let posterior = learned(|_: &[f64], _: &mut ChaCha8Rng| vec![2.5], 50, 1);
    let same = posterior.familiarity(&[2.5]).unwrap();
    assert!(!same.is_strange() && same.held_out == 0 && same.farthest.is_none());
    let other = posterior.familiarity(&[2.0]).unwrap();
    assert!(other.is_strange(), "{other}");
    let error = posterior.familiarity(&[2.5, 1.0]).unwrap_err();
    assert!(
        error.to_string().contains("2 numbers of the observation"),
        "{error}"
    );
}
