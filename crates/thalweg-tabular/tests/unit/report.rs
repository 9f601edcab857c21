//! Reports on held-out rows.

use std::sync::OnceLock;

use thalweg_data::{Column, Table};
use thalweg_tabular::{ColumnReport, Density, FittedDensity, Missing, Report};

use crate::tables::{mixed, same_json, table};

/// A density of [`mixed`] rows, and the same given the words.
fn models() -> &'static [FittedDensity; 2] {
    static MODELS: OnceLock<[FittedDensity; 2]> = OnceLock::new();
    MODELS.get_or_init(|| {
        let rows = mixed(600, 1.0, 1);
        let small = |density: Density| density.steps(30).members(1).fit(&rows);
        [
            small(Density::of_all()).expect("a density"),
            small(Density::of(["x", "y"]).given(["level"])).expect("a density"),
        ]
    })
}

fn report(model: &FittedDensity, table: &Table) -> Report {
    model.report(table).expect("rows with densities")
}

fn p_value(column: &ColumnReport) -> f64 {
    column.pit.as_ref().expect("values").p_value
}

#[test]
fn ranks_of_rows_like_the_training_rows_are_uniform() {
    // A condition that says nothing: the density is right after few steps.
    let tossed = |seed, rows| {
        let coin = (0..rows).map(|row| ["heads", "tails"][row % 2]);
        let rows = mixed(rows, 1.0, seed).with_column(Column::text("coin", coin));
        rows.expect("one coin a row")
    };
    let given = Density::of(["x", "y"]).given(["coin"]).steps(30).members(1);
    let given = given.fit(&tossed(1, 600)).expect("a density");
    for model in [&models()[0], &given] {
        let report = report(model, &tossed(2, 400));
        for column in &report.columns {
            assert!(p_value(column) > 1e-3, "{report}");
            // Of 400 uniform values, one in a thousand samples is further away than 0.097.
            let pit = column.pit.as_ref().expect("values");
            assert!(pit.distance > 0.0 && pit.distance < 0.097, "{report}");
        }
        assert_eq!((report.rows, report.ranked, report.errors), (400, 400, 0));
        let (nats, error) = (report.nats.expect("nats"), report.nats_error.expect("rows"));
        assert!(error > 0.0 && error < 0.2, "{report}");
        assert!((nats - model.summary().held_out).abs() < 0.6, "{report}");
    }
}

#[test]
fn ranks_are_given_the_conditions_of_each_row() {
    let rows = mixed(400, 1.0, 2);
    let swapped = match rows.column("level").expect("the column").values() {
        thalweg_data::Values::Text(text) => text.iter().map(|word| match word {
            Some("high") => "low",
            _ => "high",
        }),
        _ => panic!("level holds words"),
    };
    let swapped = Column::text("level", swapped);
    let swapped = rows.clone().with_column(swapped).expect("400 rows");
    let [own, other] = [&rows, &swapped].map(|rows| report(&models()[1], rows));
    let [p, of_other] = [&own, &other].map(|report| p_value(&report.columns[0]));
    assert!(p > 1e-3 && of_other < 1e-5, "{own}\n{other}");
}

#[test]
fn ranks_of_wider_rows_are_not() {
    for model in models() {
        let report = report(model, &mixed(400, 3.0, 2));
        for column in report
            .columns
            .iter()
            .filter(|column| column.name != "level")
        {
            let pit = column.pit.as_ref().expect("values");
            assert!(pit.p_value < 1e-9, "{report}");
            // Of N(0, 3²) under N(0, 1): Φ(x/3) is furthest from Φ(x) at x = 1.57, by 0.24.
            assert!((pit.distance - 0.24).abs() < 0.07, "{report}");
            let percents = format!(" bins, {:.1} %, p < 0.001", 100.0 * pit.distance);
            assert!(column.to_string().contains(&percents), "{column}");
            // A ∪: too many rows in the outer bins.
            assert!(
                pit.counts[0] > 2 * pit.counts[pit.counts.len() / 2],
                "{report}"
            );
        }
    }
}

#[test]
fn frequencies_of_words_are_observed_and_predicted() {
    let rows = mixed(400, 1.0, 2);
    let level = report(&models()[0], &rows).columns.remove(2);
    assert_eq!(level.name, "level");
    let [high, low] = &level.frequencies[..] else {
        panic!("{:?}", level.frequencies);
    };
    assert_eq!((high.value.as_str(), low.value.as_str()), ("high", "low"));
    let text = rows.column("level").expect("the column").values();
    let thalweg_data::Values::Text(text) = text else {
        panic!("level holds words");
    };
    let observed = text.iter().filter(|word| *word == Some("high")).count() as f64 / 400.0;
    assert!((high.observed - observed).abs() < 1e-12);
    let distance = level.total_variation.expect("a category");
    assert!((distance - (high.observed - high.predicted).abs()).abs() < 1e-9);
    assert!(distance < 0.08, "{level}");
    // All rows of one word: the prediction misses by its frequency.
    let one: Vec<usize> = (0..400)
        .filter(|row| text.get(*row) == Some("high"))
        .collect();
    let level = report(&models()[0], &rows.select(&one)).columns.remove(2);
    assert!(
        level.total_variation > Some(0.4) && p_value(&level) < 1e-9,
        "{level}"
    );
}

