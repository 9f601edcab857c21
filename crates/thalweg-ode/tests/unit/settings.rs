//! Settings that no method can work with are typed errors.

use thalweg_ode::{
    Accuracy, Adaptive, Bounds, Cause, Chebyshev, Controller, Gains, Langevin, Momentum, OdeError,
    Solve, Solver, Stabilized, Tolerance, infallible, tableau,
};

fn setting<T: std::fmt::Debug>(found: Result<T, OdeError>) -> &'static str {
    match found {
        Err(OdeError::Setting { name, .. }) => name,
        other => panic!("should be an error of a setting: {other:?}"),
    }
}

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
fn solvers() {
    assert_eq!(setting(Solver::fixed_point(0.1, 0)), "number of iterations");
    assert_eq!(
        setting(Solver::anderson(0.1, 5, 0)),
        "depth of Anderson's acceleration"
    );
    assert_eq!(
        setting(Solver::newton_krylov(0.1, 5, 0)),
        "number of Krylov directions"
    );
}

#[test]
fn stages() {
    assert_eq!(
        setting(Chebyshev::new(Accuracy::First, 0)),
        "number of stages"
    );
    assert_eq!(
        setting(Chebyshev::new(Accuracy::Second, 1)),
        "number of stages"
    );
    assert_eq!(
        setting(Chebyshev::for_stiffness(Accuracy::First, -1.0)),
        "step times spectral radius"
    );
    for bad in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        assert_eq!(
            setting(Stabilized::new(Accuracy::First, bad, 5)),
            "spectral radius"
        );
    }
    for most in [1, 10_001] {
        assert_eq!(
            setting(Stabilized::new(Accuracy::Second, 1.0, most)),
            "number of stages"
        );
    }
}

#[test]
fn momenta_and_temperatures() {
    for bad in [-1.0, 1.1, f64::NAN] {
        assert_eq!(setting(Momentum::new(bad, 0.1)), "momentum beta");
    }
    for bad in [0.0, -0.1, f64::NAN] {
        assert_eq!(setting(Momentum::new(0.9, bad)), "rate alpha");
        assert_eq!(setting(Momentum::from_friction(1.0, bad)), "step");
    }
    assert_eq!(setting(Momentum::from_friction(-1.0, 0.1)), "friction");
    let momentum = Momentum::new(0.5, 0.1).unwrap();
    assert_eq!(setting(momentum.scaled(0.0)), "factor of the rate");
    assert_eq!(setting(momentum.scaled(16.0)), "momentum beta");
    assert_eq!(setting(Langevin::new(-1.0, 1.0)), "friction");
    assert_eq!(setting(Langevin::new(1.0, f64::NAN)), "temperature");
}

#[test]
fn runs() {
    assert_eq!(
        setting(Solve::new(tableau::RK4, f64::NAN, 1.0, 0.1)),
        "start time"
    );
    assert_eq!(
        setting(Solve::new(tableau::RK4, 0.0, f64::INFINITY, 0.1)),
        "end time"
    );
    for bad in [0.0, -0.1, f64::NAN] {
        assert_eq!(
            setting(Solve::new(tableau::RK4, 0.0, 1.0, bad)),
            "first step"
        );
    }
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
