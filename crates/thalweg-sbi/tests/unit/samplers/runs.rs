//! Starting points, seeds and errors of runs.

use thalweg_sbi::SbiError;
use thalweg_sbi::sampler::{Hmc, HostDensity, LogDensity, Sampling, Slice, Stretch};

use super::{Correlated, run};

#[test]
fn a_seed_gives_the_same_draws() {
    let draws = |seed: u64| {
        let sampling = Sampling::new(Hmc::new()).warm_up(50).draws(20).seed(seed);
        sampling.run(&Correlated).unwrap()
    };
    assert_eq!(draws(3), draws(3));
    assert_ne!(draws(3), draws(4));
}

#[test]
fn chains_have_their_shape_and_thinning_keeps_every_nth_draw() {
    let all = Sampling::new(Slice::new()).chains(3).warm_up(20).draws(60);
    let (all, thin) = (
        all.run(&Correlated).unwrap(),
        all.thin(3).draws(20).run(&Correlated).unwrap(),
    );
    assert_eq!(
        (all.chains(), all.draws(), all.dims(), all.samples().len()),
        (3, 60, 2, 180)
    );
    let third: Vec<&[f64]> = all.chain(1).skip(2).step_by(3).collect();
    assert_eq!(third, thin.chain(1).collect::<Vec<_>>());
    assert_eq!(all.parameter(1)[2][7], all.chain(2).nth(7).unwrap()[1]);
    let row: Vec<f64> = all.chain(2).nth(7).unwrap().to_vec();
    assert_eq!(
        all.log_densities(2)[7],
        Correlated.log_density(&row).unwrap()[0]
    );
    assert_eq!(all.acceptance(), None);
}

#[test]
fn the_diagnostics_are_a_table() {
    let text = run(Hmc::new(), 200).diagnostics().unwrap().to_string();
    assert!(
        text.starts_with("4 chains of 200 draws, acceptance 0."),
        "{text}"
    );
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[1].ends_with("R-hat  bulk ESS  tail ESS"), "{text}");
    assert!(
        lines[2].trim_start().starts_with("0 ") && lines[3].trim_start().starts_with("1 "),
        "{text}"
    );
    assert_eq!(lines[1].len(), lines[2].len(), "{text}");
}

#[test]
fn a_start_without_a_density_is_named() {
    let half = HostDensity::new(1, |x| if x[0] > 0.0 { -x[0] } else { f64::NEG_INFINITY });
    let sampling = Sampling::new(Slice::new());
    let error = sampling
        .clone()
        .start_at([vec![1.0], vec![-0.5]])
        .run(&half)
        .unwrap_err();
    assert!(
        matches!(&error, SbiError::Start { chain: 1, point, .. } if point == &[-0.5]),
        "{error}"
    );
    let text = error.to_string();
    assert!(
        text.contains("chain 1 begins at [-0.5], where the log-density is -inf"),
        "{text}"
    );
    let error = sampling
        .clone()
        .start_at([vec![1.0, 2.0]])
        .run(&half)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("2 numbers of a starting point, but 1 parameters"),
        "{error}"
    );
    let error = sampling.clone().start_at(vec![]).run(&half).unwrap_err();
    assert!(
        error.to_string().contains("the number of chains is 0"),
        "{error}"
    );
    let error = sampling.draws(0).run(&half).unwrap_err();
    assert!(
        error.to_string().contains("the number of draws is 0"),
        "{error}"
    );
    let error = Sampling::new(Stretch::new())
        .chains(5)
        .start_from(|_| vec![1.0])
        .run(&half)
        .unwrap_err();
    assert!(
        matches!(
            error,
            SbiError::Members {
                members: 5,
                needed: 4
            }
        ),
        "{error}"
    );
}

#[test]
fn places_without_a_density_are_not_visited() {
    // NaN below 0, as a logarithm gives it.
    let gamma = HostDensity::new(1, |x| x[0].ln() * 2.0 - x[0]);
    for chains in [
        Sampling::new(Slice::new())
            .start_from(|_| vec![1.0])
            .run(&gamma),
        Sampling::new(Stretch::new())
            .start_from(|rng| vec![1.0 + rand::RngExt::random::<f64>(rng)])
            .run(&gamma),
    ] {
        let chains = chains.unwrap();
        assert!(chains.samples().values().iter().all(|x| *x > 0.0));
        let found = chains.diagnostics().unwrap();
        let off = (found.parameters[0].mean - 3.0) / found.parameters[0].error;
        assert!(off.abs() < 5.0, "{found}");
    }
}

#[test]
fn errors_of_a_target_come_through() {
    struct Broken;
    impl LogDensity for Broken {
        fn dims(&self) -> usize {
            1
        }
        fn log_density(&self, rows: &[f64]) -> Result<Vec<f64>, SbiError> {
            Ok(vec![0.0; rows.len() + 1])
        }
    }
    let error = Sampling::new(Slice::new()).run(&Broken).unwrap_err();
    assert!(
        error.to_string().contains("5 log-densities, but 4 rows"),
        "{error}"
    );
}
