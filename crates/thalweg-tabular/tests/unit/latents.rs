//! Latents give rows back to the last bit.

use rand::RngExt;
use std::sync::LazyLock;
use thalweg_data::{Column, Table, TableReader, Values};
use thalweg_tabular::{Density, Family, FittedDensity, Kind, Missing, Network};

use crate::draws::{normal, rng};

/// Columns of all kinds that depend on each other.
fn all_kinds(rows: usize, seed: u64) -> Table {
    let rng = &mut rng(seed);
    let mut columns = vec![vec![]; 8];
    let mut words = vec![];
    for row in 0..rows {
        let [a, b] = [normal(rng), normal(rng)];
        let hour = f64::from(rng.random_range(0..24));
        let values = [
            // Digits that no column of decimals has.
            a * 1e3 + 1e5 / 3.0,
            (0.8 * a + 0.5 * b).exp(),
            1.0 / (1.0 + (a + b).exp()),
            ((20.0 + 4.0 * b + a) * 10.0).round() / 10.0,
            (a * 90.0 + 180.0).rem_euclid(360.0),
            if rng.random::<f64>() < 0.3 {
                0.0
            } else {
                5.0 + a
            },
            if row % 5 == 0 { f64::NAN } else { b },
            1.6e9 + 3600.0 * (hour + 24.0 * f64::from(rng.random_range(0..300))),
        ];
        columns
            .iter_mut()
            .zip(values)
            .for_each(|(column, x)| column.push(x));
        words.push(if a > 0.0 { "high" } else { "low, or \"less\"" });
    }
    let times = columns.pop().unwrap();
    let names = ["any", "above", "share", "tenths", "angle", "amount", "gaps"];
    let mut all: Vec<Column> = names
        .iter()
        .zip(columns)
        .map(|(name, values)| Column::numbers(name, values).with_unit("mm"))
        .collect();
    all.push(Column::times("when", times));
    all.push(Column::text("word", words));
    all.push(Column::numbers("one", vec![7.0; rows]));
    let given = (0..rows).map(|row| (row % 3) as f64 / 3.0).collect();
    all.push(Column::numbers("given", given));
    Table::new(all).unwrap()
}

fn fit(family: Family) -> FittedDensity {
    let table = all_kinds(500, 1);
    let density = Density::of_all()
        .given(["given"])
        .kind("above", Kind::above(0.0))
        .kind("share", Kind::between(0.0, 1.0))
        .kind("angle", Kind::angle(360.0))
        .missing(Missing::Indicator);
    let network = Network::new(family).with_layers(2).with_hidden(&[16]);
    density
        .network(network)
        .steps(30)
        .members(2)
        .fit(&table)
        .unwrap()
}

static MODELS: LazyLock<[FittedDensity; 2]> =
    LazyLock::new(|| [Family::Spline, Family::AutoregressiveAffine].map(fit));

/// The bits of a column; of all missing values the same.
fn bits(column: &Column) -> Vec<String> {
    let bits = |x: &f64| match x.is_nan() {
        true => "missing".to_owned(),
        false => format!("{x:?} {:016x}", x.to_bits()),
    };
    match column.values() {
        Values::Numbers(values) | Values::Times(values) => values.iter().map(bits).collect(),
        Values::Text(text) => text.iter().map(|word| format!("{word:?}")).collect(),
        _ => panic!("a known type"),
    }
}

fn assert_same(back: &Table, table: &Table) {
    for column in back.columns() {
        let expected = table.require(column.name()).unwrap();
        assert_eq!(
            column.values().kind(),
            expected.values().kind(),
            "{}",
            column.name()
        );
        let pairs = bits(column).into_iter().zip(bits(expected)).enumerate();
        for (row, (found, expected)) in pairs {
            assert_eq!(found, expected, "row {row} of {}", column.name());
        }
    }
    assert_eq!(back.columns().len(), table.columns().len());
    assert_eq!(back.rows(), table.rows());
}

