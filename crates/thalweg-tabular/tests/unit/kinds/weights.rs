//! Weights of rows.

use rand::RngExt;
use thalweg_data::{Column, Table};
use thalweg_tabular::Density;

use crate::draws::{CLOSE, JUDGED, LEARNED, divergence, log_normal, normal, numbers};

#[test]
fn weights_change_the_density() {
    // Weights exp(0.8 x − 0.32) make N(0.8, 1) of N(0, 1).
    let (table, _) = numbers(&["x", "w"], LEARNED, 1, |rng| {
        let x = normal(rng);
        (vec![x, (0.8 * x - 0.32).exp()], 0.0)
    });
    let model = Density::of(["x"])
        .weights("w")
        .calibrate(false)
        .fit(&table)
        .unwrap();
    let fresh = numbers(&["x"], JUDGED, 2, |rng| {
        let x = 0.8 + normal(rng);
        (vec![x], log_normal(x, 0.8, 1.0))
    });
    let lost = divergence(&model, &fresh);
    eprintln!("weights: {lost:.4} nats\n{model}");
    assert!(lost.abs() < CLOSE, "{lost}");
}

#[test]
fn weight_two_is_two_rows() {
    let (table, _) = numbers(&["x", "w"], 4000, 3, |rng| {
        let heavy = rng.random::<f64>() < 0.5;
        (
            vec![if heavy { 1.0 } else { 2.0 }, if heavy { 2.0 } else { 1.0 }],
            0.0,
        )
    });
    let doubled: Vec<usize> = (0..4000)
        .flat_map(|row| {
            let weights = table.numbers("w").unwrap();
            std::iter::repeat_n(row, weights[row] as usize)
        })
        .collect();
    let kind = thalweg_tabular::Kind::Category;
    let density = Density::of(["x"]).kind("x", kind).calibrate(false);
    let weighted = density.clone().weights("w").fit(&table).unwrap();
    let doubled = density.fit(&table.select(&doubled)).unwrap();
    let both = Table::new(vec![Column::numbers("x", vec![1.0, 2.0])]).unwrap();
    let logs = [&weighted, &doubled].map(|model| model.log_prob(&both).unwrap());
    for row in 0..2 {
        let of = [0, 1].map(|k| logs[k][row].clone().unwrap().exp());
        assert!((of[0] - of[1]).abs() < 0.03, "{of:?}");
        assert!((of[0] - [2.0, 1.0][row] / 3.0).abs() < 0.03, "{of:?}");
    }
}
