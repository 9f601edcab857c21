//! Tables become tensors without loss of values, and samples become tables.

use burn::tensor::{DType, FloatDType, Tensor};
use proptest::prelude::*;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use thalweg_data::{Columns, DataError, NumericTable, Standardization, TableError};

use super::{folder, repeatable, table_error, write};

/// A table of one column.
fn column(values: impl IntoIterator<Item = f64>) -> NumericTable {
    let rows: String = values
        .into_iter()
        .map(|value| format!("{value:e}\n"))
        .collect();
    let folder = folder();
    let path = write(&folder, "rows.csv", format!("t\n{rows}").as_bytes());
    NumericTable::from_csv(&path, &Columns::all()).expect("a table")
}

fn to_f32(table: &NumericTable) -> Result<Tensor<2>, DataError> {
    table.to_tensor_of(FloatDType::F32, &Default::default())
}

fn numbers(tensor: Tensor<2>) -> Vec<f64> {
    tensor.to_data().iter::<f64>().collect()
}

fn distinct(mut values: Vec<f64>) -> usize {
    values.sort_by(f64::total_cmp);
    values.dedup();
    values.len()
}

#[test]
fn a_tensor_that_would_lose_values_is_refused() {
    let hundred = |f: fn(f64) -> f64| column((0..100).map(|i| f(f64::from(i))));
    for (table, left) in [
        (hundred(|i| 1_700_000_000.0 + i), 2),
        (hundred(|i| 1e-46 * (1.0 + i)), 8),
        (hundred(|i| 1e200 * (1.0 + i)), 1),
        (hundred(|i| 16_777_216.0 + i), 51),
        (hundred(|i| 1e6 + 0.01 * i), 17),
        (hundred(|i| -47.37 - 1e-7 * i), 4),
        // A code for missing values does not hide the other values.
        (
            hundred(|i| {
                if i == 0.0 {
                    -999.0
                } else {
                    1_700_000_000.0 + i
                }
            }),
            3,
        ),
        (
            column((0..20_000).map(|i| 1_700_000_000.0 + f64::from(i))),
            158,
        ),
    ] {
        let error = table_error(to_f32(&table));
        let TableError::Precision {
            distinct: all,
            left: kept,
            pair,
            becomes,
            column,
            ..
        } = &error
        else {
            panic!("{error}");
        };
        assert_eq!(
            (*all, column.as_str()),
            (distinct(table.values().to_vec()), "t")
        );
        assert!(kept.abs_diff(left) <= 1, "{kept} {left}");
        assert!(pair[0] != pair[1]);
        assert!(
            pair.iter()
                .all(|&value| f64::from(value as f32) == *becomes),
            "{error}"
        );
        let text = error.to_string();
        assert!(
            text.contains("NumericTable::standardize") && text.contains(&all.to_string()),
            "{text}"
        );
        // The float type of the device, and f64.
        assert!(table.to_tensor(&Default::default()).is_err());
        let whole = table
            .to_tensor_of(FloatDType::F64, &Default::default())
            .expect("f64");
        assert_eq!(
            (whole.dtype(), numbers(whole)),
            (DType::F64, table.values().to_vec())
        );
    }
    let error = table_error(to_f32(&column([1.0, 2.0, 1e39])));
    assert!(matches!(error, TableError::Range { .. }) && error.to_string().contains("1e39"));
    let error = table_error(to_f32(&column([1e-40, 2e-40, 3e-40])));
    assert!(matches!(error, TableError::Range { .. }), "{error}");
}

#[test]
fn rounding_that_is_small_beside_the_spread_is_not_refused() {
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let mut uniform =
        |low: f64| -> Vec<f64> { (0..300_000).map(|_| low + random.random::<f64>()).collect() };
    // By chance, hundreds to thousands of these become equal in f32.
    for values in [uniform(0.0), uniform(1.0), uniform(-0.5)] {
        assert!(distinct(values.iter().map(|&v| f64::from(v as f32)).collect()) < 300_000);
        let table = column(values);
        assert!(to_f32(&table).is_ok());
        assert!(to_f32(&table.standardize().expect("rows")).is_ok());
    }
    for values in [
        vec![0.1, 0.2, 0.3, 0.1 + 0.2, 0.7, 0.1 + 0.6],
        vec![0.1, 0.1, 0.1],
        (0..8_760)
            .map(|hour| 1_700_000_000.0 + 3600.0 * f64::from(hour))
            .collect(),
        (1_990..2_025).map(f64::from).collect(),
        (0..1_000)
            .map(|i| (f64::from(i) / 50.0 - 10.0).exp())
            .collect(),
        vec![1e-50, 1.0, 2.0],
        vec![1e-27, 1.67e-27, 9.1e-31],
        vec![1_700_000_000.5],
        vec![1_700_000_000.5; 9],
    ] {
        let table = column(values.clone());
        assert_eq!(
            numbers(to_f32(&table).expect("no loss")).len(),
            values.len()
        );
    }
    assert!(to_f32(&thalweg_data::nyc_weather()).is_ok());
    assert!(to_f32(&thalweg_data::penguins()).is_ok());
}

