//! Second-order systems that lose energy.

use std::convert::Infallible;

use thalweg_ode::{Leapfrog, PhasePoint, obabo, semi_implicit_euler};

use crate::common::observed_order;

type Never<S> = Result<S, Infallible>;

fn pendulum(q: &f64) -> Never<f64> {
    Ok(-q.sin())
}

#[test]
fn methods_with_friction_have_their_orders() {
    let (friction, end) = (0.7, 3.0);
    let rest = PhasePoint {
        position: 1.0,
        velocity: 0.0,
    };
    let exact = damped(friction, end);
    type Run<'a> = Box<dyn Fn(usize) -> f64 + 'a>;
    let euler: Run = Box::new(|steps| {
        let mut phase = rest;
        for _ in 0..steps {
            let h = end / steps as f64;
            let Ok(next) = semi_implicit_euler(&mut |q: &f64| Never::Ok(-q), &phase, friction, h);
            phase = next;
        }
        (phase.position - exact).abs()
    });
    let split: Run = Box::new(|steps| {
        let mut phase = rest;
        for _ in 0..steps {
            let h = end / steps as f64;
            let Ok(next) = obabo(&mut |q: &f64| Never::Ok(-q), &phase, None, friction, h);
            phase = next.phase;
        }
        (phase.position - exact).abs()
    });
    let momentum: Run = Box::new(|steps| {
        let h = end / steps as f64;
        let momentum = Leapfrog::from_friction(friction, h).expect("a good setting");
        // At rest at time 0 the way of the step before is −h²/2 · a: half a kick back.
        let mut phase = PhasePoint {
            position: 1.0,
            velocity: h * h / 2.0 * (1.0 + friction * h / 2.0),
        };
        for _ in 0..steps {
            let Ok(next) = momentum.step(&mut |q: &f64| Never::Ok(-q), &phase);
            phase = next;
        }
        (phase.position - exact).abs()
    });
    for (name, run, order) in [
        ("Euler", euler, 1.0),
        ("OBABO", split, 2.0),
        ("momentum", momentum, 2.0),
    ] {
        let found = observed_order(run, 300);
        assert!((found - order).abs() < 0.1, "{name}: {found}");
    }
}

/// `q̈ + λq̇ = −q` from rest at 1: `e^(−λt/2) (cos ωt + λ/2ω sin ωt)`.
fn damped(friction: f64, t: f64) -> f64 {
    let omega = (1.0 - friction * friction / 4.0).sqrt();
    let wave = (omega * t).cos() + friction / (2.0 * omega) * (omega * t).sin();
    (-friction * t / 2.0).exp() * wave
}

#[test]
fn heavy_ball_is_the_semi_implicit_euler_method() {
    let (friction, h) = (0.5, 0.2);
    let momentum = Leapfrog::new(1.0 - friction * h, h * h).unwrap();
    let mut way = PhasePoint {
        position: 1.0,
        velocity: 0.3 * h,
    };
    let mut phase = PhasePoint {
        position: 1.0,
        velocity: 0.3,
    };
    for _ in 0..50 {
        let Ok(next) = momentum.step(&mut pendulum, &way);
        way = next;
        let Ok(next) = semi_implicit_euler(&mut pendulum, &phase, friction, h);
        phase = next;
        assert!((way.position - phase.position).abs() < 1e-13);
    }
}

#[test]
fn a_scaled_rate_keeps_the_friction_to_first_order() {
    for (beta, tolerance) in [(0.9, 0.06), (0.99, 6e-3), (0.999, 6e-4)] {
        let before = Leapfrog::new(beta, 0.01).unwrap();
        let after = before.scaled(0.25).unwrap();
        assert_eq!(after.alpha(), 0.0025);
        assert!((after.beta() - (1.0 - (1.0 - beta) / 2.0)).abs() < 1e-15);
        let ratio = after.friction() / before.friction();
        assert!((ratio - 1.0).abs() < tolerance, "{ratio}");
    }
}

#[test]
fn a_step_with_friction_shrinks_volume_by_an_exact_factor() {
    // The Jacobian determinant of one step, by central differences.
    let (friction, h, delta) = (0.8, 0.3, 1e-5);
    let step = |position: f64, velocity: f64| {
        let phase = PhasePoint { position, velocity };
        let Ok(next) = obabo(&mut pendulum, &phase, None, friction, h);
        next.phase
    };
    let slope = |plus: PhasePoint<f64>, minus: PhasePoint<f64>| {
        [
            (plus.position - minus.position) / (2.0 * delta),
            (plus.velocity - minus.velocity) / (2.0 * delta),
        ]
    };
    let by_q = slope(step(0.7 + delta, 0.2), step(0.7 - delta, 0.2));
    let by_v = slope(step(0.7, 0.2 + delta), step(0.7, 0.2 - delta));
    let determinant = by_q[0] * by_v[1] - by_q[1] * by_v[0];
    assert!((determinant - (-friction * h).exp()).abs() < 1e-9);
}
