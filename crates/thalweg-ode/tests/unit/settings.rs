//! Settings that no method can work with are typed errors.

use thalweg_ode::{
    Accuracy, Chebyshev, Leapfrog, OdeError, Solve, Solver, Stabilized, Thermostat, tableau,
};

/// The name of the setting that is refused.
pub(crate) fn setting<T: std::fmt::Debug>(found: Result<T, OdeError>) -> &'static str {
    match found {
        Err(OdeError::Setting { name, .. }) => name,
        other => panic!("should be an error of a setting: {other:?}"),
    }
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
        assert_eq!(setting(Leapfrog::new(bad, 0.1)), "momentum beta");
    }
    for bad in [0.0, -0.1, f64::NAN] {
        assert_eq!(setting(Leapfrog::new(0.9, bad)), "rate alpha");
        assert_eq!(setting(Leapfrog::from_friction(1.0, bad)), "step");
    }
    assert_eq!(setting(Leapfrog::from_friction(-1.0, 0.1)), "friction");
    let momentum = Leapfrog::new(0.5, 0.1).unwrap();
    assert_eq!(setting(momentum.scaled(0.0)), "factor of the rate");
    assert_eq!(setting(momentum.scaled(16.0)), "momentum beta");
    assert_eq!(setting(Thermostat::new(-1.0, 1.0)), "friction");
    assert_eq!(setting(Thermostat::new(1.0, f64::NAN)), "temperature");
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
