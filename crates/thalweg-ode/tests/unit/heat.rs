//! A stiff problem: how stiff it is, and what it costs.

use thalweg_ode::{
    Accuracy, Adaptive, Componentwise, Solve, Stabilized, Start, Tolerance, Vector, infallible,
    spectral_radius,
};

/// Heat along a rod of 50 cells, whose eigenvalues go down to −4 · 51².
fn heat(y: &Vector) -> Vector {
    let cell = |i: usize| y.get(i).copied().unwrap_or(0.0);
    let n = y.len();
    (0..n)
        .map(|i| {
            let left = if i == 0 { 0.0 } else { cell(i - 1) };
            (left - 2.0 * cell(i) + cell(i + 1)) * ((n + 1) as f64).powi(2)
        })
        .collect()
}

fn mode(k: usize, n: usize) -> Vector {
    let angle = std::f64::consts::PI * k as f64 / (n + 1) as f64;
    (1..=n).map(|i| (angle * i as f64).sin()).collect()
}

#[test]
fn the_spectral_radius_is_found() {
    let y = mode(1, 50);
    let slope = heat(&y);
    let mut field = infallible(|_, y: &Vector| heat(y));
    let expected = (std::f64::consts::PI * 50.0 / 102.0).sin().powi(2) * 4.0 * 51.0 * 51.0;
    let guess: Vector = (0..50).map(|i| ((i * i) as f64 * 0.7).sin()).collect();
    let (t, y, slope) = (0.0, &y, Some(&slope));
    let Ok(found) = spectral_radius(&mut field, Start { t, y, slope }, guess, 60, &Componentwise);
    assert!(found.radius <= expected * (1.0 + 1e-6), "{}", found.radius);
    assert!(found.radius >= expected * 0.95, "{}", found.radius);
    assert_eq!(found.evaluations, 60);

    let start = Start { t, y, slope };
    let Ok(again) = spectral_radius(&mut field, start, found.direction, 60, &Componentwise);
    assert!(again.radius >= found.radius);
}

#[test]
fn a_field_that_does_not_change_has_radius_zero() {
    let mut field = infallible(|_, _: &f64| 1.0);
    let (t, y, slope) = (0.0, &2.0, None);
    for guess in [1.0, 0.0] {
        let Ok(found) =
            spectral_radius(&mut field, Start { t, y, slope }, guess, 5, &Componentwise);
        assert_eq!(found.radius, 0.0);
    }
}

#[test]
fn a_stiff_problem_is_solved_with_few_evaluations() {
    let method = Stabilized::new(Accuracy::Second, 4.0 * 51.0 * 51.0, 100).unwrap();
    let mut controller = Adaptive::pi(Tolerance::new(1e-5, 1e-5).unwrap());
    let solve = Solve::new(method, 0.0, 0.2, 1e-4).unwrap();
    let field = infallible(|_, y: &Vector| heat(y));
    let solution = solve.run(field, mode(1, 50), &mut controller).unwrap();

    let rate = (std::f64::consts::PI / 102.0).sin().powi(2) * 4.0 * 51.0 * 51.0;
    let expected = mode(1, 50) * (-rate * 0.2).exp();
    assert!(crate::common::distance(&solution.last().y, &expected) < 1e-3);
    // Euler's method would need h ρ ≤ 2, which is 1040 steps.
    assert!(solution.evaluations < 500, "{}", solution.evaluations);
}
