//! A fitted density knows its column of weights.

use std::sync::OnceLock;

use thalweg_data::{Column, Table};
use thalweg_tabular::{Density, DensityError, FittedDensity, quality};

use crate::draws::{normal, numbers};

/// Rows around 0 of weight 4, and as many around 6 of weight 1.
fn table(seed: u64) -> Table {
    let (table, _) = numbers(&["x", "y", "w"], 600, seed, |rng| {
        let heavy = normal(rng) > 0.0;
        let (middle, weight) = if heavy { (0.0, 4.0) } else { (6.0, 1.0) };
        (vec![middle + normal(rng), normal(rng), weight], 0.0)
    });
    table
}

fn model() -> &'static FittedDensity {
    static MODEL: OnceLock<FittedDensity> = OnceLock::new();
    MODEL.get_or_init(|| {
        let density = Density::of_all().weights("w").steps(60).members(1);
        density.fit(&table(1)).unwrap()
    })
}

#[test]
fn a_file_holds_the_name_of_the_weights() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("density.safetensors");
    model().save(&path).unwrap();
    let loaded = FittedDensity::load(&path, &Default::default()).unwrap();
    assert_eq!(loaded.weights(), Some("w"));
    let [a, b] = [model(), &loaded].map(|model| model.report(&table(2)).unwrap().nats);
    assert_eq!(a, b);
}

#[test]
fn reports_are_weighted_where_the_table_has_weights() {
    let table = table(2);
    let report = model().report(&table).unwrap();
    assert_eq!(report.weights.as_deref(), Some("w"));
    assert!(
        report
            .to_string()
            .contains("nats a row, weighted by \"w\", the mean"),
        "{report}"
    );
    let weights = table.numbers("w").unwrap();
    let by_hand = model().report_weighted(&table, weights).unwrap();
    assert_eq!((report.nats, report.ranked), (by_hand.nats, by_hand.ranked));
    // Half of the rows are of weight 4, and four fifths of the density.
    let plain = model()
        .report(&table.clone().without("w").unwrap())
        .unwrap();
    assert_eq!(plain.weights, None);
    assert!(!plain.to_string().contains("weighted"), "{plain}");
    assert!(report.nats.unwrap() > plain.nats.unwrap() + 0.2);
    let p_value =
        |report: &thalweg_tabular::Report| report.columns[0].pit.as_ref().unwrap().p_value;
    assert!(p_value(&report) > 1e-3, "{report}");
    assert!(p_value(&plain) < 1e-9, "{plain}");
}

#[test]
fn quality_is_weighted_where_the_table_has_weights() {
    let (real, held_out) = (table(1), table(2));
    let drawn = model().sample(600, 1).unwrap();
    let weighted = model().quality(&real, &drawn, Some(&held_out), 0).unwrap();
    let [plain, plain_held_out] =
        [&real, &held_out].map(|table| table.clone().without("w").unwrap());
    let plain = quality(&plain, &drawn, Some(&plain_held_out), 0).unwrap();
    let distance = |quality: &thalweg_tabular::Quality| quality.columns[0].distance;
    // Of the rows half are around 0, of the draws four fifths.
    assert!((distance(&plain) - 0.3).abs() < 0.06, "{plain}");
    assert!(distance(&weighted) < 0.1, "{weighted}");
    assert!(weighted.score > plain.score + 0.1, "{weighted}\n{plain}");
    // Held-out rows are weighted as real ones: they are like them.
    assert!(weighted.held_out_score > Some(0.9), "{weighted}");
    // Whether rows are copied is a question to all real rows.
    assert_eq!(weighted.memorization, plain.memorization);
    assert_eq!(weighted.real_rows, 600);
}

#[test]
fn bad_weights_are_errors() {
    let wrong = table(1)
        .with_column(Column::text("w", vec!["a"; 600]))
        .unwrap();
    let error = model().report(&wrong).unwrap_err();
    assert!(matches!(error, DensityError::Weights { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "the weights in column \"w\": they are no numbers"
    );
    let drawn = model().sample(100, 1).unwrap();
    let error = model().quality(&wrong, &drawn, None, 0).unwrap_err();
    assert!(matches!(error, DensityError::Weights { .. }), "{error}");
}
