//! Each kernel on the same densities.

use thalweg_flow::Support;
use thalweg_sbi::sampler::{
    Bounded, Chains, Directions, Hmc, HostDensity, HostGradient, Kernel, Langevin, LogDensity,
    Sampling, SamplingWarning, Slice, Stretch, Underdamped,
};

use super::{Correlated, assert_correlated, run};

#[test]
fn all_find_a_correlated_normal_density() {
    assert_correlated(&run(Hmc::new(), 1000));
    assert_correlated(&run(Langevin::new(), 4000));
    assert_correlated(&run(Slice::new(), 1500));
    assert_correlated(&run(Slice::new().directions(Directions::Random), 1500));
    assert_correlated(&run(Slice::new().at_most(1), 1500));
    assert_correlated(&run(Stretch::new(), 4000));
    // Without a correction, but exact for normal densities.
    let slow = Sampling::new(Underdamped::new(0.5, 0.1))
        .thin(6)
        .draws(6000);
    assert_correlated(&slow.run(&Correlated).unwrap());
}

#[track_caller]
fn assert_bounded(chains: &Chains) {
    let found = chains.diagnostics().unwrap();
    let (samples, ess) = (chains.samples(), found.least_ess());
    assert!(ess > 400.0 && found.largest_r_hat() < 1.02, "{found}");
    assert!(
        samples
            .rows()
            .all(|row| row[0] > 0.0 && row[1] > 0.0 && row[1] < 1.0)
    );
    let beta = 2.0 / 2.7;
    for (k, mean, variance) in [(0, 2.5, 2.5), (1, beta, beta * (1.0 - beta) / 3.7)] {
        let off = (samples.mean()[k] - mean) / found.parameters[k].error;
        assert!(off.abs() < 5.0, "mean {k}: {off} standard errors\n{found}");
        let ratio = samples.covariance()[3 * k] / variance;
        assert!(
            (ratio - 1.0).abs() < 10.0 / ess.sqrt(),
            "variance {k}: {ratio}\n{found}"
        );
    }
}

/// A Gamma density of shape 2.5 and a Beta density of shapes 2 and 0.7, which is infinite at 1.
#[test]
fn all_stay_within_bounds() {
    fn sampled<K>(kernel: K, draws: usize) -> Chains
    where
        K: Kernel<Bounded<HostGradient<fn(&[f64], &mut [f64]) -> f64>>>,
    {
        let target = |x: &[f64], gradient: &mut [f64]| {
            let (g, b) = (x[0], x[1]);
            gradient[0] = 1.5 / g - 1.0;
            gradient[1] = 1.0 / b + 0.3 / (1.0 - b);
            1.5 * g.ln() - g + b.ln() - 0.3 * (1.0 - b).ln()
        };
        let target: fn(&[f64], &mut [f64]) -> f64 = target;
        let supports = vec![Support::Above(0.0), Support::Between(0.0, 1.0)];
        let target = Bounded::new(HostGradient::new(2, target), supports).unwrap();
        Sampling::new(kernel).draws(draws).run(&target).unwrap()
    }
    assert_bounded(&sampled(Hmc::new(), 1000));
    assert_bounded(&sampled(Langevin::new(), 4000));
    assert_bounded(&sampled(Slice::new(), 1000));
    assert_bounded(&sampled(Stretch::new(), 4000));
}

/// A banana: `a ~ N(0, 1)`, `b | a ~ N(a²/2, 1)`; the mean of b is ½ and its variance 1 + ½.
fn banana(x: &[f64]) -> f64 {
    -0.5 * x[0] * x[0] - 0.5 * (x[1] - 0.5 * x[0] * x[0]).powi(2)
}

#[track_caller]
fn assert_banana(chains: &Chains) {
    let found = chains.diagnostics().unwrap();
    assert!(
        found.largest_r_hat() < 1.03 && found.least_ess() > 200.0,
        "{found}"
    );
    for (k, mean) in [(0, 0.0), (1, 0.5)] {
        let off = (chains.samples().mean()[k] - mean) / found.parameters[k].error;
        assert!(off.abs() < 5.0, "mean {k}: {off} standard errors\n{found}");
    }
    let variance = chains.samples().covariance()[3];
    // Heavier tails than a normal density: twice the error of its variance.
    let error = 1.5 * 8.0 * (2.0 / found.least_ess()).sqrt();
    assert!((variance - 1.5).abs() < error, "{variance}\n{found}");
}

#[test]
fn a_bent_density_is_followed() {
    let target = HostGradient::new(2, |x, gradient| {
        let off = x[1] - 0.5 * x[0] * x[0];
        gradient[0] = -x[0] + off * x[0];
        gradient[1] = -off;
        banana(x)
    });
    let sampling = Sampling::new(Hmc::new().acceptance(0.95)).draws(2000);
    assert_banana(&sampling.run(&target).unwrap());
    assert_banana(
        &Sampling::new(Slice::new())
            .draws(4000)
            .run(&target)
            .unwrap(),
    );
    assert_banana(
        &Sampling::new(Stretch::new())
            .draws(1500)
            .run(&target)
            .unwrap(),
    );
}

#[test]
fn chains_in_two_modes_are_told() {
    // Ten deviations apart.
    let modes = HostDensity::new(1, |x| {
        let [a, b] = [-5.0, 5.0].map(|at| -0.5 * (x[0] - at) * (x[0] - at));
        a.max(b) + (-(a - b).abs()).exp().ln_1p()
    });
    let wide = |rng: &mut dyn rand::Rng| {
        vec![if rand::RngExt::random::<bool>(rng) {
            5.0
        } else {
            -5.0
        }]
    };
    fn told(chains: Chains) {
        let found = chains.diagnostics().unwrap();
        let mixed = |warning: &SamplingWarning| matches!(warning, SamplingWarning::NotMixed { parameter: 0, r_hat } if *r_hat > 1.1);
        assert!(found.warnings().iter().any(mixed), "{found}");
        assert!(
            found
                .to_string()
                .contains("warning: the chains differ in parameter 0")
        );
    }
    let stretch = Sampling::new(Stretch::new().at_most(1.2))
        .draws(300)
        .start_from(wide);
    told(stretch.run(&modes).unwrap());
    // Intervals that never step out cannot reach over the gap.
    let slice = Sampling::new(Slice::new().at_most(1)).warm_up(0).draws(500);
    told(slice.start_at([vec![-5.0], vec![5.0]]).run(&modes).unwrap());
    assert_eq!(modes.dims(), 1);
}
