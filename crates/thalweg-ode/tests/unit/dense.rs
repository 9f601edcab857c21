//! The state between steps.

use thalweg_ode::{Fixed, Solve, infallible, tableau};

use crate::common::observed_order;

#[test]
fn dense_output_is_of_fourth_order() {
    let error = |steps: usize| {
        let solve = Solve::new(tableau::DORMAND_PRINCE, 0.0, 2.0, 2.0 / steps as f64).unwrap();
        let solution = solve
            .run(infallible(|_, y: &f64| -y), 1.0, &mut Fixed)
            .unwrap();
        let times = (0..=997).map(|i| 2.0 * f64::from(i) / 997.0);
        let errors = times.map(|t| (solution.at(t).expect("inside") - (-t).exp()).abs());
        errors.fold(0.0, f64::max)
    };
    let found = observed_order(error, 10);
    assert!((found - 4.0).abs() < 0.2, "{found}");
}

#[test]
fn dense_output_meets_the_steps() {
    let solve = Solve::new(tableau::RK4, 0.0, 1.0, 0.25).unwrap();
    let solution = solve
        .run(infallible(|t: f64, _: &f64| t), 0.0, &mut Fixed)
        .unwrap();
    for point in &solution.points {
        assert_eq!(solution.at(point.t), Some(point.y));
    }
    for outside in [-1e-9, 1.0 + 1e-9, f64::NAN] {
        assert_eq!(solution.at(outside), None);
    }
}
