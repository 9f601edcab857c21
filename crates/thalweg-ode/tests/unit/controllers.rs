//! Accepting, rejecting, bounds, memory.

use thalweg_ode::{
    Adaptive, Bounds, Controller, Decision, ErrorHistory, Fixed, Gains, OdeError, Solve, Tolerance,
    Vector, infallible, tableau,
};

fn tolerance(value: f64) -> Tolerance {
    Tolerance::new(value, value).expect("a good tolerance")
}

fn accepted(decision: Result<Decision, OdeError>) -> f64 {
    match decision {
        Ok(Decision::Accept { next }) => next,
        other => panic!("should have been accepted: {other:?}"),
    }
}

fn rejected(decision: Result<Decision, OdeError>) -> f64 {
    match decision {
        Ok(Decision::Reject { retry }) => retry,
        other => panic!("should have been rejected: {other:?}"),
    }
}

#[test]
fn the_integral_rule_is_its_formula() {
    for (error, order) in [(0.5_f64, 2), (1.0, 3), (0.1, 5)] {
        let mut controller = Adaptive::integral(tolerance(1e-3));
        let found = accepted(controller.decide(0.1, Some(error), order));
        let expected = 0.1 * 0.9 * error.powf(-1.0 / f64::from(order));
        assert!((found - expected).abs() < 1e-15);
    }
}

#[test]
fn the_other_rules_look_back() {
    let errors = [0.5_f64, 0.2, 0.8];
    for (gains, mut controller) in [
        ([0.6, -0.2, 0.0], Adaptive::pi(tolerance(1e-3))),
        (
            [1.0 / 18.0, 1.0 / 9.0, 1.0 / 18.0],
            Adaptive::pid(tolerance(1e-3)),
        ),
    ] {
        accepted(controller.decide(0.1, Some(errors[2]), 3));
        accepted(controller.decide(0.1, Some(errors[1]), 3));
        let found = accepted(controller.decide(0.1, Some(errors[0]), 3));
        let factor: f64 = (0..3).map(|i| errors[i].powf(-gains[i] / 3.0)).product();
        assert!((found - 0.1 * 0.9 * factor).abs() < 1e-15);
        assert_eq!(controller.memory.errors, [0.5, 0.2]);
    }
}

#[test]
fn growth_is_bounded_and_stops_after_a_rejection() {
    let mut controller = Adaptive::integral(tolerance(1e-3));
    assert_eq!(accepted(controller.decide(0.1, Some(0.0), 3)), 0.5);
    assert_eq!(rejected(controller.decide(0.1, Some(1e9), 3)), 0.1 * 0.2);
    assert!(controller.memory.rejected);
    assert_eq!(accepted(controller.decide(0.02, Some(0.0), 3)), 0.02);
    assert_eq!(accepted(controller.decide(0.02, Some(0.0), 3)), 0.1);
}

#[test]
fn steps_stay_between_their_bounds() {
    let bounds = Bounds {
        smallest_step: 0.05,
        largest_step: 0.2,
        ..Bounds::default()
    };
    let mut controller = Adaptive::new(tolerance(1e-3), Gains::INTEGRAL, bounds).unwrap();
    assert_eq!(accepted(controller.decide(0.1, Some(0.0), 3)), 0.2);
    assert_eq!(rejected(controller.decide(0.1, Some(1e9), 3)), 0.05);
    assert_eq!(controller.decide(0.05, Some(1.1), 3), Ok(Decision::Stuck));
    assert_eq!(
        controller.decide(0.05, Some(f64::NAN), 3),
        Ok(Decision::Stuck)
    );
}

#[test]
fn an_error_that_is_not_finite_shrinks_the_step_most() {
    for error in [f64::NAN, f64::INFINITY] {
        let mut controller = Adaptive::pid(tolerance(1e-3));
        assert_eq!(rejected(controller.decide(0.1, Some(error), 3)), 0.1 * 0.2);
        assert!(
            controller
                .memory
                .errors
                .iter()
                .all(|error| error.is_finite())
        );
    }
}

#[test]
fn fixed_steps_are_fixed() {
    assert_eq!(Fixed.tolerance(), None);
    assert_eq!(accepted(Fixed.decide(0.1, None, 1)), 0.1);
    assert_eq!(accepted(Fixed.decide(0.1, Some(1e9), 3)), 0.1);
    assert_eq!(Fixed.decide(0.1, Some(f64::NAN), 3), Ok(Decision::Stuck));
}

#[test]
fn memory_is_copied_out_and_put_back() {
    let errors = [0.3, 4.0, 0.9, 0.05, 0.7];
    let mut whole = Adaptive::pid(tolerance(1e-3));
    let mut parts = Adaptive::pid(tolerance(1e-3));
    for error in errors {
        let saved: ErrorHistory = parts.memory;
        parts = Adaptive::pid(tolerance(1e-3));
        parts.memory = saved;
        let (one, other) = (
            whole.decide(0.1, Some(error), 5),
            parts.decide(0.1, Some(error), 5),
        );
        assert_eq!(one, other);
    }
    assert_eq!(whole, parts);
}

#[test]
fn a_tighter_tolerance_costs_more_and_errs_less() {
    for make in [Adaptive::integral, Adaptive::pi, Adaptive::pid] {
        for pair in [
            tableau::BOGACKI_SHAMPINE,
            tableau::DORMAND_PRINCE,
            tableau::TSITOURAS,
        ] {
            let mut last = (0, f64::INFINITY);
            for exponent in [3, 5, 7, 9] {
                let tolerance = tolerance(10.0_f64.powi(-exponent));
                let mut controller = make(tolerance);
                let field = infallible(|_, y: &Vector| Vector::from([-y[1], y[0]]));
                let solve = Solve::new(pair, 0.0, 6.0, 0.1).unwrap();
                let start = Vector::from([1.0, 0.0]);
                let solution = solve.run(field, start, &mut controller).unwrap();
                let error = (solution.last().y[0] - 6.0_f64.cos()).abs();
                assert!(
                    error < 50.0 * tolerance.absolute(),
                    "{} {error:e}",
                    pair.name
                );
                assert!(solution.evaluations > last.0, "{}", pair.name);
                assert!(error < last.1, "{}", pair.name);
                last = (solution.evaluations, error);
            }
        }
    }
}
