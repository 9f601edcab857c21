//! What holds of every fitted density, on a table with a column of each kind.

use std::sync::OnceLock;

use rand::RngExt;
use thalweg_data::{Column, Place, Table, Values};
use thalweg_tabular::{Density, Family, FittedDensity, Kind, Missing, Network};

use crate::draws::{normal, rng};

/// Text, integers, rounded, bounded, angles with gaps, amounts with zeros, a constant.
fn table(rows: usize, seed: u64) -> Table {
    let rng = &mut rng(seed);
    let mut columns: [Vec<f64>; 5] = Default::default();
    let mut words = vec![];
    for _ in 0..rows {
        let x = normal(rng);
        words.push(if x > 0.3 { "high" } else { "low" });
        let amount = if x < -1.0 { 0.0 } else { x.exp() };
        let angle = match rng.random::<f64>() < 0.2 {
            true => f64::NAN,
            false => (40.0 * normal(rng)).rem_euclid(360.0),
        };
        let values = [
            (3.0 * rng.random::<f64>() + x).abs().floor(),
            (normal(rng) * 100.0).round() / 100.0,
            1.0 / (1.0 + (-x).exp()),
            angle,
            amount,
        ];
        columns
            .iter_mut()
            .zip(values)
            .for_each(|(column, value)| column.push(value));
    }
    let names = ["count", "rounded", "share", "angle", "amount"];
    let numbers = names.iter().zip(columns);
    let mut all = vec![Column::text("word", words)];
    all.extend(numbers.map(|(name, values)| Column::numbers(name, values)));
    all.push(Column::numbers("one", vec![7.0; rows]));
    Table::new(all).unwrap()
}

fn density() -> Density {
    Density::of_all()
        .kind("share", Kind::between(0.0, 1.0))
        .kind("rounded", Kind::continuous().rounded(0.01))
        .kind("angle", Kind::angle(360.0))
        .missing(Missing::Indicator)
        .steps(30)
        .members(2)
}

fn model() -> &'static FittedDensity {
    static MODEL: OnceLock<FittedDensity> = OnceLock::new();
    MODEL.get_or_init(|| density().fit(&table(800, 1)).unwrap())
}

fn logs(model: &FittedDensity, table: &Table) -> Vec<f64> {
    let logs = model.log_prob(table).unwrap();
    logs.into_iter().map(Result::unwrap).collect()
}

#[test]
fn a_file_holds_the_same_density() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("density.safetensors");
    model().save(&path).unwrap();
    let loaded = FittedDensity::load(&path, &Default::default()).unwrap();
    let fresh = table(300, 2);
    assert_eq!(logs(model(), &fresh), logs(&loaded, &fresh));
    assert_eq!(
        model().anomaly(&fresh).unwrap(),
        loaded.anomaly(&fresh).unwrap()
    );
    assert_eq!(
        model().threshold(0.05).unwrap(),
        loaded.threshold(0.05).unwrap()
    );
    assert_eq!(model().to_string(), loaded.to_string());
    let [a, b] = [model(), &loaded].map(|model| model.sample(50, 3).unwrap());
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
}

/// Rows that are scored by themselves, in any order, have the p-values that the whole table gives them.
#[test]
fn p_values_do_not_depend_on_the_parts() {
    let fresh = table(300, 2);
    let whole = model().anomaly(&fresh).unwrap();
    for rows in [(0..300).rev().collect(), vec![17, 18, 19, 5], vec![299]] {
        let place = |row: &usize| Place {
            row: *row as u64 + 1,
            line: None,
        };
        let places: Vec<Place> = rows.iter().map(place).collect();
        let part = model().anomaly_at(&fresh.select(&rows), &places).unwrap();
        for (row, part) in rows.iter().zip(part) {
            let whole = whole[*row].as_ref().unwrap();
            // Scores are those of the batch to rounding, p-values step by more.
            assert!(
                (part.unwrap().p_value - whole.p_value).abs() < 1e-9,
                "row {row}"
            );
        }
    }
    let at_others = model().anomaly_at(&fresh, &vec![Place { row: 9, line: None }; 300]);
    assert_ne!(at_others.unwrap(), whole);
}

#[test]
fn the_same_seed_gives_the_same_model() {
    let again = density().fit(&table(800, 1)).unwrap();
    let other = density().seed(1).fit(&table(800, 1)).unwrap();
    let fresh = table(100, 2);
    assert_eq!(logs(model(), &fresh), logs(&again, &fresh));
    assert_ne!(logs(model(), &fresh), logs(&other, &fresh));
}

/// To the bit: few rows go no other way than many.
#[test]
fn scores_do_not_depend_on_the_batch() {
    let fresh = table(600, 2);
    let family = |family| {
        let network = Network::new(family).with_layers(2).with_hidden(&[37]);
        let density = Density::of(["count", "rounded", "amount"]).network(network);
        density.steps(10).members(1).fit(&table(800, 1)).unwrap()
    };
    let families = [
        Family::Affine,
        Family::AutoregressiveSpline,
        Family::AutoregressiveAffine,
    ];
    let others: Vec<FittedDensity> = families.map(family).into();
    for model in others.iter().chain([model()]) {
        let whole = logs(model, &fresh);
        let strange = model.anomaly_anywhere(&fresh).unwrap();
        for rows in [0..1, 17..20, 100..163, 50..305] {
            let part = fresh.select(&rows.clone().collect::<Vec<_>>());
            assert_eq!(logs(model, &part), whole[rows.clone()], "{rows:?}");
            assert_eq!(
                model.anomaly_anywhere(&part).unwrap(),
                strange[rows.clone()]
            );
        }
    }
}

