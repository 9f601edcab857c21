//! Densities given columns.

use rand::RngExt;
use thalweg_data::{Column, Table};
use thalweg_tabular::Density;

use crate::draws::{Truth, log_normal, normal, recovers, rng};

fn draw(rows: usize, seed: u64) -> Truth {
    let rng = &mut rng(seed);
    let (mut x, mut names, mut y, mut truth) = (vec![], vec![], vec![], vec![]);
    for _ in 0..rows {
        let given = 10.0 * normal(rng) + 100.0;
        let (name, shift, deviation) = match rng.random::<f64>() < 0.5 {
            true => ("a", 0.0, 1.0),
            false => ("b", 5.0, 3.0),
        };
        let mean = 0.5 * given + shift;
        let value = mean + deviation * normal(rng);
        x.push(given);
        names.push(name);
        y.push(value);
        truth.push(log_normal(value, mean, deviation));
    }
    let columns = vec![
        Column::numbers("x", x),
        Column::text("name", names),
        Column::numbers("y", y),
    ];
    (Table::new(columns).unwrap(), truth)
}

#[test]
fn linear_given_number_and_category() {
    let density = Density::of(["y"]).given(["x", "name"]).calibrate(false);
    let model = recovers("conditions", &density, draw);
    let given = vec![
        Column::numbers("x", vec![90.0]),
        Column::text("name", ["b"]),
    ];
    let drawn = model
        .sample_given(&Table::new(given).unwrap(), 4000, 1)
        .unwrap();
    let y = drawn.numbers("y").unwrap();
    let mean = y.iter().sum::<f64>() / 4000.0;
    let variance = y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / 4000.0;
    // Four deviations of the mean are 0.19.
    assert!((mean - 50.0).abs() < 0.35, "{mean}");
    assert!((variance.sqrt() - 3.0).abs() < 0.25, "{variance}");
}
