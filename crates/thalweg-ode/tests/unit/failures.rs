//! Runs that do not get to their end, and what is left of them.

use thalweg_ode::{
    Adaptive, Bounds, Cause, Controller, Decision, Ended, Fixed, Gains, OdeError, Solve, Tolerance,
    infallible, tableau,
};

fn tight() -> Adaptive {
    Adaptive::pi(Tolerance::new(1e-9, 1e-9).expect("a good tolerance"))
}

#[test]
fn a_field_that_fails_leaves_the_steps_before() {
    let field = |t: f64, y: &f64| if t < 0.55 { Ok(-y) } else { Err("no gradient") };
    let solve = Solve::new(tableau::EULER, 0.0, 1.0, 0.1).unwrap();
    let failure = solve.run(field, 1.0, &mut Fixed).unwrap_err();
    assert_eq!(failure.cause, Cause::Field("no gradient"));
    assert_eq!(failure.so_far.accepted, 5);
    assert_eq!(failure.so_far.ended, Ended::Failed);
    assert!((failure.so_far.last().y - 0.9_f64.powi(5)).abs() < 1e-15);
    let text = failure.to_string();
    assert!(
        text.starts_with("the field failed: no gradient (the state at t = 0.5"),
        "{text}"
    );
}

#[test]
fn a_state_that_is_not_finite_ends_a_run_of_fixed_steps() {
    let solve = Solve::new(tableau::EULER, 0.0, 100.0, 1.0).unwrap();
    let field = infallible(|_, y: &f64| y * y * y);
    let failure = solve.run(field, 2.0, &mut Fixed).unwrap_err();
    assert!(matches!(
        failure.cause,
        Cause::Ode(OdeError::NotFinite { .. })
    ));
    assert!(failure.so_far.last().y.is_finite());
    assert!(failure.so_far.accepted > 2);
}

#[test]
fn a_state_that_is_not_finite_shortens_adaptive_steps() {
    // The root of a negative number beyond y = 0; the solution is (1 − t/2)², and stays inside.
    let field = infallible(|_, y: &f64| -y.sqrt());
    let solve = Solve::new(tableau::DORMAND_PRINCE, 0.0, 1.9, 5.0).unwrap();
    let solution = solve.run(field, 1.0, &mut tight()).unwrap();
    assert!(solution.rejected > 0);
    assert!((solution.last().y - 0.05_f64.powi(2)).abs() < 1e-7);
}

#[test]
fn at_the_smallest_step_a_run_ends_with_its_last_good_state() {
    let bounds = Bounds {
        smallest_step: 1e-3,
        ..Bounds::default()
    };
    let tolerance = Tolerance::new(1e-10, 1e-10).unwrap();
    let mut controller = Adaptive::new(tolerance, Gains::PI, bounds).unwrap();
    let field = |_: f64, y: &f64| if *y < 2.0 { 1.0 } else { f64::NAN };
    let solve = Solve::new(tableau::BOGACKI_SHAMPINE, 0.0, 5.0, 0.1).unwrap();
    let failure = solve
        .run(infallible(field), 0.0, &mut controller)
        .unwrap_err();
    assert!(matches!(
        failure.cause,
        Cause::Ode(OdeError::NotFinite { step: 1e-3, .. })
    ));
    let last = failure.so_far.last();
    assert!(last.y < 2.0 && last.y > 1.99, "{}", last.y);

    // And an error that stays too large.
    let stiff = infallible(|t: f64, y: &f64| -1e6 * (y - t.cos()));
    let failure = solve.run(stiff, 0.0, &mut controller).unwrap_err();
    assert!(matches!(
        failure.cause,
        Cause::Ode(OdeError::StepTooSmall { .. })
    ));
    assert_eq!(failure.so_far.last().y, 0.0);
}

#[test]
fn a_solution_that_ends_ends_the_run() {
    // y' = y² from 1 is 1/(1 − t).
    let solve = Solve::new(tableau::DORMAND_PRINCE, 0.0, 2.0, 0.1).unwrap();
    let failure = solve
        .run(infallible(|_, y: &f64| y * y), 1.0, &mut tight())
        .unwrap_err();
    assert!(
        matches!(failure.cause, Cause::Ode(_)),
        "{:?}",
        failure.cause
    );
    let last = failure.so_far.last();
    assert!(
        last.y.is_finite() && (last.t - 1.0).abs() < 1e-6,
        "{last:?}"
    );
}

#[test]
fn a_controller_without_a_next_step_ends_the_run() {
    struct Broken(f64);

    impl Controller for Broken {
        fn tolerance(&self) -> Option<Tolerance> {
            None
        }

        fn decide(&mut self, _: f64, _: Option<f64>, _: u32) -> Result<Decision, OdeError> {
            Ok(Decision::Accept { next: self.0 })
        }
    }

    for next in [0.0, -0.1, f64::NAN] {
        let solve = Solve::new(tableau::RK4, 0.0, 1.0, 0.1).unwrap();
        let decay = infallible(|_, y: &f64| -y);
        let failure = solve.run(decay, 1.0, &mut Broken(next)).unwrap_err();
        assert!(matches!(
            failure.cause,
            Cause::Ode(OdeError::Setting { .. })
        ));
        assert_eq!(failure.so_far.accepted, 1);
    }
    // Smaller than the rounding of the time.
    let solve = Solve::new(tableau::RK4, 1.0, 2.0, 0.1).unwrap();
    let decay = infallible(|_, y: &f64| -y);
    let failure = solve.run(decay, 1.0, &mut Broken(1e-20)).unwrap_err();
    assert!(matches!(
        failure.cause,
        Cause::Ode(OdeError::StepVanished { .. })
    ));
}

#[test]
fn a_state_that_no_step_makes_finite_is_named_so() {
    let field = |t: f64, y: &f64| if t <= 0.5 { -y } else { f64::NAN };
    let solve = Solve::new(tableau::TSITOURAS, 0.0, 1.0, 0.1).unwrap();
    let failure = solve.run(infallible(field), 1.0, &mut tight()).unwrap_err();
    let Cause::Ode(OdeError::NotFinite { t, step }) = failure.cause else {
        panic!("{:?}", failure.cause);
    };
    assert!((t - 0.5).abs() < 1e-12 && step < 1e-12, "{t} {step}");
    assert_eq!(failure.so_far.last().t, t);
}
