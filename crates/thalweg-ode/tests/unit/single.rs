//! States whose numbers are f32, as those of most tensors are.

use std::ops::{Add, Mul};

use thalweg_ode::{
    Attempt, Implicit, Measure, SinglePrecision, Solver, Start, infallible, spectral_radius,
};

#[derive(Debug, Clone, PartialEq)]
struct Single([f32; 2]);

impl Add for Single {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self([self.0[0] + other.0[0], self.0[1] + other.0[1]])
    }
}

impl Mul<f64> for Single {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Self(self.0.map(|a| a * factor as f32))
    }
}

fn dot(a: &Single, b: &Single) -> f64 {
    let terms = a.0.iter().zip(b.0).map(|(a, b)| f64::from(a * b));
    terms.sum()
}

/// Eigenvalues −1 and −100, about the point (3, −2).
fn field(_: f64, y: &Single) -> Single {
    let (a, b) = (y.0[0] - 3.0, y.0[1] + 2.0);
    Single([-50.5 * a - 49.5 * b, -49.5 * a - 50.5 * b])
}

fn step(measure: &impl Measure<Single>) -> Attempt<Single> {
    let solver = Solver::newton_krylov(1e-4, 20, 2).expect("good settings");
    let start = Start {
        t: 0.0,
        y: &Single([1.0, 4.0]),
        slope: None,
    };
    let Ok(outcome) = Implicit::Euler.step(&solver, &mut infallible(field), start, 1.0, measure);
    outcome
}

#[test]
fn newton_needs_the_measure_to_say_so() {
    let Attempt::Converged(root) = step(&SinglePrecision(dot)) else {
        panic!("should have converged");
    };
    // In the sum the start is 4 off, divided by 101; in the difference −8, divided by 2.
    let (sum, difference) = (1.0 + 4.0 / 101.0, 5.0 - 8.0 / 2.0);
    let expected = [(sum + difference) / 2.0, (sum - difference) / 2.0];
    for (found, expected) in root.y.0.into_iter().zip(expected) {
        assert!(
            (f64::from(found) - expected).abs() < 1e-4,
            "{found} {expected}"
        );
    }
    assert!(!step(&dot).is_converged());
}

#[test]
fn the_spectral_radius_needs_the_measure_to_say_so() {
    let y = Single([1.0, 4.0]);
    let (t, slope) = (0.0, None);
    let guess = || Single([1.0, 0.3]);
    let mut field = infallible(field);
    let start = Start { t, y: &y, slope };
    let Ok(found) = spectral_radius(&mut field, start, guess(), 10, &SinglePrecision(dot));
    assert!((found.radius - 100.0).abs() < 1.0, "{}", found.radius);
    let start = Start { t, y: &y, slope };
    let Ok(found) = spectral_radius(&mut field, start, guess(), 10, &dot);
    assert!((found.radius - 100.0).abs() > 1.0, "{}", found.radius);
}
