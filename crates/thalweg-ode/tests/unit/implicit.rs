//! Implicit steps against closed forms, and solvers that do not converge.

use thalweg_ode::{Componentwise, Implicit, OdeError, Outcome, Solver, Start, Vector, infallible};

use crate::common::{distance, observed_order};

/// Three couplings of decay, the fastest a thousand times the slowest.
fn stiff(y: &Vector) -> Vector {
    let (a, b, c) = (y[0], y[1], y[2]);
    Vector::from([-a + 0.5 * b, 0.5 * a - 30.0 * b + c, b - 1000.0 * c])
}

fn solve(
    method: Implicit,
    solver: &Solver,
    field: impl FnMut(f64, &Vector) -> Vector,
    y: &Vector,
    h: f64,
) -> Outcome<Vector> {
    let (t, slope) = (0.0, None);
    let Ok(outcome) = method.step(
        solver,
        &mut infallible(field),
        Start { t, y, slope },
        h,
        &Componentwise,
    );
    outcome
}

#[test]
fn one_number_has_its_closed_form() {
    for rate in [0.5, 20.0, 1e4] {
        let solver = Solver::newton_krylov(1e-13, 30, 3).unwrap();
        for (method, expected) in [
            (Implicit::Euler, 1.0 / (1.0 + 0.1 * rate)),
            (
                Implicit::Trapezoid,
                (1.0 - 0.05 * rate) / (1.0 + 0.05 * rate),
            ),
        ] {
            let (t, y, slope) = (0.0, &1.0, None);
            let mut field = infallible(|_, y: &f64| -rate * y);
            let start = Start { t, y, slope };
            let Ok(outcome) = method.step(&solver, &mut field, start, 0.1, &Componentwise);
            let root = outcome.converged(&solver).unwrap();
            assert!(
                (root.y - expected).abs() < 1e-12,
                "{method:?} {rate}: {}",
                root.y
            );
        }
    }
}

#[test]
fn solvers_agree_on_a_stiff_linear_problem() {
    let y = Vector::from([1.0, -2.0, 3.0]);
    let anderson = Solver::anderson(1e-12, 100, 5).unwrap();
    let newton = Solver::newton_krylov(1e-12, 20, 3).unwrap();
    for method in [Implicit::Euler, Implicit::Trapezoid] {
        for h in [1e-3, 0.1, 1.0] {
            let field = |_: f64, y: &Vector| stiff(y);
            let one = solve(method, &anderson, field, &y, h)
                .converged(&anderson)
                .unwrap();
            let other = solve(method, &newton, field, &y, h)
                .converged(&newton)
                .unwrap();
            assert!(distance(&one.y, &other.y) < 1e-9, "{method:?} {h}");
            // The equation itself, with the slope at the end.
            if method == Implicit::Euler {
                let back = one.y.clone() + stiff(&one.y) * -h;
                assert!(distance(&back, &y) < 1e-10);
            }
        }
    }
}

#[test]
fn plain_iteration_agrees_where_it_converges() {
    let y = Vector::from([1.0, -2.0, 3.0]);
    let field = |_: f64, y: &Vector| stiff(y);
    let plain = Solver::fixed_point(1e-13, 100).unwrap();
    let newton = Solver::newton_krylov(1e-13, 20, 3).unwrap();
    let one = solve(Implicit::Euler, &plain, field, &y, 2e-4);
    let other = solve(Implicit::Euler, &newton, field, &y, 2e-4);
    assert!(one.is_converged() && other.is_converged());
    assert!(distance(&one.root().y, &other.root().y) < 1e-12);
}

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
        let Outcome::Stalled(root) = outcome else {
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
    let Outcome::Stalled(root) = outcome else {
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

#[test]
fn nonlinear_problems_converge_with_their_orders() {
    let solver = Solver::newton_krylov(1e-13, 30, 2).unwrap();
    for method in [Implicit::Euler, Implicit::Trapezoid] {
        let error = |steps: usize| {
            let h = 2.0 / steps as f64;
            let mut y = 0.25;
            for k in 0..steps {
                let (t, slope) = (h * k as f64, None);
                let mut field = infallible(|_, y: &f64| y * (1.0 - y));
                let start = Start { t, y: &y, slope };
                let Ok(outcome) = method.step(&solver, &mut field, start, h, &Componentwise);
                y = outcome.converged(&solver).unwrap().y;
            }
            (y - 1.0 / (1.0 + 3.0 * (-2.0_f64).exp())).abs()
        };
        let found = observed_order(error, 100);
        assert!(
            (found - f64::from(method.order())).abs() < 0.05,
            "{method:?}: {found}"
        );
    }
}

#[test]
fn the_implicit_euler_step_is_the_proximal_step() {
    // L = |y − 1|⁴: y' minimizes L(y') + (y' − y)²/2h.
    let solver = Solver::newton_krylov(1e-13, 50, 1).unwrap();
    let (h, y) = (100.0, 3.0);
    let mut field = infallible(|_, y: &f64| -4.0 * (y - 1.0).powi(3));
    let start = Start {
        t: 0.0,
        y: &y,
        slope: None,
    };
    let Ok(outcome) = Implicit::Euler.step(&solver, &mut field, start, h, &Componentwise);
    let root = outcome.converged(&solver).unwrap().y;
    let objective = |x: f64| (x - 1.0).powi(4) + (x - y).powi(2) / (2.0 * h);
    for near in [-1e-3, 1e-3] {
        assert!(objective(root) < objective(root + near));
    }
}
