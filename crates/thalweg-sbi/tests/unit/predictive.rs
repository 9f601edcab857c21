//! Predictive draws and observations.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand_distr::StandardNormal;
use thalweg_metrics::normal_share;
use thalweg_sbi::{Embedding, Family, Npe, Posterior, Simulate, Uniform};

/// `x = (θ + e, θ − e, θ + 3)` with `e ~ N(0, 0.1²)`, and no data below −0.9.
fn simulate() -> Simulate {
    let simulator = |theta: &[f64], rng: &mut ChaCha8Rng| {
        let noise = 0.1 * rng.sample::<f64, _>(StandardNormal);
        match theta[0] > -0.9 {
            true => Ok(vec![theta[0] + noise, theta[0] - noise, 3.0]),
            false => Err("too low".to_owned()),
        }
    };
    let simulate = Simulate::new(Uniform::new([[-1.0, 1.0]]).unwrap(), simulator);
    simulate.on_failure(thalweg_sbi::OnFailure::Exclude { at_most: 0.2 })
}

fn posterior() -> Posterior {
    let simulate = simulate();
    let npe = Npe::new(simulate.prior()).family(Family::AutoregressiveSpline {
        transforms: 2,
        hidden: vec![16],
    });
    let npe = npe.embedding(Embedding::None).members(1).steps(200);
    npe.fit(&simulate.run(1000).unwrap()).unwrap()
}

#[test]
fn the_observation_is_placed_among_predictive_draws() {
    let (posterior, simulate) = (posterior(), simulate());
    // θ is the mean of both numbers, nearly without error: draws of a number are N(0.2, 0.1²).
    let x = [0.35, 0.05, 3.0];
    let found = posterior.predict(&simulate, &x, 500, 1).unwrap();
    assert_eq!((found.draws().len(), found.numbers().len()), (500, 3));
    let expected = 2.0 * (1.0 - normal_share(1.5));
    let first = found.numbers()[0];
    assert!((first.p_value - expected).abs() < 0.07, "{first}");
    assert!((first.quantiles[2] - 0.2).abs() < 0.03, "{first}");
    assert!((first.quantiles[4] - 0.2 - 0.1645).abs() < 0.04, "{first}");
    assert_eq!(found.numbers()[2].p_value, 1.0);
    assert!(found.is_like_observation(), "{found}");
    assert!(
        found
            .to_string()
            .starts_with("the observation is like 500 draws"),
        "{found}"
    );
    let picture = found.picture().to_image().unwrap();
    assert_eq!(picture.dimensions(), (760, 420));

    // Numbers that lie apart by 0.9, where the simulator's differ by 0.2.
    let apart = posterior
        .predict(&simulate, &[0.55, -0.35, 3.0], 500, 1)
        .unwrap();
    assert!(!apart.is_like_observation(), "{apart}");
    assert_eq!(apart.p_value(), 1.0 / 501.0);
    assert!(apart.worst(2).iter().all(|number| number.number < 2));
    let constant = posterior
        .predict(&simulate, &[0.35, 0.05, 3.5], 500, 1)
        .unwrap();
    assert!(constant.numbers()[2].adjusted < 0.01, "{constant}");
}

#[test]
fn simulations_that_fail_are_counted_and_wrong_arguments_are_errors() {
    let (posterior, simulate) = (posterior(), simulate());
    let low = posterior
        .predict(&simulate, &[-0.93, -0.93, 3.0], 200, 1)
        .unwrap();
    let failures = low.draws().failures().len();
    assert!(failures > 0 && failures + low.draws().len() == 200);
    let words = format!("{failures} of 200 simulations failed");
    assert!(low.to_string().contains(&words), "{low}");
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
    let never = Simulate::new(Uniform::new([[-1.0, 1.0]]).unwrap(), never);
    let failed = posterior
        .predict(&never, &[0.0, 0.0, 3.0], 10, 1)
        .unwrap_err();
    assert!(
        failed.to_string().contains("10 of 10 simulations"),
        "{failed}"
    );
}
