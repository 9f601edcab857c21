//! Levels are uniform for a posterior that is right, and not for others.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;
use thalweg_sbi::{Calibration, Family, Normal, Npe, Simulate, Verdict};

/// `x ~ N(θ + shift, deviation²)` in two dimensions, `θ ~ N(0, 1)`.
fn simulate(shift: f64, deviation: f64) -> Simulate {
    let simulator = move |theta: &[f64], rng: &mut ChaCha8Rng| {
        let mut noise = || deviation * rng.sample::<f64, _>(StandardNormal);
        vec![theta[0] + shift + noise(), theta[1] + noise()]
    };
    Simulate::new(Normal::new(&[0.0; 2], &[1.0; 2]).unwrap(), simulator)
}

#[test]
fn levels_tell_a_right_posterior_from_narrow_and_biased_ones() {
    let family = Family::AutoregressiveSpline {
        transforms: 2,
        hidden: vec![24],
    };
    let learned = simulate(0.0, 0.5);
    let npe = Npe::new(learned.prior())
        .family(family)
        .members(2)
        .steps(600);
    let posterior = npe.fit(&learned.run(6000).unwrap()).unwrap();
    let of = |truth: &Simulate| -> Calibration {
        let fresh = truth.clone().seed(9).run(300).unwrap();
        posterior.calibrate(&fresh, 99, 3).unwrap()
    };
    let right = of(&learned);
    let all = |found: &Calibration| {
        let ranks = found.ranks.iter().map(|levels| levels.p_value());
        ranks
            .chain([found.highest_density.p_value(), found.tarp.p_value()])
            .collect::<Vec<f64>>()
    };
    assert!(all(&right).iter().all(|p| *p > 0.01), "{:?}", all(&right));
    let coverage = right.highest_density.coverage(0.9);
    assert!((coverage - 0.9).abs() < 0.06, "{coverage}");

    assert!(right.is_fine(), "{right}");
    assert!(
        right
            .to_string()
            .starts_with("nothing against the posterior on 300 fresh")
    );
    let verdicts = |found: &Calibration| -> Vec<Verdict> {
        found.checks().iter().map(|check| check.verdict).collect()
    };

    // More noise in truth than was learned: the posterior is too narrow.
    let narrow = of(&simulate(0.0, 1.5));
    assert!(all(&narrow).iter().all(|p| *p < 1e-6), "{:?}", all(&narrow));
    assert!(narrow.highest_density.coverage(0.9) < 0.6);

    assert_eq!(verdicts(&narrow), [Verdict::Narrow; 4], "{narrow}");
    assert!(
        narrow
            .to_string()
            .starts_with("4 of 4 checks fail on 300 fresh")
    );
    let (width, height) = narrow.page().to_image().unwrap().dimensions();
    assert!(width == 1200 && height > 900, "{width} {height}");

    // Less noise.
    let wide = of(&simulate(0.0, 0.1));
    assert_eq!(verdicts(&wide), [Verdict::Wide; 4], "{wide}");

    // A shift of the first number alone.
    let biased = of(&simulate(0.5, 0.5));
    assert!(biased.ranks[0].kolmogorov() < 1e-6);
    assert!(biased.ranks[1].kolmogorov() > 0.01);
    assert_eq!(
        verdicts(&biased)[..2],
        [Verdict::Biased, Verdict::Fine],
        "{biased}"
    );
    assert!(biased.highest_density.p_value() < 1e-3);
}
