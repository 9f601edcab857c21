//! Controllers that cannot work are typed errors.

use thalweg_ode::{
    Adaptive, Bounds, Cause, Controller, Gains, OdeError, Solve, Solver, Tolerance, infallible,
    tableau,
};

use crate::settings::setting;

#[test]
fn tolerances() {
    for bad in [0.0, -1e-3, f64::NAN, f64::INFINITY] {
        assert_eq!(setting(Tolerance::new(bad, 0.1)), "absolute tolerance");
        assert_eq!(setting(Solver::fixed_point(bad, 10)), "solver's tolerance");
    }
    for bad in [-1e-3, f64::NAN, f64::INFINITY] {
        assert_eq!(setting(Tolerance::new(0.1, bad)), "relative tolerance");
    }
    Tolerance::new(0.1, 0.0).unwrap();
}

#[test]
fn bounds() {
    let good = Bounds::default();
    let cases = [
        (
            Bounds {
                smallest_step: -1.0,
                ..good
            },
            "smallest step",
        ),
        (
            Bounds {
                smallest_step: f64::NAN,
                ..good
            },
            "smallest step",
        ),
        (
            Bounds {
                smallest_step: 2.0,
                largest_step: 1.0,
                ..good
            },
            "largest step",
        ),
        (
            Bounds {
                largest_step: 0.0,
                ..good
            },
            "largest step",
        ),
        (
            Bounds {
                largest_step: f64::NAN,
                ..good
            },
            "largest step",
        ),
        (
            Bounds {
                shrink: 0.0,
                ..good
            },
            "shrink",
        ),
        (
            Bounds {
                shrink: 1.0,
                ..good
            },
            "shrink",
        ),
        (
            Bounds {
                growth: 1.0,
                ..good
            },
            "growth",
        ),
        (
            Bounds {
                growth: f64::INFINITY,
                ..good
            },
            "growth",
        ),
        (
            Bounds {
                safety: 0.0,
                ..good
            },
            "safety",
        ),
        (
            Bounds {
                safety: 1.1,
                ..good
            },
            "safety",
        ),
    ];
    let tolerance = Tolerance::new(0.1, 0.1).unwrap();
    for (bounds, name) in cases {
        assert_eq!(setting(Adaptive::new(tolerance, Gains::PI, bounds)), name);
    }
    Bounds {
        safety: 1.0,
        ..good
    }
    .check()
    .unwrap();
}

#[test]
fn gains() {
    assert_eq!(
        setting(Gains::new([f64::NAN, 0.0, 0.0])),
        "controller's gain"
    );
    assert_eq!(
        setting(Gains::new([1.0, -1.0, 0.0])),
        "sum of the controller's gains"
    );
    assert_eq!(Gains::new([0.6, -0.2, 0.0]), Ok(Gains::PI));
}

#[test]
fn an_adaptive_controller_needs_an_error_estimate() {
    let mut controller = Adaptive::pi(Tolerance::new(1e-3, 1e-3).unwrap());
    let solve = Solve::new(tableau::RK4, 0.0, 1.0, 0.1).unwrap();
    let failure = solve
        .run(infallible(|_, y: &f64| -y), 1.0, &mut controller)
        .unwrap_err();
    let expected = OdeError::NoErrorEstimate { method: "RK4" };
    assert_eq!(failure.cause, Cause::Ode(expected));
    assert_eq!(failure.so_far.evaluations, 0);
    assert_eq!(failure.so_far.last().y, 1.0);
    let alone = controller.decide(0.1, None, 4);
    assert!(matches!(alone, Err(OdeError::NoErrorEstimate { .. })));
}
