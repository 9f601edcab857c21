//! Stability intervals, stages, and how stiff a field is.

use thalweg_ode::{
    Accuracy, Adaptive, Chebyshev, Method, OdeError, Solve, Stabilized, Start, Tolerance,
    infallible,
};

fn amplification(method: &Chebyshev, z: f64) -> f64 {
    let start = Start {
        t: 0.0,
        y: &1.0,
        slope: None,
    };
    let Ok(step) = method.step(&mut infallible(|_, y: &f64| z * y), start, 1.0);
    step.y.abs()
}

#[test]
fn methods_are_stable_to_beta_and_little_further() {
    for accuracy in [Accuracy::First, Accuracy::Second] {
        for stages in [2, 3, 4, 7, 10, 25, 100, 250] {
            let method = Chebyshev::new(accuracy, stages).unwrap();
            let beta = method.stability();
            for part in 1..=2000 {
                let z = -beta * f64::from(part) / 2000.0;
                let found = amplification(&method, z);
                assert!(
                    found <= 1.0,
                    "{accuracy:?}, {stages} stages at {z}: {found}"
                );
            }
            let square = (stages as f64).powi(2);
            let beyond = amplification(&method, -(1.0 + 2.0 / square) * beta);
            assert!(beyond > 1.0, "{accuracy:?}, {stages} stages: {beyond}");
        }
    }
}

#[test]
fn inside_the_interval_the_amplification_is_damped() {
    for accuracy in [Accuracy::First, Accuracy::Second] {
        for stages in [5, 20, 100] {
            let method = Chebyshev::new(accuracy, stages).unwrap();
            let beta = method.stability();
            for part in 300..=950 {
                let z = -beta * f64::from(part) / 1000.0;
                let found = amplification(&method, z);
                assert!(
                    found < 0.96,
                    "{accuracy:?}, {stages} stages at {z}: {found}"
                );
            }
        }
    }
}

#[test]
fn the_interval_grows_as_the_square_of_the_stages() {
    for stages in [10_usize, 50, 200] {
        let square = stages.pow(2) as f64;
        let first = Accuracy::First.stability(stages) / square;
        assert!((first - 1.936).abs() < 0.01, "{first}");
        let second = Accuracy::Second.stability(stages) / (square - 1.0);
        assert!((second - 0.653).abs() < 0.01, "{second}");
    }
    assert_eq!(Accuracy::First.stability(0), 0.0);
    assert_eq!(Accuracy::Second.stability(1), 0.0);
}

#[test]
fn the_fewest_stages_are_chosen() {
    for accuracy in [Accuracy::First, Accuracy::Second] {
        for stiffness in [0.0, 0.5, 2.0, 10.0, 123.4, 5e3, 1e6] {
            let stages = accuracy.stages_for(stiffness).unwrap();
            assert!(accuracy.stability(stages) >= stiffness);
            let fewer = accuracy.stability(stages - 1);
            assert!(
                fewer < stiffness || fewer == 0.0,
                "{accuracy:?} {stiffness}: {stages}"
            );
        }
        assert!(matches!(
            accuracy.stages_for(f64::NAN),
            Err(OdeError::Setting { .. })
        ));
        assert!(matches!(
            accuracy.stages_for(1e9),
            Err(OdeError::Setting { .. })
        ));
    }
}

#[test]
fn evaluations_are_counted() {
    for (accuracy, fresh, known) in [(Accuracy::First, 6, 5), (Accuracy::Second, 7, 6)] {
        let method = Chebyshev::new(accuracy, 6).unwrap();
        let mut calls = 0;
        let mut field = infallible(|_, y: &f64| {
            calls += 1;
            -y
        });
        for (slope, expected) in [(None, fresh), (Some(&-1.0), known)] {
            let (t, y) = (0.0, &1.0);
            let Ok(step) = method.step(&mut field, Start { t, y, slope }, 0.1);
            assert_eq!(step.evaluations, expected);
            assert_eq!(step.slope.is_some(), accuracy == Accuracy::Second);
        }
        drop(field);
        assert_eq!(calls, fresh + known);
    }
}

#[test]
fn a_step_never_leaves_the_interval_of_the_most_stages() {
    let method = Stabilized::new(Accuracy::Second, 100.0, 4).unwrap();
    assert_eq!(method.largest_step(), Accuracy::Second.stability(4) / 100.0);
    assert_eq!(method.method(1.0).stages(), 4);
    assert_eq!(method.method(f64::NAN).stages(), 4);
    assert_eq!(method.method(1e-6).stages(), 2);
    let mut controller = Adaptive::integral(Tolerance::new(1.0, 1.0).unwrap());
    let solve = Solve::new(method, 0.0, 3.0, 1.0).unwrap();
    let field = infallible(|_, y: &f64| -100.0 * y);
    let solution = solve.run(field, 1.0, &mut controller).unwrap();
    for pair in solution.points.windows(2) {
        assert!(pair[1].t - pair[0].t <= method.largest_step() * 1.0001);
    }
    assert!(solution.last().y.abs() < 1.0);
}
