//! Numbers with bounds.

use rand::RngExt;
use rand_distr::Beta;
use thalweg_data::{Column, Table};
use thalweg_tabular::{FittedDensity, Kind};

use super::{all, described};
use crate::draws::{Truth, log_normal, normal, numbers, recovers};

fn at(model: &FittedDensity, x: f64) -> f64 {
    let table = Table::new(vec![Column::numbers("x", vec![x])]).unwrap();
    model.log_prob(&table).unwrap()[0].clone().unwrap()
}

fn drawn(model: &FittedDensity) -> Vec<f64> {
    let drawn = model.sample(2000, 5).unwrap();
    drawn.numbers("x").unwrap().to_vec()
}

fn log_normals(rows: usize, seed: u64) -> Truth {
    numbers(&["x"], rows, seed, |rng| {
        let y = 1.5 * normal(rng);
        (vec![y.exp()], log_normal(y, 0.0, 1.5) - y)
    })
}

#[test]
fn positive() {
    let found = described(&log_normals(20_000, 1).0);
    assert!(found.contains("above 0"), "{found}");
    let model = recovers(
        "log-normal",
        &all().kind("x", Kind::above(0.0)),
        log_normals,
    );
    assert_eq!(at(&model, 0.0), f64::NEG_INFINITY);
    assert_eq!(at(&model, -1.0), f64::NEG_INFINITY);
    assert!(at(&model, 1e-300).is_finite() && at(&model, f64::MAX).is_finite());
    assert!(drawn(&model).iter().all(|x| *x > 0.0));
}

fn beta(rows: usize, seed: u64) -> Truth {
    let beta = Beta::new(2.0, 5.0).unwrap();
    numbers(&["x"], rows, seed, |rng| {
        let x: f64 = rng.sample(beta);
        // On [10, 20].
        let log = (30.0 * x * (1.0 - x).powi(4)).ln() - 10.0_f64.ln();
        (vec![10.0 + 10.0 * x], log)
    })
}

#[test]
fn between() {
    let model = recovers("Beta", &all().kind("x", Kind::between(10.0, 20.0)), beta);
    for outside in [9.0, 10.0, 20.0, 1e300] {
        assert_eq!(at(&model, outside), f64::NEG_INFINITY, "{outside}");
    }
    assert!(drawn(&model).iter().all(|x| (10.0..=20.0).contains(x)));
}
