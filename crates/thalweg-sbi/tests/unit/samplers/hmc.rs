//! What Hamiltonian Monte Carlo learns, and what it reports.

use thalweg_sbi::SbiError;
use thalweg_sbi::sampler::{Chains, Hmc, HostGradient, Langevin, Sampling, SamplingWarning};

use super::Correlated;

/// Independent normal coordinates of these deviations.
fn normal(deviations: Vec<f64>) -> HostGradient<impl Fn(&[f64], &mut [f64]) -> f64> {
    HostGradient::new(deviations.len(), move |x, gradient| {
        let mut log = 0.0;
        for (k, deviation) in deviations.iter().enumerate() {
            let z = x[k] / deviation;
            gradient[k] = -z / deviation;
            log -= 0.5 * z * z;
        }
        log
    })
}

#[test]
fn the_step_comes_to_the_acceptance() {
    // In few dimensions the acceptance falls at once from near 1 to 0, where the step becomes unstable.
    let target = normal((1..=30).map(f64::from).collect());
    let acceptance = |sampling: Result<Chains, SbiError>| sampling.unwrap().acceptance().unwrap();
    for wanted in [0.65, 0.8, 0.95] {
        let sampling = Sampling::new(Hmc::new().acceptance(wanted)).draws(300);
        let found = acceptance(sampling.run(&target));
        // The average of ln ε is smaller than the ε of the mean acceptance.
        let above = found - wanted;
        assert!(
            above > -0.04 && above < 0.15 && found < 0.99,
            "{found}, not {wanted}"
        );
    }
    let found = acceptance(Sampling::new(Langevin::new()).draws(300).run(&target));
    assert!((found - 0.574).abs() < 0.08, "{found}");
}

#[test]
fn widths_of_any_size_are_learned() {
    let target = normal(vec![1e-3, 1.0, 1e3]);
    let sampling = Sampling::new(Hmc::new());
    let chains = sampling.run(&target).unwrap();
    let found = chains.diagnostics().unwrap();
    assert!(found.warnings().is_empty(), "{found}");
    for (k, deviation) in [1e-3, 1.0, 1e3].into_iter().enumerate() {
        let ratio = found.parameters[k].deviation / deviation;
        assert!((ratio - 1.0).abs() < 0.1, "{k}: {ratio}\n{found}");
    }
    // A move takes a few steps only: the units are those of the density.
    let longer = sampling.draws(1500).run(&target).unwrap();
    let more = longer.evaluations() - chains.evaluations();
    assert!(more < 2000 * 5, "{more} evaluations of 2000 moves");
}

#[test]
fn small_steps_keep_the_energy_to_the_second_order() {
    // The energy's error, and with it the rejections, falls with the square of the step.
    let rejected = |step: f64| {
        let hmc = Hmc::new().step(step).steps((2.0 / step) as usize);
        let chains = Sampling::new(hmc)
            .warm_up(0)
            .draws(500)
            .run(&normal(vec![1.0; 2]))
            .unwrap();
        1.0 - chains.acceptance().unwrap()
    };
    let [coarse, fine] = [rejected(0.4), rejected(0.1)];
    assert!(coarse < 0.05 && fine < coarse / 10.0, "{coarse} {fine}");
    // Beyond twice the deviation the leapfrog is unstable.
    let hmc = Hmc::new().step(2.5).steps(50);
    let chains = Sampling::new(hmc)
        .warm_up(0)
        .draws(20)
        .run(&normal(vec![1.0; 2]))
        .unwrap();
    assert_eq!(chains.divergences(), 80);
    let warnings = chains.diagnostics().unwrap().warnings();
    assert!(warnings.contains(&SamplingWarning::Divergences { count: 80 }));
}

#[test]
fn the_neck_of_a_funnel_diverges() {
    // Neal's funnel: v ~ N(0, 3²), x | v ~ N(0, e^v).
    let funnel = HostGradient::new(2, |x, gradient| {
        let (v, scaled) = (x[0], x[1] * x[1] * (-x[0]).exp());
        gradient[0] = -v / 9.0 + 0.5 * scaled - 0.5;
        gradient[1] = -x[1] * (-v).exp();
        -v * v / 18.0 - 0.5 * scaled - 0.5 * v
    });
    let chains = Sampling::new(Hmc::new().time(4.0))
        .draws(600)
        .run(&funnel)
        .unwrap();
    assert!(!chains.diagnostics().unwrap().warnings().is_empty());
}

#[test]
fn a_density_without_an_integral_has_no_step() {
    let flat = HostGradient::new(1, |_, _| 0.0);
    let error = Sampling::new(Hmc::new()).run(&flat).unwrap_err();
    assert!(matches!(error, SbiError::StepSize { .. }), "{error}");
    assert!(error.to_string().contains("still all accepted"), "{error}");
    // A gradient that points downhill.
    let wrong = HostGradient::new(1, |x, gradient| {
        gradient[0] = 1e9 * x[0];
        -0.5e9 * x[0] * x[0]
    });
    let chains = Sampling::new(Hmc::new())
        .warm_up(200)
        .draws(200)
        .run(&wrong);
    assert!(chains.is_err() || !chains.unwrap().diagnostics().unwrap().warnings().is_empty());
}

#[test]
fn settings_have_bounds() {
    let refused = |hmc: Hmc| Sampling::new(hmc).run(&Correlated).unwrap_err().to_string();
    assert!(
        refused(Hmc::new().acceptance(1.0))
            .contains("the acceptance is 1; it must be between 0 and 1")
    );
    assert!(refused(Hmc::new().time(0.0)).contains("the time of a move is 0"));
    assert!(refused(Hmc::new().step(f64::NAN)).contains("the step is NaN"));
    assert!(refused(Hmc::new().at_most(0)).contains("the most steps of a move is 0"));
}