/// Rows far from those of the fit, outside bounds and grids, and rows without a density.
fn strange() -> Table {
    let rows = all_kinds(40, 9);
    let set = |table: Table, name: &str, values: &[f64]| {
        let mut column = match table.require(name).unwrap().values() {
            Values::Numbers(old) | Values::Times(old) => old.clone(),
            _ => panic!("numbers"),
        };
        column[..values.len()].copy_from_slice(values);
        let column = match name {
            "when" => Column::times(name, column),
            _ => Column::numbers(name, column).with_unit("mm"),
        };
        table.with_column(column).unwrap()
    };
    let wild = [
        -0.0,
        1e300,
        -1e300,
        5e-324,
        1e-40,
        f64::NAN,
        f64::INFINITY,
        1.0,
    ];
    let rows = set(rows, "any", &wild);
    let rows = set(
        rows,
        "above",
        &[-3.0, 0.0, 1e-300, 1e300, f64::MIN_POSITIVE],
    );
    let rows = set(rows, "share", &[-1.0, 0.0, 1.0, 1.0 - f64::EPSILON, 1e-200]);
    let rows = set(
        rows,
        "tenths",
        &[0.1 + 0.2, 20.000_000_1, 1e15, -7.05, f64::NAN],
    );
    let rows = set(rows, "angle", &[-10.0, 720.5, 360.0, -0.0]);
    let rows = set(rows, "amount", &[0.0, -0.0, 5e-324, 1e9]);
    let rows = set(rows, "when", &[0.123_456_789, -1e9, 4e9 + 0.5]);
    let rows = set(rows, "one", &[7.0, 8.0, f64::NAN]);
    let mut words = vec![Some("high"); 40];
    words[..4].copy_from_slice(&[None, Some(""), Some("unseen"), Some("NA")]);
    rows.with_column(Column::new(
        "word",
        Values::Text(words.into_iter().collect()),
    ))
    .unwrap()
}

#[test]
fn rows_come_back_to_the_bit() {
    for model in MODELS.iter() {
        for table in [all_kinds(300, 2), strange()] {
            let latents = model.encode(&table).unwrap();
            assert_same(&model.decode(&latents).unwrap(), &table);
        }
    }
}

#[test]
fn rows_come_back_among_other_rows_and_by_latents_that_are_a_little_off() {
    let table = all_kinds(300, 3);
    for model in MODELS.iter() {
        let latents = model.encode(&table).unwrap();
        let few = [7, 250, 3];
        let back = model.decode(&latents.select(&few)).unwrap();
        assert_same(&back, &table.select(&few));
        // As by another machine's rounding.
        let mut near = latents.clone();
        for k in 1.. {
            let name = format!("z_{k}");
            let Ok(z) = latents.numbers(&name) else { break };
            let z = z.iter().map(|z| z * (1.0 + f64::from(f32::EPSILON)));
            near = near
                .with_column(Column::numbers(&name, z.collect()))
                .unwrap();
        }
        assert_same(&model.decode(&near).unwrap(), &table);
    }
}

#[test]
fn latents_hold_most_of_the_numbers() {
    let table = all_kinds(300, 4);
    let model = &MODELS[0];
    let latents = model.encode(&table).unwrap();
    // Tenths near those of the fit are all in the latents.
    let steps = latents.numbers("step:tenths").unwrap();
    assert!(steps.iter().all(|step| step.is_nan()), "{steps:?}");
    // A rest is a small part of the deviation, 1000.
    let steps = latents.numbers("step:any").unwrap();
    let small = steps.iter().filter(|step| **step > 0.0 && **step < 10.0);
    assert!(small.count() > 280, "{steps:?}");
    let rests = latents.numbers("rest:any").unwrap();
    for (rest, step) in rests.iter().zip(steps) {
        assert!(rest.abs() <= step / 2.0, "{rest} of {step}");
    }
    // Without rests, rows are near: the latents are what is decoded.
    let mut bare = latents.clone();
    for name in ["rest:any", "step:any"] {
        bare = bare
            .with_column(Column::numbers(name, vec![f64::NAN; 300]))
            .unwrap();
    }
    let back = model.decode(&bare).unwrap();
    let pairs = back
        .numbers("any")
        .unwrap()
        .iter()
        .zip(table.numbers("any").unwrap());
    let off: Vec<f64> = pairs.map(|(a, b)| (a - b).abs()).collect();
    assert!(off.iter().all(|off| *off < 5.0), "{off:?}");
    assert!(off.iter().any(|off| *off > 0.0), "32 bits lose digits");
    // And the latents alone are those of the table.
    let z = model.latents(&table).unwrap();
    assert_eq!(z.columns(), &latents.columns()[..z.columns().len()]);
}

