//! Time reversal, energy, friction.

use std::convert::Infallible;

use proptest::prelude::*;
use thalweg_ode::{Leapfrog, PhasePoint, Vector, obabo, semi_implicit_euler, velocity_verlet};

use crate::common::distance;

type Never<S> = Result<S, Infallible>;

fn pendulum(q: &f64) -> Never<f64> {
    Ok(-q.sin())
}

fn energy(phase: &PhasePoint<f64>) -> f64 {
    phase.velocity.powi(2) / 2.0 - phase.position.cos()
}

const START: PhasePoint<f64> = PhasePoint {
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
        let start = PhasePoint { position: Vector::from(q), velocity: Vector::from(v) };
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
        let momentum = Leapfrog::new(beta, 0.01).unwrap();
        let start = PhasePoint { position: q, velocity: v };
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
        let momentum = Leapfrog::from_friction(friction, step).unwrap();
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

#[test]
fn momentum_without_friction_is_the_leapfrog() {
    let h = 0.1;
    let momentum = Leapfrog::from_friction(0.0, h).unwrap();
    assert_eq!(momentum, Leapfrog::new(1.0, h.powi(2)).unwrap());
    // Its velocity is half a step behind: v = h (q̇ − h/2 a).
    let Ok(kick) = pendulum(&START.position);
    let mut way = PhasePoint {
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
    let momentum = Leapfrog::new(0.9, 0.1).unwrap();
    assert_eq!(momentum.step(&mut fails, &START), Err("no gradient"));
    assert_eq!(momentum.step_back(&mut fails, &START), Err("no gradient"));
}