#[test]
fn rows_without_a_density_and_impossible_rows_count_apart() {
    let constant = Column::numbers("c", vec![7.0; 600]);
    let train = mixed(600, 1.0, 1).with_column(constant).expect("600 rows");
    let model = Density::of(["x", "c"])
        .steps(30)
        .members(1)
        .fit(&train)
        .expect("a density");
    let held_out = table(vec![
        Column::numbers("x", vec![0.1, f64::NAN, 0.3, 0.4]),
        Column::numbers("c", vec![7.0, 7.0, 8.0, 7.0]),
    ]);
    let all = report(&model, &held_out);
    assert_eq!(
        (all.rows, all.errors, all.impossible, all.ranked),
        (4, 1, 1, 3)
    );
    let first = all.first_error.clone().expect("an error");
    assert!(
        first.starts_with("row 2: the value of \"x\" is missing"),
        "{first}"
    );
    let good = report(&model, &held_out.select(&[0, 3]));
    assert_eq!(all.nats, good.nats);
    assert!(
        all.to_string()
            .contains("the mean of 2 rows; 1 more are impossible; 1 more have no"),
        "{all}"
    );
    let error = model
        .report(&held_out.select(&[1]))
        .expect_err("no density");
    assert!(
        error.to_string().starts_with("row 1 of column \"x\""),
        "{error}"
    );
    let error = model.report(&held_out.select(&[])).expect_err("no rows");
    assert!(error.to_string().contains("at least 1"), "{error}");
}

#[test]
fn weights_count_by_their_proportions() {
    let model = &models()[0];
    let (right, wide) = (mixed(200, 1.0, 2), mixed(200, 3.0, 3));
    let both: Vec<Column> = right
        .columns()
        .iter()
        .zip(wide.columns())
        .map(joined)
        .collect();
    let both = table(both);
    let weights: Vec<f64> = (0..400)
        .map(|row| if row < 200 { 2.5 } else { 0.0 })
        .collect();
    let weighted = model.report_weighted(&both, &weights).expect("a report");
    let alone = report(model, &right);
    assert_eq!((weighted.rows, weighted.ranked), (200, 200));
    let [a, b] = [&weighted, &alone].map(|report| report.nats.expect("nats"));
    assert!((a - b).abs() < 1e-9);
    let half: Vec<f64> = (0..400)
        .map(|row| if row < 200 { 3.0 } else { 1.0 })
        .collect();
    let half = model.report_weighted(&both, &half).expect("a report");
    let wide = report(model, &wide).nats.expect("nats");
    assert!((half.nats.expect("nats") - (0.75 * b + 0.25 * wide)).abs() < 1e-9);
    // 400 rows of weights 3 and 1 are worth 800² / 2000.
    assert_eq!(half.ranked, 320);
    let error = model
        .report_weighted(&right, &[-1.0; 200])
        .expect_err("a negative weight");
    assert!(error.to_string().contains("-1 in row 1"), "{error}");
}

fn joined((a, b): (&Column, &Column)) -> Column {
    use thalweg_data::Values;
    let values = match (a.values(), b.values()) {
        (Values::Numbers(a), Values::Numbers(b)) => Values::Numbers([&a[..], b].concat()),
        (Values::Text(a), Values::Text(b)) => Values::Text(a.iter().chain(b.iter()).collect()),
        _ => panic!("columns of one type"),
    };
    Column::new(a.name(), values)
}

#[test]
#[should_panic(expected = "got 3 weights and 10 rows")]
fn weights_of_another_number_panic() {
    let _ = models()[0].report_weighted(&mixed(10, 1.0, 1), &[1.0; 3]);
}

#[test]
fn missing_and_rounded_values_have_uniform_ranks() {
    let rows = |seed| {
        let mixed = mixed(500, 1.0, seed);
        let x = mixed.numbers("x").expect("numbers").iter();
        let mut x: Vec<f64> = x.map(|x| (2.0 * x).round() / 10.0).collect();
        x.iter_mut().step_by(4).for_each(|x| *x = f64::NAN);
        mixed
            .with_column(Column::numbers("x", x))
            .expect("500 rows")
    };
    let density = Density::of(["x", "level"]).missing(Missing::Indicator);
    let model = density
        .steps(30)
        .members(1)
        .fit(&rows(1))
        .expect("a density");
    let report = report(&model, &rows(2));
    let pit = report.columns[0].pit.as_ref().expect("values");
    assert_eq!(pit.counts.iter().sum::<usize>(), 375);
    assert!(pit.p_value > 1e-3, "{report}");
}

