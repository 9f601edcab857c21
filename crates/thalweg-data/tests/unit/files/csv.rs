//! Tables in CSV files.

use proptest::prelude::*;
use thalweg_data::{Columns, CsvError, DataError, FileError, NumericTable, TableError};

use thalweg_mutate::{cases, damaged, damages};

use super::{csv_error, file_error, folder, gzip, message, table_error, write};

fn read_csv(text: impl AsRef<[u8]>, columns: &Columns) -> Result<NumericTable, DataError> {
    let folder = folder();
    NumericTable::from_csv(&write(&folder, "rows.csv", text.as_ref()), columns)
}

#[test]
fn csv_gives_columns_in_the_order_asked() {
    let text = "a, b ,kind,c\n1,2,x,3\n-4e1,5.5,w,6\n7,8,x,9\n";
    for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
        let columns = Columns::named(&["c", "b"]).with_label("kind");
        let table = read_csv(bytes, &columns).expect("a table");
        assert_eq!((table.rows(), table.columns()), (3, 2));
        assert_eq!(table.values(), [3.0, 2.0, 6.0, 5.5, 9.0, 8.0]);
        assert_eq!(table.classes(), ["w", "x"]);
        assert_eq!(table.labels(), Some([1, 0, 1].as_slice()));
        let part = table.select(&[2, 1]);
        assert_eq!(
            (part.row(0), part.labels()),
            ([9.0, 8.0].as_slice(), Some([1, 0].as_slice()))
        );
    }
    let all = read_csv(text, &Columns::all().with_label("kind")).expect("a table");
    assert_eq!(all.names(), ["a", "b", "c"]);
}

#[test]
fn unsound_csv_is_refused_by_row_and_column() {
    let all = Columns::all();
    let text = message(read_csv("a,b\n1,2\n3,many\n", &all), "rows.csv");
    assert!(text.contains("row 2 column \"b\": \"many\""), "{text}");
    for bad in [
        "",
        "NaN",
        "inf",
        "-Infinity",
        "1e999",
        "1 2",
        "0x10",
        "1_000",
    ] {
        let error = csv_error(read_csv(format!("a,b\n1,2\n3,4\n5,\"{bad}\"\n"), &all));
        assert!(
            matches!(&error, CsvError::Number { row: 3, text, .. } if text == bad),
            "{bad}: {error}"
        );
    }
    let ragged = read_csv("a,b\n1,2\n3\n", &all);
    assert!(matches!(
        csv_error(ragged),
        CsvError::Ragged {
            row: 2,
            expected: 2,
            found: 1,
            ..
        }
    ));
    let column = message(read_csv("a,b\n1,2\n", &Columns::named(&["z"])), "rows.csv");
    assert!(
        column.contains("\"z\"") && column.contains("[\"a\", \"b\"]"),
        "{column}"
    );
    assert!(read_csv("a,b\n1,2\n", &all.clone().with_label("z")).is_err());
    assert!(matches!(
        csv_error(read_csv("", &all)),
        CsvError::Empty { .. }
    ));
    assert!(matches!(
        csv_error(read_csv("a,b\n", &all)),
        CsvError::Empty { .. }
    ));
    assert!(matches!(
        csv_error(read_csv("a\nx\n", &all.clone().with_label("a"))),
        CsvError::Empty { .. }
    ));
    assert!(matches!(
        csv_error(read_csv(b"a,b\n1,\xff\n", &all)),
        CsvError::Line { line: 2, .. }
    ));
    let cut = gzip(format!("a,b\n{}", "1,2\n".repeat(50)).as_bytes());
    assert!(matches!(
        file_error(read_csv(&cut[..cut.len() - 9], &all)),
        FileError::Read { .. }
    ));
}

#[test]
fn long_fields_are_cut_in_messages() {
    let error = read_csv(format!("a\n{}\n", "é".repeat(5000)), &Columns::all());
    assert!(message(error, "rows.csv").chars().count() < 300);
}

#[test]
fn widths_must_fit_the_columns() {
    let table = read_csv("a,b\n1,2\n", &Columns::all()).expect("a table");
    assert_eq!(table.clone().dequantize(0), table);
    for bad in [
        vec![1.0],
        vec![1.0, -0.1],
        vec![1.0, f64::NAN],
        vec![f64::INFINITY, 0.0],
    ] {
        assert!(matches!(
            table_error(table.clone().with_widths(bad)),
            TableError::Widths { columns: 2, .. }
        ));
    }
    let noisy = table
        .with_widths(vec![0.5, 0.0])
        .expect("widths")
        .dequantize(0);
    assert_ne!(noisy.row(0)[0], 1.0);
    assert_eq!(noisy.row(0)[1], 2.0);
}

proptest! {
    #![proptest_config(cases(256))]

    /// A damaged file gives data or an error.
    #[test]
    fn damage_never_panics(damages in damages(), packed: bool) {
        let sound = b"a,b,kind\n1.5,2,x\n-3,4e2,y\n5,6,\"x\"\n".to_vec();
        let sound = if packed { gzip(&sound) } else { sound };
        let bytes = damaged(&sound, &damages, b"\"\"\r\n,;\t#nan,inf,-1e999,\xef\xbb\xbf\0");
        if let Ok(table) = read_csv(&bytes, &Columns::all().with_label("kind")) {
            prop_assert!(table.values().iter().all(|value| value.is_finite()));
            prop_assert_eq!(table.labels().map(<[usize]>::len), Some(table.rows()));
        }
    }
}