#[test]
fn standardized_values_stay_apart_and_come_back() {
    for (first, step) in [
        (1_700_000_000.0, 1.0),
        (1e-46, 1e-46),
        (1e200, 1e200),
        (-1e308, 1.5e306),
        (-1.7e308, 1.7e306),
        (5e-324, 5e-324),
        (0.0, 1.0),
        (1e15, 1.0),
    ] {
        let table = column((0..100).map(|i| first + step * f64::from(i)));
        let standard = table.standardize().expect("rows");
        let values = standard.values();
        let mean = values.iter().sum::<f64>() / 100.0;
        let square = values.iter().map(|z| z * z).sum::<f64>() / 100.0;
        assert!(
            mean.abs() < 0.02 && (square - 1.0).abs() < 0.03,
            "{first}: {mean} {square}"
        );
        let tensor = to_f32(&standard).expect("values stay apart");
        assert_eq!(distinct(numbers(tensor.clone())), 100, "{first}");

        let way_back = standard.standardization().expect("kept");
        let undone = way_back.undo(&standard).expect("finite");
        let near = |(x, y): (&f64, &f64)| (x - y).abs() <= 4e-16 * x.abs().max(100.0 * step);
        assert!(
            undone.values().iter().zip(table.values()).all(near),
            "{first}"
        );
        assert_eq!(
            (undone.standardization(), undone.names()),
            (None, table.names())
        );
        // Samples are f32, and `undo_samples` computes in f64.
        let samples = way_back.undo_samples(&tensor).expect("finite");
        let size = way_back.scales()[0].max(5e-324);
        let near = |(x, y): (&f64, &f64)| (x - y).abs() <= 1e-6 * size + 4e-16 * x.abs();
        assert!(
            samples.values().iter().zip(table.values()).all(near),
            "{first}"
        );
        assert_eq!(
            way_back.undo_column("t", values).expect("a column"),
            undone.values()
        );
    }
}

#[test]
fn the_log_determinant_gives_densities_in_the_old_units() {
    // Columns far from 0 and of extreme scales.
    let table = column((0..100).map(|i| 1e9 + f64::from(i)));
    let way_back = Standardization::fit(&table).expect("rows");
    let deviation = (9_999.0_f64 / 12.0).sqrt();
    assert!((way_back.scales()[0] / deviation - 1.0).abs() < 1e-12);
    assert!((way_back.means()[0] - (1e9 + 49.5)).abs() < 1e-6);
    assert!((way_back.log_det() + deviation.ln()).abs() < 1e-12);
    let tiny = Standardization::fit(&column([1e-200, 3e-200])).expect("rows");
    assert!((tiny.log_det() - 200.0 * 10_f64.ln()).abs() < 1e-9);
}

#[test]
fn columns_of_one_value_are_centred_and_tables_without_rows_refused() {
    let table = column([3.7e9, 3.7e9, 3.7e9]).standardize().expect("rows");
    assert_eq!(table.values(), [0.0; 3]);
    assert_eq!(table.standardization().expect("kept").scales(), [1.0]);
    let one = column([5.0]).standardize().expect("a row");
    assert_eq!(
        (one.values(), one.standardization().expect("kept").log_det()),
        ([0.0].as_slice(), 0.0)
    );
    let none = column([5.0]).select(&[]);
    assert!(matches!(
        table_error(none.standardize()),
        TableError::NoRows
    ));
    assert_eq!(to_f32(&none).expect("no rows").dims(), [0, 1]);
}