#[test]
fn files_hold_the_figures_and_the_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = report(&models()[0], &mixed(100, 1.0, 2));
    assert_eq!(
        report.losses.iter().map(|losses| losses.member).max(),
        Some(1)
    );
    assert!(report.losses.iter().all(|losses| !losses.points.is_empty()));
    for (name, start) in [
        ("a.png", &b"\x89PNG"[..]),
        ("a.svg", b"<svg"),
        ("a.txt", b"Held out: "),
    ] {
        let path = folder.path().join(name);
        report.save(&path).expect("a file");
        let bytes = std::fs::read(&path).expect("the file");
        assert!(bytes.starts_with(start), "{name}");
        if name == "a.png" {
            let side = |at: usize| {
                u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
            };
            assert_eq!(side(16), 1200);
            assert!(side(20) > 1100 + 600, "{}", side(20));
        }
    }
    let path = folder.path().join("new/a.json");
    report.save(&path).expect("a file");
    let json = std::fs::read_to_string(&path).expect("the file");
    let read: Report = serde_json::from_str(&json).expect("JSON");
    assert!(same_json(&read.to_json(), &report.to_json()));
    assert_eq!(read.columns.len(), 3);
    // A report from JSON has its histograms, and no corner plot.
    read.save(folder.path().join("b.png")).expect("a picture");
    let error = report.save(folder.path().join("a")).expect_err("no ending");
    assert!(
        error.to_string().contains(".png, .svg, .json or .txt"),
        "{error}"
    );
}

#[test]
fn one_seed_gives_one_report() {
    let rows = mixed(60, 1.0, 2);
    let [a, b] = [0, 1].map(|_| report(&models()[1], &rows));
    assert_eq!(a.to_json(), b.to_json());
}

/// The report of rows in parts of these numbers of rows, again and again.
fn in_parts(model: &FittedDensity, table: &Table, parts: &[usize]) -> Report {
    let mut builder = model.reporting();
    let (mut start, mut parts) = (0, parts.iter().cycle());
    while start < table.rows() {
        let end = table.rows().min(start + parts.next().expect("a part"));
        let rows: Vec<usize> = (start..end).collect();
        builder.add(&table.select(&rows)).expect("rows");
        start = end;
    }
    builder.finish().expect("rows with densities")
}

#[test]
fn parts_of_rows_make_the_report_of_all() {
    let mut rows = mixed(5000, 1.0, 2);
    let mut x = rows.numbers("x").expect("numbers").to_vec();
    (x[3], x[4321]) = (f64::NAN, f64::NAN);
    let x = Column::numbers("x", x).with_unit("mm");
    rows = rows.with_column(x).expect("5000 rows");
    let whole = report(&models()[0], &rows);
    assert_eq!((whole.rows, whole.errors, whole.ranked), (5000, 2, 2000));
    let first = whole.first_error.clone().expect("an error");
    assert!(first.starts_with("row 4: "), "{first}");
    for parts in [&[64, 7, 900][..], &[4999], &[1, 2500]] {
        let parted = in_parts(&models()[0], &rows, parts);
        let [a, b] = [&whole, &parted].map(|report| report.nats.expect("nats"));
        assert!((a - b).abs() < 1e-6, "{a} and {b}");
        // The same rows are ranked, whatever the parts are.
        assert_eq!(whole.columns, parted.columns);
        assert_eq!(whole.first_error, parted.first_error);
    }
    // Rows of the sample are like all rows: so few steps of training are right to a few percent.
    for column in &whole.columns {
        let pit = column.pit.as_ref().expect("values");
        assert!(pit.distance < 0.08, "{whole}");
    }
}

#[test]
fn a_sample_of_weighted_rows_counts_by_their_weights() {
    // One row in ten is wide, and has the weight of nine others.
    let [right, wide] =
        [(1.0, 2), (3.0, 3)].map(|(deviation, seed)| mixed(20_000, deviation, seed));
    let both = right.columns().iter().zip(wide.columns()).map(joined);
    let both = table(both.collect());
    let order: Vec<usize> = (0..20_000)
        .map(|row| if row % 10 == 0 { 20_000 + row } else { row })
        .collect();
    let both = both.select(&order);
    let weights: Vec<f64> = (0..20_000)
        .map(|row| if row % 10 == 0 { 9.0 } else { 1.0 })
        .collect();
    let model = &models()[0];
    let weighted = model.report_weighted(&both, &weights).expect("a report");
    // Equal parts of N(0, 1) and N(0, 3²) under N(0, 1): half of the largest distance, 0.24.
    let distance = |report: &Report| report.columns[0].pit.as_ref().expect("values").distance;
    let (found, alone) = (distance(&weighted), distance(&report(model, &both)));
    assert!((found - 0.12).abs() < 0.04, "{weighted}");
    assert!(alone < 0.06, "{alone}");
    assert!(
        weighted.ranked > 1000 && weighted.ranked <= 2000,
        "{}",
        weighted.ranked
    );
    let error = model.reporting().finish().expect_err("no rows");
    assert!(error.to_string().contains("at least 1"), "{error}");
}
