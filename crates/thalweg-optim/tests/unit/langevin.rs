//! Langevin dynamics sample what they should.

use std::convert::Infallible;

use crate::common::{Position, assert_near, step};
use burn::tensor::{Device, Tensor};
use thalweg_device::cpu_devices;
use thalweg_ode::{PhasePoint, Thermostat, baoab};
use thalweg_optim::Minimizer;
use thalweg_optim::{Langevin, Underdamped};

/// Many independent chains at once, each number one of them.
const CHAINS: usize = 4000;

/// Mean and variance over the chains after some steps from 3.
fn moments(
    mut method: impl Minimizer<Position>,
    h: f64,
    steps: usize,
    loss: impl Fn(&Position) -> Tensor<1>,
) -> [f64; 2] {
    let mut position = Position::at(&[3.0; CHAINS], &Device::default());
    for _ in 0..steps {
        (position, _) = step(&mut method, h, position, &loss);
    }
    let x = position.numbers();
    let mean = x.iter().sum::<f64>() / CHAINS as f64;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / CHAINS as f64;
    [mean, variance]
}

/// `k (x − 1)²/2`, whose stationary density is normal with mean 1 and variance `T/k`.
fn well(stiffness: f64) -> impl Fn(&Position) -> Tensor<1> {
    move |p| (p.x.val() - 1.0).square().sum().mul_scalar(0.5 * stiffness)
}

/// Euler–Maruyama's own stationary variance is `T/k / (1 − hk/2)`, exactly.
#[test]
fn langevin_has_the_stationary_density_of_its_step() {
    let (stiffness, temperature, h) = (2.0, 0.5, 0.1);
    let method = Langevin::new(temperature, 0);
    let [mean, variance] = moments(method, h, 60, well(stiffness));
    let expected = temperature / stiffness / (1.0 - 0.5 * h * stiffness);
    // Standard errors: 0.008 of the mean, 2.2 % of the variance.
    assert!((mean - 1.0).abs() < 0.03, "{mean}");
    assert!(
        (variance / expected - 1.0).abs() < 0.08,
        "{variance}, not {expected}"
    );
}

/// BAOAB's is `T/k` itself for a quadratic, at any stable step.
#[test]
fn underdamped_langevin_has_the_exact_density_of_a_quadratic() {
    let (stiffness, temperature, h) = (2.0, 0.5, 0.5);
    let method = Underdamped::new(1.5, temperature, 1);
    let [mean, variance] = moments(method, h, 80, well(stiffness));
    let expected = temperature / stiffness;
    assert!((mean - 1.0).abs() < 0.03, "{mean}");
    assert!(
        (variance / expected - 1.0).abs() < 0.08,
        "{variance}, not {expected}"
    );
}

/// The posterior of a mean: 20 observations of variance 1 around 0.7, a standard normal prior. It
/// is normal with precision 21 and mean Σx/21.
#[test]
fn langevin_samples_a_known_posterior() {
    let data: Vec<f64> = (0..20).map(|i| 0.7 + 0.1 * (f64::from(i) - 9.5)).collect();
    let sum: f64 = data.iter().sum();
    let loss = move |p: &Position| {
        // Σ (xᵢ − θ)²/2 + θ²/2 up to a constant, for each chain.
        let theta = p.x.val();
        (theta.clone().square().mul_scalar(10.5) - theta.mul_scalar(sum)).sum()
    };
    let [mean, variance] = moments(Langevin::new(1.0, 2), 0.002, 200, loss);
    assert!(
        (mean - sum / 21.0).abs() < 0.015,
        "{mean}, not {}",
        sum / 21.0
    );
    let expected = 1.0 / 21.0 / (1.0 - 0.5 * 0.002 * 21.0);
    assert!(
        (variance / expected - 1.0).abs() < 0.08,
        "{variance}, not {expected}"
    );
}

/// One kick in place of the last half kick of a step and the first of the next: the positions are
/// those of BAOAB.
#[test]
fn underdamped_langevin_has_the_positions_of_baoab() {
    let (friction, h) = (0.7, 0.3);
    let thermostat = Thermostat::new(friction, 0.0).expect("settings");
    let mut downhill = |q: &f64| Ok::<_, Infallible>(-2.0 * (q - 1.0));
    for device in cpu_devices() {
        let mut method = Underdamped::new(friction, 0.0, 0);
        let mut position = Position::at(&[3.0], &device);
        let mut phase = PhasePoint {
            position: 3.0,
            velocity: 0.0,
        };
        for _ in 0..20 {
            (position, _) = step(&mut method, h, position, well(2.0));
            let Ok(next) = baoab(&thermostat, &mut downhill, &phase, None, h, 0.0);
            phase = next.phase;
            assert_near(&position.numbers(), &[phase.position], 1e-13);
        }
    }
}

#[test]
fn without_temperature_it_is_gradient_descent() {
    for device in cpu_devices() {
        let start = Position::at(&[3.0, -1.0], &device);
        let (moved, _) = step(&mut Langevin::new(0.0, 0), 0.25, start, well(1.0));
        assert_eq!(moved.numbers(), [2.5, -0.5]);
    }
}

#[test]
#[should_panic(expected = "a temperature is a finite number from 0 on, got -1")]
fn a_negative_temperature() {
    Langevin::new(-1.0, 0);
}
