//! Stationary laws on a quadratic loss, whose samplers are known exactly.

use std::convert::Infallible;

use thalweg_ode::{
    Kicked, PhasePoint, Start, Thermostat, Vector, baoab, euler_maruyama, infallible,
};

use crate::common::Noise;

/// Mean and variance of so many numbers.
fn moments(samples: &[f64]) -> (f64, f64) {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    (mean, variance)
}

#[test]
fn the_noise_is_standard_normal() {
    let mut noise = Noise(1);
    let samples: Vec<f64> = (0..200_000).map(|_| noise.normal()).collect();
    let (mean, variance) = moments(&samples);
    assert!(mean.abs() < 0.01, "{mean}");
    assert!((variance - 1.0).abs() < 0.01, "{variance}");
}

#[test]
fn euler_maruyama_is_stationary_with_its_own_variance() {
    let (k, sigma, h) = (2.0, 0.7, 0.3);
    let mut noise = Noise(2);
    let mut field = infallible(|_, y: &f64| -k * y);
    let mut y = 0.0;
    let mut samples = Vec::new();
    for _ in 0..400_000 {
        let start = Start {
            t: 0.0,
            y: &y,
            slope: None,
        };
        let Ok(next) = euler_maruyama(&mut field, start, h, sigma, noise.normal());
        y = next;
        samples.push(y);
    }
    let (mean, variance) = moments(&samples);
    let expected = sigma * sigma / (2.0 * k - k * k * h);
    assert!(mean.abs() < 0.01, "{mean}");
    assert!(
        (variance / expected - 1.0).abs() < 0.02,
        "{variance}, not {expected}"
    );
}

#[test]
fn baoab_samples_positions_of_a_quadratic_without_error() {
    // h ω = 1.4: half of what is stable, and no bias in positions all the same.
    let (k, temperature, h) = (2.0_f64, 0.5, 1.0);
    let langevin = Thermostat::new(1.0, temperature).unwrap();
    let mut noise = Noise(3);
    let mut acceleration = |q: &f64| Ok::<_, Infallible>(-k * q);
    let mut phase = PhasePoint {
        position: 0.0,
        velocity: 0.0,
    };
    let mut known = None;
    let (mut positions, mut velocities) = (Vec::new(), Vec::new());
    for _ in 0..400_000 {
        let Ok(next) = baoab(
            &langevin,
            &mut acceleration,
            &phase,
            known.as_ref(),
            h,
            noise.normal(),
        );
        let Kicked {
            phase: there,
            acceleration,
            ..
        } = next;
        (phase, known) = (there, Some(acceleration));
        positions.push(phase.position);
        velocities.push(phase.velocity);
    }
    let (mean, variance) = moments(&positions);
    let expected = temperature / k;
    assert!(mean.abs() < 0.01, "{mean}");
    assert!(
        (variance / expected - 1.0).abs() < 0.02,
        "{variance}, not {expected}"
    );
    // Velocities do have an error: T (1 − h²k/4).
    let (_, variance) = moments(&velocities);
    let expected = temperature * (1.0 - h * h * k / 4.0);
    assert!(
        (variance / expected - 1.0).abs() < 0.02,
        "{variance}, not {expected}"
    );
}

#[test]
fn without_temperature_there_is_no_noise() {
    let langevin = Thermostat::new(0.5, 0.0).unwrap();
    assert_eq!((langevin.friction(), langevin.temperature()), (0.5, 0.0));
    let mut acceleration = |q: &Vector| Ok::<_, Infallible>(q.clone() * -1.0);
    let start = PhasePoint {
        position: Vector::from([1.0, 2.0]),
        velocity: Vector::from([0.0, 1.0]),
    };
    let [one, other] = [[1.0, -5.0], [0.0, 0.0]].map(|noise| {
        let Ok(next) = baoab(
            &langevin,
            &mut acceleration,
            &start,
            None,
            0.1,
            Vector::from(noise),
        );
        next
    });
    assert_eq!(one, other);
    assert_eq!(one.evaluations, 2);
}

#[test]
fn what_the_field_returns_is_handed_on() {
    let start = Start {
        t: 0.0,
        y: &1.0,
        slope: None,
    };
    let found = euler_maruyama(&mut |_, _: &f64| Err("no gradient"), start, 0.1, 1.0, 0.0);
    assert_eq!(found, Err("no gradient"));
    let langevin = Thermostat::new(0.5, 1.0).unwrap();
    let phase = PhasePoint {
        position: 1.0,
        velocity: 0.0,
    };
    let mut fails = |_: &f64| Err("no gradient");
    let found = baoab(&langevin, &mut fails, &phase, Some(&1.0), 0.1, 0.0);
    assert_eq!(found, Err("no gradient"));
}

#[test]
#[should_panic(expected = "no step back")]
fn noise_has_no_step_back() {
    let start = Start {
        t: 0.0,
        y: &1.0,
        slope: None,
    };
    let _ = euler_maruyama(&mut infallible(|_, y: &f64| -y), start, -0.1, 1.0, 0.0);
}
