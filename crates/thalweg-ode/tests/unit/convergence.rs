//! Observed orders, on problems with exact solutions.

use thalweg_ode::{Accuracy, Chebyshev, Method, Tableau, Vector, infallible, step};

use crate::common::{distance, march, observed_order};

/// Whether an order was observed. At fifth order the errors span too few digits above rounding for
/// more than this.
fn is_near(found: f64, expected: f64) -> bool {
    (expected - 0.25..expected + 0.4).contains(&found)
}

/// Checks an order on three problems.
fn check(method: &impl Method, steps: usize) {
    let expected = f64::from(method.order());
    let name = method.name();

    // y' = y (1 − y), y = 1/(1 + 3 e^(−t)).
    let logistic = |n| {
        let y = march(method, |_, y: &f64| y * (1.0 - y), 0.25, 6.0, n);
        (y - 1.0 / (1.0 + 3.0 * (-6.0_f64).exp())).abs()
    };
    let found = observed_order(logistic, steps);
    assert!(is_near(found, expected), "{name}, logistic: {found}");

    // A rotation.
    let turn = |n| {
        let field = |_, y: &Vector| Vector::from([-y[1], y[0]]);
        let y = march(method, field, Vector::from([1.0, 0.0]), 8.0, n);
        distance(&y, &Vector::from([8.0_f64.cos(), 8.0_f64.sin()]))
    };
    let found = observed_order(turn, steps);
    assert!(is_near(found, expected), "{name}, rotation: {found}");

    // The field depends on time: y = 1/(1.2 − sin t), near its pole at the end.
    let timed = |n| {
        let field = |t: f64, y: &f64| y * y * t.cos();
        let y = march(method, field, 1.0 / 1.2, 1.5, n);
        (y - 1.0 / (1.2 - 1.5_f64.sin())).abs()
    };
    let found = observed_order(timed, 2 * steps);
    assert!(is_near(found, expected), "{name}, in time: {found}");
}

#[test]
fn tableaus_have_their_orders() {
    for tableau in Tableau::ALL {
        check(tableau, if tableau.order < 4 { 400 } else { 60 });
    }
}

#[test]
fn chebyshev_methods_have_their_orders_for_any_number_of_stages() {
    for stages in [1, 2, 3, 5, 8] {
        check(&Chebyshev::new(Accuracy::First, stages).unwrap(), 800);
    }
    for stages in [2, 3, 5, 8] {
        check(&Chebyshev::new(Accuracy::Second, stages).unwrap(), 400);
    }
}

#[test]
fn error_estimates_fall_as_they_should() {
    let mut methods: Vec<(&str, u32, f64)> = Vec::new();
    let estimate = |method: &dyn Fn(f64) -> f64| (method(0.1) / method(0.05)).log2();
    for pair in Tableau::ALL
        .iter()
        .filter(|tableau| tableau.error.is_some())
    {
        let error = |h: f64| {
            let mut field = infallible(|_, y: &f64| y * (1.0 - y));
            let Ok(step) = step(pair, &mut field, 0.0, &0.25, h);
            step.error.expect("an estimate").abs()
        };
        let order = Method::error_order(*pair).expect("an estimate");
        methods.push((pair.name, order, estimate(&error)));
    }
    let chebyshev = Chebyshev::new(Accuracy::Second, 4).unwrap();
    let error = |h: f64| {
        let mut field = infallible(|_, y: &f64| y * (1.0 - y));
        let (t, y, slope) = (0.0, &0.25, None);
        let Ok(step) = chebyshev.step(&mut field, thalweg_ode::Start { t, y, slope }, h);
        step.error.expect("an estimate").abs()
    };
    methods.push((chebyshev.name(), 3, estimate(&error)));
    for (name, expected, found) in methods {
        assert!((found - f64::from(expected)).abs() < 0.4, "{name}: {found}");
    }
}
