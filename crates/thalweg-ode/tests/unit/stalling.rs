//! Solvers that do not converge, and fields that fail.

use thalweg_ode::{Attempt, Componentwise, Implicit, OdeError, Solver, Start, Vector};

use crate::implicit::{solve, stiff};

#[test]
fn not_converging_is_a_value_with_the_last_iterate() {
    let y = Vector::from([1.0, -2.0, 3.0]);
    let field = |_: f64, y: &Vector| stiff(y);
    // h ‖J‖ = 100: every iteration multiplies the error by that.
    let plain = Solver::fixed_point(1e-10, 500).unwrap();
    let outcome = solve(Implicit::Euler, &plain, field, &y, 0.1);
    assert!(!outcome.is_converged());
    let root = outcome.root().clone();
    assert!(root.residual > 1e-10 && root.residual.is_finite());
    assert!(root.y.iter().all(|y| y.is_finite()));
    assert!(root.iterations >= 2 && root.iterations <= 500);

    let error = outcome.converged(&plain).unwrap_err();
    let expected = OdeError::NotConverged {
        residual: root.residual,
        tolerance: 1e-10,
        iterations: root.iterations,
    };
    assert_eq!(error, expected);
}

#[test]
fn iterations_that_run_out_are_counted() {
    let y = Vector::from([1.0, -2.0, 3.0]);
    for solver in [
        Solver::fixed_point(1e-15, 3).unwrap(),
        Solver::anderson(1e-15, 3, 2).unwrap(),
        Solver::newton_krylov(1e-30, 1, 1).unwrap(),
    ] {
        let mut calls = 0;
        let field = |_: f64, y: &Vector| {
            calls += 1;
            stiff(y)
        };
        let outcome = solve(Implicit::Trapezoid, &solver, field, &y, 5e-4);
        let Attempt::Stalled(root) = outcome else {
            panic!("{solver:?} should have stalled");
        };
        assert!(root.iterations <= 3);
        assert_eq!(root.evaluations, calls);
    }
}

#[test]
fn a_field_that_turns_to_nan_stalls_at_the_last_good_iterate() {
    for solver in [
        Solver::fixed_point(1e-12, 50).unwrap(),
        Solver::anderson(1e-12, 50, 3).unwrap(),
        Solver::newton_krylov(1e-12, 50, 1).unwrap(),
    ] {
        let field = |_: f64, y: &Vector| Vector::from([if y[0] > 0.5 { 1.0 } else { f64::NAN }]);
        let start = Vector::from([1.0]);
        let outcome = solve(Implicit::Euler, &solver, field, &start, -10.0);
        let root = outcome.root();
        assert!(!outcome.is_converged());
        assert!(root.y[0] > 0.5 && root.y[0] <= 1.0, "{solver:?}: {root:?}");
        assert!(root.residual.is_finite());
    }
}

#[test]
fn a_first_residual_that_is_not_finite_stalls_at_once() {
    let solver = Solver::anderson(1e-12, 50, 3).unwrap();
    let field = |_: f64, _: &Vector| Vector::from([f64::NAN]);
    let outcome = solve(Implicit::Euler, &solver, field, &Vector::from([1.0]), 0.1);
    let Attempt::Stalled(root) = outcome else {
        panic!("should have stalled");
    };
    assert_eq!((root.iterations, root.evaluations), (0, 1));
}

#[test]
fn what_the_field_returns_is_handed_on() {
    let solver = Solver::newton_krylov(1e-12, 50, 3).unwrap();
    for fails_at in 1..=4 {
        let mut count = 0;
        let mut field = |_: f64, y: &f64| {
            count += 1;
            if count == fails_at {
                Err("no gradient")
            } else {
                Ok(-y * y * y)
            }
        };
        let (t, y, slope) = (0.0, &1.0, None);
        let start = Start { t, y, slope };
        let found = Implicit::Trapezoid.step(&solver, &mut field, start, 1.0, &Componentwise);
        assert_eq!(found, Err("no gradient"));
    }
}
