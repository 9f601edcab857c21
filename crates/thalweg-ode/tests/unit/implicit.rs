//! Implicit steps against closed forms, and solvers that do not converge.

use thalweg_ode::{Attempt, Componentwise, Implicit, Solver, Start, Vector, infallible};

use crate::common::{distance, observed_order};

/// Three couplings of decay, the fastest a thousand times the slowest.
pub(crate) fn stiff(y: &Vector) -> Vector {
    let (a, b, c) = (y[0], y[1], y[2]);
    Vector::from([-a + 0.5 * b, 0.5 * a - 30.0 * b + c, b - 1000.0 * c])
}

/// One step of size `h` from time 0.
pub(crate) fn solve(
    method: Implicit,
    solver: &Solver,
    field: impl FnMut(f64, &Vector) -> Vector,
    y: &Vector,
    h: f64,
) -> Attempt<Vector> {
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

#[test]
fn newton_halves_steps_that_overshoot() {
    // Flat on both sides of the root: full steps from 50 go to −107, 207, and on.
    let solver = Solver::newton_krylov(1e-12, 50, 1).unwrap();
    let start = Start {
        t: 0.0,
        y: &50.0,
        slope: None,
    };
    let mut field = infallible(|_, y: &f64| -(10.0 * y).atan());
    let Ok(outcome) = Implicit::Euler.step(&solver, &mut field, start, 100.0, &Componentwise);
    let root = outcome.converged(&solver).unwrap();
    assert!((root.y + 100.0 * (10.0 * root.y).atan() - 50.0).abs() < 1e-9);
}