/// A p-value without a place is the largest one of all places.
#[test]
fn p_values_without_a_place_are_bounds() {
    let fresh = table(300, 2);
    let bounds = model().anomaly_anywhere(&fresh).unwrap();
    let anywhere = model().anomaly(&fresh).unwrap();
    let mut above = 0;
    for (bound, one) in bounds.into_iter().zip(anywhere) {
        let (bound, one) = (bound.unwrap(), one.unwrap());
        assert_eq!(bound.score, one.score);
        assert!(bound.p_value >= one.p_value && bound.p_value <= 1.0);
        above += usize::from(bound.p_value > one.p_value);
    }
    assert!(above > 250, "{above}");
}

#[test]
fn samples_are_rows_of_the_table() {
    let drawn = model().sample(1000, 5).unwrap();
    assert_eq!(drawn.names(), table(1, 1).names());
    assert_eq!(drawn.rows(), 1000);
    for row in 0..1000 {
        let at = |name| drawn.numbers(name).unwrap()[row];
        assert_eq!(at("count").fract(), 0.0);
        let hundredths = at("rounded") * 100.0;
        assert!(
            (hundredths - hundredths.round()).abs() < 1e-6,
            "{}",
            at("rounded")
        );
        assert!((0.0..=1.0).contains(&at("share")), "{}", at("share"));
        assert!(at("angle").is_nan() || (0.0..360.0).contains(&at("angle")));
        assert_eq!(at("one"), 7.0);
    }
    let zeros = drawn
        .numbers("amount")
        .unwrap()
        .iter()
        .filter(|x| **x == 0.0);
    assert!(zeros.count() > 50);
    let Values::Text(words) = drawn.require("word").unwrap().values() else {
        panic!("no text");
    };
    assert!(
        words
            .iter()
            .all(|word| matches!(word, Some("high" | "low")))
    );
    // What is drawn is possible.
    assert!(
        logs(model(), &drawn)
            .iter()
            .filter(|log| !log.is_finite())
            .count()
            < 3
    );
}

#[test]
fn each_row_has_one_answer_in_its_place() {
    let fresh = table(4, 2);
    let mut amounts = fresh.numbers("amount").unwrap().to_vec();
    let mut ones = vec![7.0; 4];
    amounts[1] = f64::INFINITY;
    amounts[2] = f64::NAN;
    ones[3] = 8.0;
    let changed = fresh
        .clone()
        .without("amount")
        .unwrap()
        .without("one")
        .unwrap();
    let changed = changed
        .with_column(Column::numbers("amount", amounts))
        .unwrap();
    let changed = changed.with_column(Column::numbers("one", ones)).unwrap();
    let found = model().log_prob(&changed).unwrap();
    assert_eq!(found.len(), 4);
    assert!((found[0].clone().unwrap() - logs(model(), &fresh)[0]).abs() < 1e-4);
    let problem = found[1].clone().unwrap_err().to_string();
    assert_eq!(
        problem,
        "the value of \"amount\" is inf; a density takes finite numbers"
    );
    let problem = found[2].clone().unwrap_err().to_string();
    assert!(
        problem.starts_with("the value of \"amount\" is missing; fit with"),
        "{problem}"
    );
    assert_eq!(found[3], Ok(f64::NEG_INFINITY));
    // Columns are found by name, in any order; no row is no answer.
    assert_eq!(model().log_prob(&fresh.select(&[])).unwrap(), []);
}

#[test]
fn another_schema_is_refused_by_name() {
    let fresh = table(4, 2);
    let problem = |table: &Table| model().log_prob(table).unwrap_err().to_string();
    let without = fresh.clone().without("share").unwrap();
    assert!(problem(&without).starts_with("there is no column \"share\""));
    let text = without
        .with_column(Column::text("share", ["a", "b", "c", "d"]))
        .unwrap();
    assert_eq!(
        problem(&text),
        "column \"share\" holds text, and the model was fitted to numbers; read it as such, see `CsvOptions`"
    );
}

/// Of a finely rounded number the density in the middle of a cell is the probability: of one cell in a hundred they add up to a
/// hundredth.
#[test]
fn probabilities_of_narrow_cells_add_up_to_one() {
    let rng = &mut rng(5);
    let step = 1e-4;
    let rounded = |x: f64| (x / step).round() * step;
    let rows: Vec<f64> = (0..600).map(|_| rounded(5.0 * normal(rng))).collect();
    let table = |rows| Table::new(vec![Column::numbers("x", rows)]).unwrap();
    let kind = Kind::continuous().rounded(step);
    let density = Density::of_all().kind("x", kind).steps(30).members(1);
    let model = density.fit(&table(rows)).unwrap();
    let some = table(
        (-6000..=6000)
            .map(|k| rounded(f64::from(k) * 100.0 * step))
            .collect(),
    );
    let sum: f64 = logs(&model, &some).iter().map(|log| log.exp()).sum();
    assert!((100.0 * sum - 1.0).abs() < 1e-3, "{sum}");
}
