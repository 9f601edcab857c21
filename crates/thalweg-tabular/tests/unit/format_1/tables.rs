//! A table with a column of every type, and tables as JSON.

use serde_json::{Value, json};
use thalweg_data::{Column, Table, Values};

/// Rows whose numbers come from formulas, not from a generator.
pub(super) fn rows(count: usize) -> Table {
    let of = |f: &dyn Fn(f64) -> f64| (0..count).map(|k| f(k as f64)).collect::<Vec<f64>>();
    let wave = |k: f64, frequency: f64| (k * frequency).sin();
    let word = |words: &[&'static str], step: usize| {
        (0..count)
            .map(|k| words[k * step % 7 % words.len()])
            .collect::<Vec<_>>()
    };
    let numbers = |name: &str, f: &dyn Fn(f64) -> f64| Column::numbers(name, of(f));
    Table::new(vec![
        numbers("height", &|k| 1.5 + wave(k, 0.77) + 0.1 * wave(k, 13.1)).with_unit("m"),
        numbers("depth", &|k| 5.0 + 4.0 * wave(k, 1.31)).with_unit("m"),
        numbers("count", &|k| ((k * 5.0) % 11.0).floor()),
        // Half of the rows repeat one value.
        numbers("often", &|k| {
            if k % 2.0 == 0.0 { 0.0 } else { wave(k, 2.9) }
        }),
        numbers("direction", &|k| {
            if k % 9.0 == 4.0 {
                f64::NAN
            } else {
                (k * 77.0) % 360.0
            }
        })
        .with_unit("°"),
        Column::times("when", of(&|k| 1.6e9 + 3600.0 * (k * 31.0 % 500.0))),
        numbers("same", &|_| 3.0),
        numbers("weight", &|k| 1.0 + k % 3.0),
        Column::text("colour", word(&["red", "green", "blue"], 3)),
        Column::text("place", word(&["north", "south"], 5)),
    ])
    .unwrap()
}

pub(super) fn to_json(table: &Table) -> Value {
    let column = |column: &Column| {
        let values = match column.values() {
            Values::Numbers(values) | Values::Times(values) => json!(values),
            Values::Text(text) => (0..text.len()).map(|row| text.get(row)).collect(),
            other => panic!("{other:?}"),
        };
        let kind = column.values().kind();
        json!({"name": column.name(), "kind": kind, "values": values})
    };
    table.columns().iter().map(column).collect()
}

pub(crate) fn of_json(value: &Value) -> Table {
    let column = |column: &Value| {
        let name = column["name"].as_str().unwrap();
        let values = column["values"].as_array().unwrap();
        let numbers = || {
            values
                .iter()
                .map(|x| x.as_f64().unwrap_or(f64::NAN))
                .collect()
        };
        match column["kind"].as_str().unwrap() {
            "numbers" => Column::numbers(name, numbers()),
            "times" => Column::times(name, numbers()),
            "text" => Column::text(name, values.iter().map(|word| word.as_str().unwrap())),
            other => panic!("{other}"),
        }
    };
    Table::new(value.as_array().unwrap().iter().map(column).collect()).unwrap()
}