#[test]
fn files_of_latents_give_rows_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = vec![all_kinds(100, 5)];
    // CSV knows no empty word.
    let strange = strange();
    let rows: Vec<usize> = (0..40).filter(|row| *row != 1).collect();
    tables.push(strange.select(&rows));
    let model = &MODELS[0];
    for table in tables {
        let path = folder.path().join("z.csv");
        model.encode(&table).unwrap().write(&path).unwrap();
        let reader = TableReader::open(&path, &model.latent_options()).unwrap();
        let mut done = 0;
        for chunk in reader.chunk_rows(17) {
            let back = model.decode(&chunk.unwrap().table).unwrap();
            let rows: Vec<usize> = (done..done + back.rows()).collect();
            assert_same(&back, &table.select(&rows));
            done += back.rows();
        }
        assert_eq!(done, table.rows());
    }
}

#[test]
fn what_is_no_table_of_latents_is_an_error() {
    let model = &MODELS[0];
    let latents = model.encode(&all_kinds(10, 6)).unwrap();
    let with = |name: &str, row: usize, value: f64| {
        let mut values = latents.numbers(name).unwrap().to_vec();
        values[row] = value;
        let table = latents
            .clone()
            .with_column(Column::numbers(name, values))
            .unwrap();
        model.decode(&table).unwrap_err().to_string()
    };
    for (name, value, part) in [
        ("z_2", f64::NAN, "NaN is no finite number"),
        ("step:any", -1.0, "a step of -1"),
        ("step:any", f64::INFINITY, "a step of inf"),
        ("rest:any", f64::NAN, "a rest of NaN"),
        ("rest:tenths", 3.0, "with a step of NaN"),
    ] {
        let text = with(name, 3, value);
        let column = name.replace("step:", "").replace("rest:", "");
        assert!(text.starts_with("row 4 of the latents"), "{text}");
        assert!(
            text.contains(&format!("\"{column}\"")) && text.contains(part),
            "{text}"
        );
    }
    // Words that are numbers in the file are no missing words.
    let numbers = Column::numbers("word", vec![1.0; 10]);
    let table = latents.clone().with_column(numbers).unwrap();
    let text = model.decode(&table).unwrap_err().to_string();
    assert!(text.contains("\"word\" holds numbers"), "{text}");
    for name in ["z_1", "rest:any", "word", "given"] {
        let table = latents.clone().without(name).unwrap();
        let text = model.decode(&table).unwrap_err().to_string();
        assert!(text.contains(&format!("no column \"{name}\"")), "{text}");
    }
}

#[test]
fn categories_alone_and_many_columns_come_back() {
    let words = Table::new(vec![Column::text("a", ["x", "y", "x"].repeat(20))]).unwrap();
    let rng = &mut rng(1);
    let columns = (0..300).map(|k| {
        let values = (0..60).map(|_| normal(rng) / 3.0).collect();
        Column::numbers(&format!("x{k}"), values)
    });
    // More columns than rows: there is no flow.
    let wide = Table::new(columns.collect()).unwrap();
    for table in [words, wide] {
        let model = Density::of_all().steps(5).fit(&table).unwrap();
        let latents = model.encode(&table).unwrap();
        assert_same(&model.decode(&latents).unwrap(), &table);
        let none = latents.select(&[]);
        assert_eq!(model.decode(&none).unwrap().rows(), 0);
    }
}
