//! Tables of unusual shapes and values.

use thalweg_data::{Column, Table};
use thalweg_tabular::{Density, Kind, Summary};

use crate::draws::{normal, numbers, rng};

fn quick() -> Density {
    Density::of_all().steps(20)
}

fn only(model: &thalweg_tabular::FittedDensity, column: Column) -> Vec<f64> {
    let logs = model.log_prob(&Table::new(vec![column]).unwrap()).unwrap();
    logs.into_iter().map(Result::unwrap).collect()
}

#[test]
fn thirty_rows() {
    let (table, _) = numbers(&["x", "y"], 30, 1, |rng| {
        (vec![normal(rng), normal(rng)], 0.0)
    });
    let model = quick().fit(&table).unwrap();
    let logs = model.log_prob(&table).unwrap();
    assert!(
        logs.iter().all(|log| log.clone().unwrap().is_finite()),
        "{logs:?}"
    );
    assert_eq!(model.sample(5, 1).unwrap().rows(), 5);
}

#[test]
fn more_columns_than_rows() {
    let rng = &mut rng(1);
    let columns = (0..300).map(|k| {
        let values = (0..100).map(|_| normal(rng)).collect();
        Column::numbers(&format!("x{k}"), values)
    });
    let table = Table::new(columns.collect()).unwrap();
    let model = Density::of_all().fit(&table).unwrap();
    let logs: Vec<f64> = model
        .log_prob(&table)
        .unwrap()
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert!(logs.iter().all(|log| log.is_finite()), "{logs:?}");
    let fresh = model.sample(20, 1).unwrap();
    assert!(
        model
            .log_prob(&fresh)
            .unwrap()
            .iter()
            .all(|log| log.clone().unwrap().is_finite())
    );
}

#[test]
fn constant_columns_alone() {
    let table = Table::new(vec![
        Column::numbers("x", vec![3.0; 40]),
        Column::text("word", vec!["same"; 40]),
    ])
    .unwrap();
    let model = quick().fit(&table).unwrap();
    let logs = model.log_prob(&table).unwrap();
    assert!(logs.iter().all(|log| *log == Ok(0.0)), "{logs:?}");
    let other = Table::new(vec![
        Column::numbers("x", vec![3.0, 4.0]),
        Column::text("word", ["other", "same"]),
    ]);
    let found = model.log_prob(&other.unwrap()).unwrap();
    assert_eq!(found, [Ok(f64::NEG_INFINITY), Ok(f64::NEG_INFINITY)]);
    assert_eq!(
        format!("{:?}", model.sample(40, 1).unwrap()),
        format!("{table:?}")
    );
}

#[test]
fn words_that_were_not_seen() {
    let words: Vec<&str> = (0..400).map(|k| ["a", "b", "c"][k % 3]).collect();
    let table = Table::new(vec![Column::text("word", words)]).unwrap();
    let model = quick().fit(&table).unwrap();
    let logs = only(&model, Column::text("word", ["a", "b", "c", "new"]));
    let sum: f64 = logs.iter().map(|log| log.exp()).sum();
    // All other words together have the rest.
    assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    assert!(logs[3].exp() < 0.01 && logs[3].is_finite(), "{logs:?}");
}

#[test]
fn probabilities_of_a_grid_sum_to_one() {
    let (table, _) = numbers(&["x"], 2500, 1, |rng| {
        (vec![(2.0 * normal(rng)).round()], 0.0)
    });
    let model = quick().fit(&table).unwrap();
    let logs = only(
        &model,
        Column::numbers("x", (-60..=60).map(f64::from).collect()),
    );
    let sum: f64 = logs.iter().map(|log| log.exp()).sum();
    assert!((sum - 1.0).abs() < 0.01, "{sum}");
}

#[test]
fn densities_integrate_to_one() {
    let (table, _) = numbers(&["x"], 2500, 1, |rng| {
        let x = 1.0 / (1.0 + normal(rng).exp());
        (vec![x], 0.0)
    });
    let model = quick()
        .kind("x", Kind::between(0.0, 1.0))
        .fit(&table)
        .unwrap();
    let places = (0..2000).map(|k| (f64::from(k) + 0.5) / 2000.0);
    let logs = only(&model, Column::numbers("x", places.collect()));
    let sum = logs.iter().map(|log| log.exp()).sum::<f64>() / 2000.0;
    assert!((sum - 1.0).abs() < 0.01, "{sum}");
}

/// Where each held-out row is impossible, nothing is known of them. JSON has no such number, and a file holds it.
#[test]
fn a_summary_that_knows_nothing_of_held_out_rows_is_read_again() {
    for held_out in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.25] {
        let summary = Summary {
            held_out,
            ..Summary::default()
        };
        let text = serde_json::to_string(&summary).unwrap();
        let read: Summary = serde_json::from_str(&text).unwrap();
        assert!(read.held_out.total_cmp(&held_out).is_eq(), "{text}");
    }
    // Earlier files hold null.
    let mut earlier = serde_json::to_value(Summary::default()).unwrap();
    earlier["held_out"] = serde_json::Value::Null;
    let read: Summary = serde_json::from_value(earlier).unwrap();
    assert!(read.held_out.is_nan());
}