#[test]
fn a_standardization_goes_with_its_columns() {
    let penguins = thalweg_data::penguins();
    let table = penguins
        .clone()
        .with_widths(vec![0.1, 0.1, 1.0, 25.0])
        .expect("widths");
    let standard = table.standardize().expect("rows");
    let way_back = standard.standardization().expect("kept");
    let width = standard.widths().expect("widths")[3];
    assert!((width * way_back.scales()[3] - 25.0).abs() < 1e-12);
    assert_eq!(
        (standard.labels(), standard.classes()),
        (table.labels(), table.classes())
    );
    assert_eq!(standard.select(&[3]).standardization(), Some(way_back));
    // Also after a second standardization, `undo` gives the values of the file.
    let again = standard.standardize().expect("rows");
    let undone = again
        .standardization()
        .expect("kept")
        .undo(&again)
        .expect("finite");
    for (x, y) in undone.values().iter().zip(penguins.values()) {
        assert!((x - y).abs() < 1e-9, "{x} {y}");
    }

    let other = column([1.0, 2.0]);
    assert!(matches!(
        table_error(way_back.apply(&other)),
        TableError::ColumnNames { .. }
    ));
    assert!(matches!(
        table_error(way_back.undo(&other)),
        TableError::ColumnNames { .. }
    ));
    assert!(matches!(
        table_error(way_back.undo_column("t", &[0.0])),
        TableError::NoColumn { .. }
    ));
    let device = Default::default();
    let narrow = way_back.undo_samples(&Tensor::zeros([2, 3], &device));
    assert!(matches!(
        table_error(narrow),
        TableError::Width {
            found: 3,
            expected: 4
        }
    ));
    let nan = Tensor::<2>::from_data([[0.0, 0.0, f32::NAN, 0.0]], &device);
    let error = way_back.undo_samples(&nan).expect_err("NaN").to_string();
    assert!(
        error.contains("row 0 column \"flipper_length_mm\" is NaN"),
        "{error}"
    );
    let huge = Standardization::fit(&column([1e308, -1e308])).expect("rows");
    let far = Tensor::<2>::from_data([[9.0]], &device);
    // The width of this range overflows f64.
    let wide = column([-1.7e308, 0.0, 1.7e308])
        .standardize()
        .expect("rows");
    assert!(
        wide.values()
            .iter()
            .zip([-1.5_f64, 0.0, 1.5])
            .all(|(z, square)| { (z - square.signum() * square.abs().sqrt()).abs() < 1e-12 })
    );
    assert!(matches!(
        table_error(huge.undo_samples(&far)),
        TableError::NotFinite { .. }
    ));
}

#[test]
fn a_standardization_is_saved_and_checked() {
    let way_back = Standardization::fit(&thalweg_data::penguins()).expect("rows");
    let text = serde_json::to_string(&way_back).expect("text");
    let read: Standardization = serde_json::from_str(&text).expect("a standardization");
    assert_eq!(read.names(), way_back.names());
    for (one, two) in read.scales().iter().zip(way_back.scales()) {
        assert!((one / two - 1.0).abs() < 1e-15);
    }
    for bad in [
        r#"{"names":["a"],"means":[0.0],"scales":[0.0]}"#,
        r#"{"names":["a"],"means":[0.0],"scales":[-1.0]}"#,
        r#"{"names":["a"],"means":[0.0, 1.0],"scales":[1.0]}"#,
        r#"{"names":["a"],"means":[],"scales":[1.0]}"#,
    ] {
        let error = serde_json::from_str::<Standardization>(bad).expect_err("no standardization");
        assert!(error.to_string().contains("scales above 0"), "{error}");
    }
}

proptest! {
    #![proptest_config(repeatable())]

    /// At any offset and scale, values stay distinct or are an error; standardized, they stay distinct.
    #[test]
    fn values_stay_apart_or_are_refused(offset in -1e12..1e12_f64, exponent in -44i32..30) {
        let step = 2_f64.powi(exponent) * if offset == 0.0 { 1.0 } else { offset.abs() };
        let table = column((0..64).map(|i| offset + step * f64::from(i)));
        if let Ok(tensor) = to_f32(&table) {
            prop_assert_eq!(distinct(numbers(tensor)), 64);
        }
        let standard = to_f32(&table.standardize().expect("rows")).expect("values stay apart");
        prop_assert_eq!(distinct(numbers(standard)), 64);
    }
}
