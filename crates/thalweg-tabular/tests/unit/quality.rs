//! The quality of synthetic rows.

use thalweg_data::{Column, Table};
use thalweg_tabular::{DensityError, Quality, quality};

use crate::tables::{mixed, same_json, shuffled, table};

fn of(real: &Table, synthetic: &Table, held_out: Option<&Table>) -> Quality {
    quality(real, synthetic, held_out, 0).expect("tables of the same columns")
}

#[test]
fn new_rows_of_the_same_density_have_a_high_quality_and_are_new() {
    let [real, synthetic, held_out] = [1, 2, 3].map(|seed| mixed(800, 1.0, seed));
    let quality = of(&real, &synthetic, Some(&held_out));
    assert!(quality.score > 0.93, "{quality}");
    let reached = quality.held_out_score.expect("enough held-out rows");
    assert!((quality.score - reached).abs() < 0.05, "{quality}");
    assert!(!quality.memorization.is_found(), "{quality}");
    let closer = quality.memorization.closer.expect("held-out rows");
    assert!((closer - 0.5).abs() < 0.06, "{quality}");
    assert_eq!(quality.memorization.copies, 0.0);
}

#[test]
fn shuffled_columns_keep_their_shapes_and_lose_their_trends() {
    let real = mixed(800, 1.0, 1);
    let quality = of(&real, &shuffled(&real, 5), None);
    assert_eq!(quality.shapes, 1.0);
    assert!(quality.trends.expect("three columns") < 0.4, "{quality}");
    assert!(quality.auc > 0.8, "{quality}");
    assert!(quality.indistinguishable < 0.4, "{quality}");
    assert!(quality.score < 0.65, "{quality}");
    let names = quality.pairs.iter().map(|pair| pair.measure.as_str());
    let expected = ["Spearman", "correlation ratio", "correlation ratio"];
    assert!(names.eq(expected), "{:?}", quality.pairs);
}

#[test]
fn another_density_has_a_low_quality() {
    let quality = of(&mixed(500, 1.0, 1), &mixed(500, 4.0, 2), None);
    assert!(quality.shapes < 0.85 && quality.auc > 0.7, "{quality}");
    assert!(quality.columns[0].distance > 0.2, "{quality}");
}

#[test]
fn copied_rows_are_found() {
    let [real, held_out] = [1, 3].map(|seed| mixed(400, 1.0, seed));
    let copied = real.select(&(0..300).map(|row| row * 7 % 400).collect::<Vec<_>>());
    for held_out in [None, Some(&held_out)] {
        let quality = of(&real, &copied, held_out);
        assert_eq!(quality.memorization.copies, 1.0);
        assert!(quality.memorization.is_found(), "{quality}");
    }
    assert!(
        of(&real, &copied, None)
            .to_string()
            .contains("repeat real ones: 100.0 %")
    );
}

#[test]
fn rows_beside_real_ones_are_found_by_their_distance() {
    let [real, held_out] = [1, 3].map(|seed| mixed(400, 1.0, seed));
    let near = |column: &Column| match column.as_numbers() {
        Some(x) => Column::numbers(column.name(), x.iter().map(|x| x + 1e-4).collect()),
        None => column.clone(),
    };
    let near = table(real.columns().iter().map(near).collect());
    let quality = of(&real, &near, Some(&held_out));
    assert_eq!(quality.memorization.copies, 0.0);
    assert!(quality.memorization.closer > Some(0.95), "{quality}");
    assert!(quality.memorization.is_found(), "{quality}");
}

#[test]
fn copies_of_coarse_rows_are_natural() {
    let coarse = |seed| {
        let rounded = |column: &Column| match column.as_numbers() {
            Some(x) => Column::numbers(column.name(), x.iter().map(|x| x.round()).collect()),
            None => column.clone(),
        };
        table(
            mixed(500, 1.0, seed)
                .columns()
                .iter()
                .map(rounded)
                .collect(),
        )
    };
    let quality = of(&coarse(1), &coarse(2), Some(&coarse(3)));
    assert!(quality.memorization.copies > 0.9, "{quality}");
    assert!(!quality.memorization.is_found(), "{quality}");
    assert!(quality.to_string().contains("Rounding makes"), "{quality}");
}

