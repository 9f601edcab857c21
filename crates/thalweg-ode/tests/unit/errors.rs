//! Messages name the value, its bound and the way out.

use std::error::Error;

use thalweg_ode::{Cause, OdeError, Tableau, Tolerance, tableau};

#[test]
fn every_message_says_what_to_do() {
    let wrong = Tableau {
        order: 5,
        ..tableau::RK4
    };
    let cases = [
        (
            Tolerance::new(-0.5, 0.0).unwrap_err(),
            ["absolute tolerance is -0.5", "must be finite and above 0"],
        ),
        (
            OdeError::NoErrorEstimate { method: "RK4" },
            ["RK4 does not estimate", "take the controller `Fixed`"],
        ),
        (
            wrong.check().unwrap_err(),
            ["tableau RK4", "claim a lower order"],
        ),
        (
            OdeError::StepTooSmall {
                t: 1.5,
                step: 1e-6,
                error: 2.5,
            },
            [
                "at t = 1.5 the error is 2.500e0 times the tolerance",
                "raise the tolerance",
            ],
        ),
        (
            OdeError::NotFinite { t: 1.5, step: 1e-6 },
            [
                "not finite after the smallest step, 1e-6",
                "check the field",
            ],
        ),
        (
            OdeError::StepVanished {
                t: 1.5,
                step: 1e-20,
            },
            ["1e-20 is too small to change the time, 1.5", "stop before"],
        ),
        (
            OdeError::NotConverged {
                residual: 0.1,
                tolerance: 1e-6,
                iterations: 9,
            },
            [
                "residual 1.000e-1 after 9 iterations, not at most 1.000e-6",
                "shorten the step",
            ],
        ),
    ];
    for (error, parts) in cases {
        let text = error.to_string();
        for part in parts {
            assert!(text.contains(part), "{text:?} should contain {part:?}");
        }
        assert_eq!(Cause::<OdeError>::from(error).to_string(), text);
    }
}

#[test]
fn errors_are_errors() {
    let boxed: Box<dyn Error> = Box::new(OdeError::NotFinite { t: 0.0, step: 0.1 });
    assert!(boxed.source().is_none());
    let boxed: Box<dyn Error> = Box::new(Cause::Field("no gradient"));
    assert_eq!(boxed.to_string(), "the field failed: no gradient");
}
