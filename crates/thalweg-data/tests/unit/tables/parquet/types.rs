//! Types of columns.

use super::*;

#[test]
fn every_type_of_a_table_is_read() {
    let categories: DictionaryArray<Int32Type> = [Some("b"), None, Some("a")].into_iter().collect();
    let decimals = Decimal128Array::from(vec![Some(12_345), None, Some(-7)]);
    let batch = batch(vec![
        (
            "whole",
            Arc::new(Int64Array::from(vec![Some(1), None, Some(-3)])),
        ),
        ("small", Arc::new(UInt8Array::from(vec![0, 7, 255]))),
        (
            "float",
            Arc::new(Float32Array::from(vec![0.5, f32::INFINITY, -1.0])),
        ),
        (
            "flag",
            Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])),
        ),
        ("category", Arc::new(categories)),
        (
            "view",
            Arc::new(StringViewArray::from(vec![Some("x"), None, Some("y")])),
        ),
        (
            "day",
            Arc::new(Date32Array::from(vec![Some(1), None, Some(-1)])),
        ),
        (
            "stamp",
            Arc::new(TimestampMillisecondArray::from(vec![
                Some(1500),
                None,
                Some(-1),
            ])),
        ),
        (
            "decimal",
            Arc::new(decimals.with_precision_and_scale(10, 2).expect("a scale")),
        ),
    ]);
    let table = Table::from_record_batch(&batch).expect("a table");
    assert!(numbers(&table, "whole")[1].is_nan() && numbers(&table, "whole")[2] == -3.0);
    assert_eq!(numbers(&table, "small"), [0.0, 7.0, 255.0]);
    assert_eq!(numbers(&table, "float")[1], f64::INFINITY);
    assert_eq!(words(&table, "flag"), [Some("true"), Some("false"), None]);
    assert_eq!(words(&table, "category"), [Some("b"), None, Some("a")]);
    assert_eq!(words(&table, "view"), [Some("x"), None, Some("y")]);
    assert_eq!(times(&table, "day")[2], -86_400.0);
    assert_eq!(
        (times(&table, "stamp")[0], times(&table, "stamp")[2]),
        (1.5, -0.001)
    );
    assert_eq!(
        (numbers(&table, "decimal")[0], numbers(&table, "decimal")[2]),
        (123.45, -0.07)
    );
}

#[test]
fn other_types_are_named() {
    let lists = ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1)])]);
    let list = batch(vec![("tags", Arc::new(lists))]);
    let error = Table::from_record_batch(&list)
        .expect_err("a list")
        .to_string();
    assert!(
        error.starts_with("column \"tags\" has Arrow's type List("),
        "{error}"
    );
    assert!(error.contains("without(&[\"tags\"])"), "{error}");

    let ids: Vec<i64> = (0..100).map(|i| 1_700_000_000_000_000_001 + i).collect();
    let ids = batch(vec![("id", Arc::new(Int64Array::from(ids)))]);
    let error = Table::from_record_batch(&ids)
        .expect_err("digits")
        .to_string();
    assert!(
        error.contains("column \"id\": whole numbers such as 1700000000000000001"),
        "{error}"
    );

    let (_folder, path) = file(&table(10));
    let read = |options: CsvOptions| {
        Table::read_with(&path, &options)
            .expect_err("an error")
            .to_string()
    };
    let error = read(CsvOptions::new().columns(Columns::named(&["z"])));
    assert!(
        error.contains("t.parquet cannot be used: there is no column \"z\""),
        "{error}"
    );
    let error = read(CsvOptions::new().types(&[("word", ColumnType::Numbers)]));
    assert!(
        error.contains("column \"word\" holds text, and the options ask for numbers"),
        "{error}"
    );
    let error = read(CsvOptions::new().types(&[("z", ColumnType::Numbers)]));
    assert!(
        error.contains("there is no column \"z\"; the columns are [\"x\", \"word\", \"t\"]"),
        "{error}"
    );
}

#[test]
fn whole_numbers_may_be_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.parquet");
    let ids = batch(vec![(
        "id",
        Arc::new(Int64Array::from(vec![Some(i64::MAX), None])),
    )]);
    let file = std::fs::File::create(&path).expect("a file");
    let mut writer =
        ::parquet::arrow::ArrowWriter::try_new(file, ids.schema(), None).expect("a writer");
    writer.write(&ids).expect("written");
    writer.close().expect("closed");
    let options = CsvOptions::new().types(&[("id", ColumnType::Text)]);
    let read = Table::read_with(&path, &options).expect("a table");
    assert_eq!(words(&read, "id"), [Some("9223372036854775807"), None]);
}

/// All values of a category may be missing.
#[test]
fn a_dictionary_without_values_is_a_column_without_values() {
    let missing: DictionaryArray<Int32Type> = [None::<&str>, None].into_iter().collect();
    let batch = batch(vec![
        ("x", Arc::new(Int64Array::from(vec![1, 2]))),
        ("word", Arc::new(missing)),
    ]);
    let table = Table::from_record_batch(&batch).expect("a table");
    assert_eq!(words(&table, "word"), [None, None]);
}
