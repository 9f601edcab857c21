//! Why a run ends.

use thalweg_ode::{Componentwise, Ended, Fixed, Solve, infallible, tableau};

#[test]
fn a_predicate_stops_a_run_after_the_step_that_meets_it() {
    let solve = Solve::new(tableau::RK4, 0.0, 100.0, 0.1).unwrap();
    let decay = infallible(|_, y: &f64| -y);
    let small = |t: f64, y: &f64| {
        assert!(t > 0.0);
        *y < 0.5
    };
    let solution = solve
        .run_until(decay, 1.0, &mut Fixed, &Componentwise, small)
        .unwrap();
    assert_eq!(solution.ended, Ended::Stopped);
    let points = &solution.points;
    assert!(points[points.len() - 1].y < 0.5 && points[points.len() - 2].y >= 0.5);
    assert_eq!(solution.next_step, 0.1);
}

#[test]
fn a_number_of_steps_ends_a_run() {
    for most in [0, 1, 7] {
        let solve = Solve::new(tableau::EULER, 0.0, 1.0, 0.1)
            .unwrap()
            .most_steps(most);
        let solution = solve
            .run(infallible(|_, y: &f64| -y), 1.0, &mut Fixed)
            .unwrap();
        assert_eq!(
            (solution.accepted, solution.ended),
            (most, Ended::MostSteps)
        );
    }
    let solve = Solve::new(tableau::EULER, 0.0, 1.0, 0.1)
        .unwrap()
        .most_steps(10);
    let solution = solve
        .run(infallible(|_, y: &f64| -y), 1.0, &mut Fixed)
        .unwrap();
    assert_eq!(solution.ended, Ended::AtEnd);
}
