//! Angles.

use rand::RngExt;
use thalweg_data::{Column, Table};
use thalweg_tabular::{Density, Kind};

use super::all;
use crate::draws::{Truth, log_von_mises, numbers, recovers, rng, von_mises};

/// Degrees, around north: the density crosses the end of the circle.
fn draw(rows: usize, seed: u64) -> Truth {
    numbers(&["direction"], rows, seed, |rng| {
        let angle = von_mises(0.3, 2.0, rng);
        let log = log_von_mises(angle, 0.3, 2.0);
        (vec![angle.to_degrees()], log + 1.0_f64.to_radians().ln())
    })
}

#[test]
fn von_mises_in_degrees() {
    let density = all().kind("direction", Kind::angle(360.0));
    let model = recovers("von Mises", &density, draw);
    // One turn more is the same direction.
    let at = |x: f64| {
        let table = Table::new(vec![Column::numbers("direction", vec![x])]).unwrap();
        model.log_prob(&table).unwrap()[0].clone().unwrap()
    };
    assert!((at(10.0) - at(370.0)).abs() < 1e-4);
    assert!((at(10.0) - at(-350.0)).abs() < 1e-4);
    assert!((at(1e-9) - at(360.0 - 1e-9)).abs() < 1e-3);
}

fn given_category(rows: usize, seed: u64) -> Truth {
    let rng = &mut rng(seed);
    let (mut names, mut angles, mut truth) = (vec![], vec![], vec![]);
    for _ in 0..rows {
        let (name, mean, concentration) = match rng.random::<f64>() < 0.4 {
            true => ("day", 1.0, 4.0),
            false => ("night", -2.0, 1.0),
        };
        let angle = von_mises(mean, concentration, rng);
        names.push(name);
        angles.push(angle);
        truth.push(log_von_mises(angle, mean, concentration));
    }
    let columns = vec![
        Column::text("part", names),
        Column::numbers("angle", angles),
    ];
    (Table::new(columns).unwrap(), truth)
}

#[test]
fn von_mises_given_a_category() {
    let density = Density::of(["angle"]).given(["part"]);
    let density = density.kind("angle", Kind::angle(std::f64::consts::TAU));
    recovers(
        "von Mises given a category",
        &density.calibrate(false),
        given_category,
    );
}
