//! The methods that race.

use serde::Serialize;
use thalweg::burn::{self, module::Param};
use thalweg::ode::{Accuracy, Adaptive, Chebyshev, Solver, Tolerance, tableau};
use thalweg::optim::field::{Adam, Gradient, Polyak, Rms, Sign};
use thalweg::optim::*;
use thalweg::prelude::*;

/// A point of the plane, the only parameter.
#[derive(Module, Debug)]
pub(super) struct Position {
    pub(super) place: Param<Tensor<1>>,
}

/// What a method can fail at before its first step: its own settings, which are fixed.
type Made = Result<Box<dyn Minimizer<Position>>, String>;

/// A method, and a step that suits it in the valley.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method {
    pub(super) name: &'static str,
    pub(super) step: f64,
    /// Whether a flatter landscape lets it take longer steps.
    pub(super) by_slope: bool,
    pub(super) make: fn() -> Made,
}

/// What the page says of a method.
#[derive(Debug, Serialize)]
pub(crate) struct AboutMethod {
    name: &'static str,
    /// As an integrator of the descent.
    integrator: &'static str,
}

const BETA: Friction = Friction::Decay(0.9);

/// All methods with the integrator that each is.
const METHODS: [(Method, &str); 11] = [
    (
        Method {
            name: "gradient descent",
            step: 1e-3,
            by_slope: true,
            make: || made(Descent::euler(Gradient)),
        },
        "explicit Euler",
    ),
    (
        Method {
            name: "RK4",
            step: 1e-3,
            by_slope: true,
            make: || made(Descent::new(Gradient, &tableau::RK4)),
        },
        "Runge-Kutta of order 4",
    ),
    (
        Method {
            name: "adaptive",
            step: 1.0,
            by_slope: false,
            make: adaptive,
        },
        "Bogacki-Shampine with step control",
    ),
    (
        Method {
            name: "Chebyshev",
            step: 0.02,
            by_slope: true,
            make: chebyshev,
        },
        "stabilized, 8 stages a step",
    ),
    (
        Method {
            name: "proximal",
            step: 0.1,
            by_slope: true,
            make: proximal,
        },
        "implicit Euler",
    ),
    (
        Method {
            name: "momentum",
            step: 1e-3,
            by_slope: true,
            make: || made(Momentum::heavy_ball(BETA)),
        },
        "a heavy ball with friction",
    ),
    (
        Method {
            name: "Nesterov",
            step: 1e-3,
            by_slope: true,
            make: || made(Momentum::nesterov(BETA)),
        },
        "the same, its gradient ahead",
    ),
    (
        Method {
            name: "Polyak",
            step: 0.1,
            by_slope: false,
            make: || made(Descent::euler(Polyak { bound: 1000.0 })),
        },
        "Euler, steps by the height",
    ),
    (
        Method {
            name: "sign",
            step: 0.01,
            by_slope: false,
            make: || made(Descent::euler(Sign)),
        },
        "Euler along the signs",
    ),
    (
        Method {
            name: "RMSprop",
            step: 0.01,
            by_slope: false,
            make: || made(Descent::euler(Rms::default())),
        },
        "Euler, scaled",
    ),
    (
        Method {
            name: "Adam",
            step: 0.05,
            by_slope: false,
            make: || made(Descent::euler(Adam::default())),
        },
        "Euler, scaled, with momentum",
    ),
];

/// All methods.
pub(crate) fn methods() -> [AboutMethod; METHODS.len()] {
    METHODS.map(|(method, integrator)| AboutMethod {
        name: method.name,
        integrator,
    })
}

/// The method of a name.
pub(super) fn find(name: &str) -> Option<Method> {
    let (method, _) = METHODS.iter().find(|(method, _)| method.name == name)?;
    Some(*method)
}

fn made(method: impl Minimizer<Position> + 'static) -> Made {
    Ok(Box::new(method))
}

fn adaptive() -> Made {
    let tolerance = Tolerance::new(1e-3, 1e-2).map_err(|problem| problem.to_string())?;
    let control = Adaptive::pi(tolerance);
    let method = AdaptiveDescent::new(Gradient, &tableau::BOGACKI_SHAMPINE, control, 1e-4);
    made(method.map_err(|problem| problem.to_string())?)
}

fn chebyshev() -> Made {
    let stages = Chebyshev::new(Accuracy::Second, 8).map_err(|problem| problem.to_string())?;
    made(Descent::new(Gradient, stages))
}

fn proximal() -> Made {
    let solver = Solver::anderson(1e-4, 100, 2).map_err(|problem| problem.to_string())?;
    made(Proximal::new(Gradient, solver).halvings(8))
}
