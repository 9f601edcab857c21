//! Predictive draws and observations.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;
use thalweg_metrics::normal_share;
use thalweg_sbi::{Embedding, Family, Normal, Npe, Posterior, Simulate};

/// `x = (θ + e₁, θ + e₂, 3)` with `e ~ N(0, 0.3²)`, and no data where `θ` is below a bound.
fn simulate(bound: f64) -> Simulate {
    let simulator = move |theta: &[f64], rng: &mut ChaCha8Rng| {
        let mut noisy = || theta[0] + 0.3 * rng.sample::<f64, _>(StandardNormal);
        match theta[0] > bound {
            true => Ok(vec![noisy(), noisy(), 3.0]),
            false => Err("too low"),
        }
    };
    Simulate::new(Normal::new(&[0.0], &[1.0]).unwrap(), simulator)
}

fn posterior() -> Posterior {
    let simulate = simulate(-9.0);
    let npe = Npe::new(simulate.prior()).family(Family::AutoregressiveSpline {
        transforms: 2,
        hidden: vec![16],
    });
    let npe = npe.embedding(Embedding::None).members(1).steps(200);
    npe.fit(&simulate.run(1000).unwrap()).unwrap()
}

#[test]
fn the_observation_is_placed_among_predictive_draws() {
    let (posterior, simulate) = (posterior(), simulate(-9.0));
    // The posterior is N(0.2 × 22.2 / 23.2, 1 / 23.2), as 2 / 0.3² = 22.2; predictive draws of a number have 0.3² more.
    let (middle, deviation) = (0.2 * 22.222 / 23.222, (1.0 / 23.222 + 0.09_f64).sqrt());
    let found = posterior
        .predict(&simulate, &[0.5, -0.1, 3.0], 1000, 1)
        .unwrap();
    assert_eq!((found.draws().len(), found.numbers().len()), (1000, 3));
    let expected = 2.0 * (1.0 - normal_share((0.5 - middle) / deviation));
    let first = found.numbers()[0];
    assert!((first.p_value - expected).abs() < 0.07, "{first}");
    assert!((first.quantiles[2] - middle).abs() < 0.05, "{first}");
    assert!(
        (first.quantiles[4] - middle - 1.645 * deviation).abs() < 0.1,
        "{first}"
    );
    assert_eq!(found.numbers()[2].p_value, 1.0);
    assert!(found.is_like_observation(), "{found}");
    assert!(
        found
            .to_string()
            .starts_with("the observation is like 1000 draws"),
        "{found}"
    );
    let picture = found.picture().to_image().unwrap();
    assert_eq!(picture.dimensions(), (760, 420));

    // Numbers that lie apart by 2.2, where the simulator's have a deviation of 0.42.
    let of = |x: [f64; 3]| posterior.predict(&simulate, &x, 1000, 1).unwrap();
    let apart = of([1.3, -0.9, 3.0]);
    assert!(!apart.is_like_observation(), "{apart}");
    assert_eq!(apart.p_value(), 1.0 / 1001.0);
    assert!(apart.worst(2).iter().all(|number| number.number < 2));
    let constant = of([0.35, 0.05, 3.5]);
    assert!(constant.numbers()[2].adjusted < 0.01, "{constant}");
}

#[test]
fn simulations_that_fail_are_counted_and_wrong_arguments_are_errors() {
    let (posterior, simulate) = (posterior(), simulate(0.2));
    let half = posterior
        .predict(&simulate, &[0.2, 0.2, 3.0], 200, 1)
        .unwrap();
    let failures = half.draws().failures().len();
    assert!((60..140).contains(&failures) && failures + half.draws().len() == 200);
    let words = format!("{failures} of 200 simulations failed");
    assert!(half.to_string().contains(&words), "{half}");
    let none = posterior
        .predict(&simulate, &[0.0, 0.0, 3.0], 0, 1)
        .unwrap_err();
    assert!(
        none.to_string().contains("the number of draws is 0"),
        "{none}"
    );
    let wide = posterior.predict(&simulate, &[0.0; 4], 10, 1).unwrap_err();
    assert!(
        wide.to_string().contains("4 numbers of the observation"),
        "{wide}"
    );
    let never = |_: &[f64], _: &mut ChaCha8Rng| Err::<Vec<f64>, _>("never");
    let never = Simulate::new(Normal::new(&[0.0], &[1.0]).unwrap(), never);
    let failed = posterior
        .predict(&never, &[0.0, 0.0, 3.0], 10, 1)
        .unwrap_err();
    assert!(
        failed.to_string().contains("10 of 10 simulations"),
        "{failed}"
    );
}
