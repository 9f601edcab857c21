//! Missing values, known by an indicator.

use rand::RngExt;
use thalweg_tabular::Missing;

use super::all;
use crate::draws::{Truth, log_normal, normal, numbers, recovers};

const R: f64 = 0.8;

fn draw(rows: usize, seed: u64) -> Truth {
    numbers(&["x", "y"], rows, seed, |rng| {
        let x = normal(rng);
        let y = R * x + (1.0 - R * R).sqrt() * normal(rng);
        let joint = log_normal(x, 0.0, 1.0) + log_normal(y, R * x, (1.0 - R * R).sqrt());
        // A quarter lacks x; where x is known, a tenth lacks y.
        match (rng.random::<f64>() < 0.25, rng.random::<f64>() < 0.1) {
            (true, _) => (vec![f64::NAN, y], 0.25_f64.ln() + log_normal(y, 0.0, 1.0)),
            (_, true) => (vec![x, f64::NAN], 0.075_f64.ln() + log_normal(x, 0.0, 1.0)),
            _ => (vec![x, y], 0.675_f64.ln() + joint),
        }
    })
}

#[test]
fn density_of_what_is_known() {
    let model = recovers("missing", &all().missing(Missing::Indicator), draw);
    let drawn = model.sample(4000, 1).unwrap();
    let absent = |name: &str| {
        let column = drawn.column(name).unwrap();
        (0..4000)
            .filter(|row| column.values().is_missing(*row))
            .count() as f64
            / 4000.0
    };
    // Four deviations are 0.027 and 0.017.
    assert!((absent("x") - 0.25).abs() < 0.035, "{}", absent("x"));
    assert!((absent("y") - 0.075).abs() < 0.025, "{}", absent("y"));
}
