//! Each error names the column, the value and the way out.

use thalweg_data::{Column, Table};
use thalweg_tabular::{Density, FittedDensity, Kind, Missing};

fn table() -> Table {
    let names: Vec<String> = (0..40).map(|k| format!("name{k}")).collect();
    let mut gaps: Vec<f64> = (0..40).map(|k| f64::from(k) * 0.37).collect();
    gaps[4] = f64::NAN;
    let mut wild: Vec<f64> = (0..40).map(|k| f64::from(k) * 0.71).collect();
    wild[2] = f64::INFINITY;
    Table::new(vec![
        Column::numbers("x", (0..40).map(|k| (f64::from(k) * 0.77).sin()).collect()),
        Column::numbers("gaps", gaps),
        Column::numbers("wild", wild),
        Column::numbers("none", vec![f64::NAN; 40]),
        Column::numbers("w", (0..40).map(|k| f64::from(k) - 1.0).collect()),
        Column::text("name", names.iter().map(String::as_str)),
    ])
    .unwrap()
}

#[track_caller]
fn fails(density: Density, message: &str) {
    let found = density.steps(2).members(1).fit(&table()).unwrap_err();
    assert_eq!(found.to_string(), message);
}

#[test]
fn of_columns() {
    fails(
        Density::of(["y"]),
        "there is no column \"y\"; the columns are [\"x\", \"gaps\", \"wild\", \"none\", \"w\", \"name\"]",
    );
    fails(
        Density::of(["x"]).given(["x"]),
        "column \"x\" has two roles; a column is modelled, or a condition, or the weights",
    );
    fails(
        Density::of(Vec::<String>::new()),
        "no column is left to be modelled; name at least one that is neither a condition, nor the weights, nor left out",
    );
    fails(
        Density::of(["name"]),
        "column \"name\" looks like an identifier: its 40 rows hold 40 different words; leave it out by \
         `.without([\"name\"])`, or say `.kind(\"name\", Kind::Category)`",
    );
    fails(
        Density::of(["none"]),
        "column \"none\" has no value; leave it out by `.without([\"none\"])`",
    );
}

#[test]
fn of_values() {
    fails(
        Density::of(["gaps"]),
        "row 5 of column \"gaps\": the value of \"gaps\" is missing; fit with `.missing(Missing::Indicator)` to model \
         missing values, or with `Missing::Skip` to leave such rows out",
    );
    fails(
        Density::of(["wild"]),
        "row 3 of column \"wild\": the value of \"wild\" is inf; a density takes finite numbers",
    );
    fails(
        Density::of(["x"]).weights("w"),
        "the weights in column \"w\": row 1 has -1; weights are finite and not below 0",
    );
}

#[test]
fn of_kinds() {
    fails(
        Density::of(["name"]).kind("name", Kind::angle(360.0)),
        "column \"name\" holds text, and its kind is angle, a circle of length 360; read the column as numbers, or say \
         `Kind::Category`",
    );
    fails(
        Density::of(["x"]).kind("x", Kind::above(0.0)),
        "column \"x\" holds 0, and its kind is numbers above 0; widen the bounds, or leave such rows out",
    );
    fails(
        Density::of(["x"]).kind("x", Kind::angle(0.0)),
        "a number in the kind of a column is 0, and must be a period above 0",
    );
}

#[test]
fn rows_that_lack_a_value_are_skipped_and_counted() {
    let density = Density::of(["x", "gaps"]).missing(Missing::Skip).steps(2);
    let model: FittedDensity = density.members(1).fit(&table()).unwrap();
    assert_eq!((model.summary().rows, model.summary().skipped), (39, 1));
    let conditional = Density::of(["x"]).given(["gaps"]).missing(Missing::Skip);
    let model = conditional.steps(2).members(1).fit(&table()).unwrap();
    let problem = model.sample(1, 0).unwrap_err().to_string();
    assert_eq!(
        problem,
        "the density is given \"gaps\"; draw by `sample_given`, with a table of the conditions"
    );
    let uncalibrated = Density::of(["x"]).calibrate(false).steps(2).members(1);
    let problem = uncalibrated
        .fit(&table())
        .unwrap()
        .threshold(0.1)
        .unwrap_err();
    assert_eq!(
        problem.to_string(),
        "the model was fitted without calibration rows; fit it with `.calibrate(true)`"
    );
}

#[test]
fn too_few_rows() {
    let few = table().select(&[0, 1, 2]);
    let problem = Density::of(["x"]).fit(&few).unwrap_err().to_string();
    assert_eq!(
        problem,
        "3 rows are left to learn from, and a density needs 10 or more"
    );
}

#[test]
fn of_settings() {
    let fails = |density: Density, message: &str| {
        let found = density.fit(&table()).unwrap_err();
        assert_eq!(found.to_string(), message);
    };
    fails(
        Density::of(["x"]).members(0),
        "the number of members is 0, and must be at least 1",
    );
    fails(
        Density::of(["x"]).steps(0),
        "the number of steps is 0, and must be at least 1",
    );
    for minutes in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let message =
            format!("the number of minutes is {minutes}, and must be a number above 0, up to 10¹⁵");
        fails(Density::of(["x"]).minutes(minutes), &message);
    }
}

#[test]
fn a_time_limit_trains_too() {
    let density = Density::of(["x"])
        .members(2)
        .minutes(0.01)
        .fit(&table())
        .unwrap();
    let parts = &density.summary().parts;
    assert!(
        parts.iter().flatten().all(|part| part.steps > 0),
        "{parts:?}"
    );
}
