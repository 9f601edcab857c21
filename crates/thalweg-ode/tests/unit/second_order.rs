//! Time reversal, energy, friction.

use std::convert::Infallible;

use proptest::prelude::*;
use thalweg_ode::{Momentum, Phase, Vector, obabo, semi_implicit_euler, velocity_verlet};

use crate::common::{distance, observed_order};

type Never<S> = Result<S, Infallible>;

fn pendulum(q: &f64) -> Never<f64> {
    Ok(-q.sin())
}

fn energy(phase: &Phase<f64>) -> f64 {
    phase.velocity.powi(2) / 2.0 - phase.position.cos()
}

const START: Phase<f64> = Phase {
    position: 1.0,
    velocity: 0.5,
};

/// Two springs, coupled by a term that is not linear.
fn springs(q: &Vector) -> Never<Vector> {
    let pull = (q[0] - q[1]).powi(3);
    Ok(Vector::from([-q[0] - pull, -4.0 * q[1] + pull]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_leapfrog_goes_back_the_way_it_came(
        q in prop::array::uniform2(-1.0..1.0), v in prop::array::uniform2(-1.0..1.0), h in 0.01..0.2_f64,
    ) {
        let start = Phase { position: Vector::from(q), velocity: Vector::from(v) };
        let mut phase = start.clone();
        let mut acceleration = springs;
        for step in [h, -h] {
            for _ in 0..50 {
                let Ok(next) = velocity_verlet(&mut acceleration, &phase, None, step);
                phase = next.phase;
            }
        }
        prop_assert!(distance(&phase.position, &start.position) < 1e-12);
        prop_assert!(distance(&phase.velocity, &start.velocity) < 1e-12);
    }

    #[test]
    fn momentum_with_friction_goes_back_the_way_it_came(
        beta in 0.8..1.0, q in -1.0..1.0, v in -0.1..0.1,
    ) {
        let momentum = Momentum::new(beta, 0.01).unwrap();
        let start = Phase { position: q, velocity: v };
        let mut phase = start;
        for _ in 0..20 {
            let Ok(next) = momentum.step(&mut pendulum, &phase);
            phase = next;
        }
        for _ in 0..20 {
            let Ok(before) = momentum.step_back(&mut pendulum, &phase);
            phase = before;
        }
        prop_assert!((phase.position - start.position).abs() < 1e-11);
        prop_assert!((phase.velocity - start.velocity).abs() < 1e-11);
    }

    #[test]
    fn friction_and_step_are_the_same_as_beta_and_alpha(friction in 0.0..10.0, step in 0.001..1.0) {
        let momentum = Momentum::from_friction(friction, step).unwrap();
        prop_assert!((momentum.friction() - friction).abs() < 1e-9);
        prop_assert!((momentum.step_size() - step).abs() < 1e-12);
    }
}

#[test]
fn energy_stays_near_its_start() {
    // 100 000 steps of 0.1, some 1500 swings.
    let (mut verlet, mut euler) = (START, START);
    let (mut verlet_drift, mut euler_drift) = (0.0_f64, 0.0_f64);
    let mut known = None;
    for _ in 0..100_000 {
        let Ok(next) = velocity_verlet(&mut pendulum, &verlet, known.as_ref(), 0.1);
        (verlet, known) = (next.phase, Some(next.acceleration));
        let Ok(next) = semi_implicit_euler(&mut pendulum, &euler, 0.0, 0.1);
        euler = next;
        verlet_drift = verlet_drift.max((energy(&verlet) - energy(&START)).abs());
        euler_drift = euler_drift.max((energy(&euler) - energy(&START)).abs());
    }
    assert!(verlet_drift < 2e-3, "{verlet_drift}");
    assert!(euler_drift < 0.06, "{euler_drift}");
}

#[test]
fn a_known_acceleration_saves_an_evaluation_and_changes_nothing() {
    let Ok(first) = velocity_verlet(&mut pendulum, &START, None, 0.1);
    let Ok(fresh) = velocity_verlet(&mut pendulum, &first.phase, None, 0.1);
    let known = Some(&first.acceleration);
    let Ok(reused) = velocity_verlet(&mut pendulum, &first.phase, known, 0.1);
    assert_eq!((fresh.evaluations, reused.evaluations), (2, 1));
    assert_eq!(fresh.phase, reused.phase);
    let Ok(without_friction) = obabo(&mut pendulum, &START, None, 0.0, 0.1);
    assert_eq!(without_friction, first);
}

/// `q̈ + λq̇ = −q` from rest at 1: `e^(−λt/2) (cos ωt + λ/2ω sin ωt)`.
fn damped(friction: f64, t: f64) -> f64 {
    let omega = (1.0 - friction * friction / 4.0).sqrt();
    let wave = (omega * t).cos() + friction / (2.0 * omega) * (omega * t).sin();
    (-friction * t / 2.0).exp() * wave
}

#[test]
fn methods_with_friction_have_their_orders() {
    let (friction, end) = (0.7, 3.0);
    let rest = Phase {
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
        let momentum = Momentum::from_friction(friction, h).expect("a good setting");
        // At rest at time 0 the way of the step before is −h²/2 · a: half a kick back.
        let mut phase = Phase {
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

#[test]
fn momentum_without_friction_is_the_leapfrog() {
    let h = 0.1;
    let momentum = Momentum::from_friction(0.0, h).unwrap();
    assert_eq!(momentum, Momentum::new(1.0, h.powi(2)).unwrap());
    // Its velocity is half a step behind: v = h (q̇ − h/2 a).
    let Ok(kick) = pendulum(&START.position);
    let mut way = Phase {
        position: START.position,
        velocity: h * (START.velocity - h / 2.0 * kick),
    };
    let mut phase = START;
    for _ in 0..100 {
        let Ok(next) = momentum.step(&mut pendulum, &way);
        way = next;
        let Ok(next) = velocity_verlet(&mut pendulum, &phase, None, h);
        phase = next.phase;
        assert!((way.position - phase.position).abs() < 1e-12);
    }
}

#[test]
fn heavy_ball_is_the_semi_implicit_euler_method() {
    let (friction, h) = (0.5, 0.2);
    let momentum = Momentum::new(1.0 - friction * h, h * h).unwrap();
    let mut way = Phase {
        position: 1.0,
        velocity: 0.3 * h,
    };
    let mut phase = Phase {
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
        let before = Momentum::new(beta, 0.01).unwrap();
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
        let phase = Phase { position, velocity };
        let Ok(next) = obabo(&mut pendulum, &phase, None, friction, h);
        next.phase
    };
    let slope = |plus: Phase<f64>, minus: Phase<f64>| {
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

#[test]
fn what_the_acceleration_returns_is_handed_on() {
    let mut fails = |_: &f64| Err::<f64, _>("no gradient");
    assert_eq!(
        velocity_verlet(&mut fails, &START, None, 0.1),
        Err("no gradient")
    );
    assert_eq!(
        velocity_verlet(&mut fails, &START, Some(&0.1), 0.1),
        Err("no gradient")
    );
    assert_eq!(
        semi_implicit_euler(&mut fails, &START, 0.1, 0.1),
        Err("no gradient")
    );
    assert_eq!(
        obabo(&mut fails, &START, None, 0.1, 0.1),
        Err("no gradient")
    );
    let momentum = Momentum::new(0.9, 0.1).unwrap();
    assert_eq!(momentum.step(&mut fails, &START), Err("no gradient"));
    assert_eq!(momentum.step_back(&mut fails, &START), Err("no gradient"));
}