#[test]
fn a_number_is_the_same_after_binary_rounding() {
    let numbers = |of: &dyn Fn(f64) -> f64| {
        let x = (0..100).map(|i| of(f64::from(i % 37))).collect();
        table(vec![Column::numbers("x", x)])
    };
    let recorded = numbers(&|i| format!("{:.1}", i / 10.0).parse().expect("a number"));
    let drawn = numbers(&|i| i * 0.1);
    assert_ne!(recorded, drawn);
    let quality = of(&recorded, &drawn, None);
    assert_eq!((quality.shapes, quality.memorization.copies), (1.0, 1.0));
}

#[test]
fn missing_values_count() {
    let with = |every: usize| {
        let mut x = mixed(300, 1.0, 1).numbers("x").expect("numbers").to_vec();
        x.iter_mut().step_by(every).for_each(|x| *x = f64::NAN);
        table(vec![Column::numbers("x", x)])
    };
    let quality = of(&with(10), &with(2), None);
    let column = &quality.columns[0];
    assert!(
        (column.missing_real - 0.1).abs() < 1e-9 && (column.missing_synthetic - 0.5).abs() < 1e-9
    );
    assert!(column.distance >= 0.4, "{quality}");
    assert_eq!(quality.trends, None);
    assert!(
        quality
            .to_string()
            .contains("missing 10.0 %, in synthetic rows 50.0 %"),
        "{quality}"
    );
}

#[test]
fn other_columns_are_refused_by_name() {
    let real = mixed(50, 1.0, 1);
    let error = |synthetic: &Table| {
        let error = quality(&real, synthetic, None, 0).expect_err("other columns");
        assert!(matches!(error, DensityError::Compared { .. }), "{error}");
        error.to_string()
    };
    let less = real.clone().without("y").expect("more than one column");
    assert!(
        error(&less).starts_with("column \"y\" of the real table: the synthetic table lacks it")
    );
    let id = Column::numbers("id", vec![0.0; 50]);
    let more = real.clone().with_column(id).expect("50 rows");
    assert!(
        error(&more).starts_with("column \"id\" of the synthetic table: the real table lacks it")
    );
    let words = Column::text("x", ["a"; 50]);
    let other = real.clone().with_column(words).expect("50 rows");
    let expected =
        "column \"x\" of the synthetic table: it holds text, and in the real table numbers";
    assert!(error(&other).starts_with(expected));
    let few = real.select(&[0, 1, 2]);
    let error = quality(&real, &few, None, 0).expect_err("three rows");
    assert!(error.to_string().contains("at least"), "{error}");
}

#[test]
fn files_hold_the_figures_and_the_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let with_times = |seed: u32| {
        let hours = (0..300).map(|hour| 1.7e9 + 3600.0 * f64::from(hour) + 60.0 * f64::from(seed));
        let times = Column::times("at", hours.collect());
        let rows = mixed(300, 1.0, u64::from(seed));
        rows.with_column(times).expect("300 rows")
    };
    let quality = of(&with_times(1), &with_times(2), Some(&with_times(3)));
    for (name, start) in [
        ("a.png", &b"\x89PNG"[..]),
        ("a.svg", b"<svg"),
        ("a.txt", b"Quality"),
    ] {
        let path = folder.path().join(name);
        quality.save(&path).expect("a file");
        let bytes = std::fs::read(&path).expect("the file");
        assert!(bytes.starts_with(start), "{name}");
    }
    let path = folder.path().join("a.json");
    quality.save(&path).expect("a file");
    let json = std::fs::read_to_string(&path).expect("the file");
    let read: Quality = serde_json::from_str(&json).expect("JSON");
    assert!(same_json(&read.to_json(), &quality.to_json()));
    assert_eq!(read.columns.len(), 4);
    let error = quality
        .save(folder.path().join("a.pdf"))
        .expect_err("another ending");
    assert!(
        error.to_string().contains(".png, .svg, .json or .txt"),
        "{error}"
    );
}
