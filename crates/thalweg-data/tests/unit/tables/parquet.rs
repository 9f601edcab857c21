//! Record batches and Parquet files are tables.

use std::sync::{Arc, LazyLock};

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array,
    Int64Array, ListArray, RecordBatch, StringViewArray, TimestampMillisecondArray, UInt8Array,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;
use thalweg_data::{
    Column, ColumnType, Columns, CsvOptions, Table, TableReader, TableWriter, Text, Values,
};

use thalweg_mutate::{cases, damaged, damages};

use super::{numbers, times, words};

mod groups;
mod types;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .expect("a batch")
}

fn table(rows: usize) -> Table {
    let number = |row: usize| {
        if row % 5 == 3 {
            f64::NAN
        } else {
            row as f64 / 8.0
        }
    };
    let text: Text = (0..rows)
        .map(|row| ["a", "", "NA"].get(row % 4).copied())
        .collect();
    let columns = vec![
        Column::numbers("x", (0..rows).map(number).collect())
            .with_width(0.125)
            .with_unit("km"),
        Column::new("word", Values::Text(text)),
        Column::times("t", (0..rows).map(|row| 1.3e9 + row as f64 * 0.1).collect()),
    ];
    Table::new(columns).expect("a table")
}

/// Whether the tables are the same, missing values too.
fn assert_same(one: &Table, other: &Table) {
    assert_eq!(one.names(), other.names());
    for (one, other) in one.columns().iter().zip(other.columns()) {
        match (one.values(), other.values()) {
            (Values::Numbers(one), Values::Numbers(other))
            | (Values::Times(one), Values::Times(other)) => {
                let bits = |values: &[f64]| {
                    values
                        .iter()
                        .map(|value| value.to_bits())
                        .collect::<Vec<_>>()
                };
                assert_eq!(bits(one), bits(other));
            }
            (one, other) => assert_eq!(one, other),
        }
        assert_eq!((one.width(), one.unit()), (other.width(), other.unit()));
    }
}

fn file(table: &Table) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.parquet");
    table.write(&path).expect("written");
    (folder, path)
}

#[test]
fn files_round_trip() {
    let table = table(1000);
    let (_folder, path) = file(&table);
    let read = Table::read(&path).expect("a table");
    assert_same(&read, &table);
    assert_eq!(read.notes(), ["Parquet, 1000 rows"]);
    let bytes = std::fs::read(&path).expect("bytes");
    assert_same(
        &Table::parse(bytes.as_slice(), &CsvOptions::new()).expect("a table"),
        &table,
    );

    let reader = TableReader::open(&path, &CsvOptions::new())
        .expect("a reader")
        .chunk_rows(300);
    assert_eq!(reader.types()[1], ("word", ColumnType::Text));
    assert!(reader.dialect().is_none());
    let mut begun = 0;
    for chunk in reader {
        let chunk = chunk.expect("a chunk");
        let rows: Vec<usize> = (begun..begun + chunk.table.rows()).collect();
        assert_same(&chunk.table, &table.select(&rows));
        assert_eq!(chunk.places[0].to_string(), format!("row {}", begun + 1));
        begun += rows.len();
    }
    assert_eq!(begun, 1000);

    let options = CsvOptions::new()
        .columns(Columns::named(&["t", "x"]))
        .drop_missing(true);
    let some = Table::read_with(&path, &options).expect("a table");
    assert_eq!((some.names(), some.rows()), (vec!["t", "x"], 800));
    let far = Table::new(vec![Column::times("t", vec![1e12, -1e12 + 0.5])]).expect("a table");
    let (_folder, path) = file(&far);
    assert_same(&Table::read(&path).expect("a table"), &far);
}

/// A first chunk of few rows does not make all chunks small.
#[test]
fn chunks_grow() {
    let table = table(30_000);
    let (_folder, path) = file(&table);
    let mut reader = TableReader::open(&path, &CsvOptions::new()).expect("a reader");
    let (mut begun, mut sizes) = (0, vec![]);
    for asked in [100, 200, 400, 5000].into_iter().chain([8192; 9]) {
        reader.set_chunk_rows(asked);
        let Some(chunk) = reader.next() else { break };
        let chunk = chunk.expect("a chunk");
        let rows: Vec<usize> = (begun..begun + chunk.table.rows()).collect();
        assert_same(&chunk.table, &table.select(&rows));
        assert_eq!(chunk.places[0].row as usize, begun + 1);
        assert!(rows.len() <= asked);
        begun += rows.len();
        sizes.push(rows.len());
    }
    assert_eq!(begun, 30_000);
    // The rest of the first batch of 8192, whole batches, and what is left.
    assert_eq!(sizes, [100, 200, 400, 5000, 2492, 8192, 8192, 5424]);
}

#[test]
fn batches_round_trip() {
    let table = table(10);
    let batch = table.to_record_batch().expect("a batch");
    assert_eq!((batch.num_rows(), batch.num_columns()), (10, 3));
    assert_same(&Table::from_record_batch(&batch).expect("a table"), &table);
    let far = Table::new(vec![Column::times("t", vec![1e12, -1e12 + 0.5])]).expect("a table");
    let back = Table::from_record_batch(&far.to_record_batch().expect("a batch")).expect("a table");
    assert_same(&back, &far);
    let beyond = Table::new(vec![Column::times("t", vec![0.0, 1e14])]).expect("a table");
    let error = beyond.to_record_batch().expect_err("no date").to_string();
    assert!(
        error.contains("column \"t\", row 2: 100000000000000 seconds"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(cases(256))]

    /// A damaged file gives a table or an error.
    #[test]
    fn damage_never_panics(of in 0..4_usize, damages in damages()) {
        let files = &*FILES;
        let bytes = damaged(&files[of], &damages, &files[(of + 1) % 4]);
        match Table::parse(bytes.as_slice(), &CsvOptions::new()) {
            Ok(table) => prop_assert!(!table.columns().is_empty()),
            Err(error) => prop_assert!(error.to_string().len() < 2000),
        }
    }
}

/// Files of several codecs, pages and types.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let (_folder, path) = file(&table(20));
    let mut files = vec![std::fs::read(path).expect("bytes")];
    let words: DictionaryArray<Int32Type> = ["a", "b", "a", "c"].into_iter().collect();
    let decimals = Decimal128Array::from(vec![Some(12345), None, Some(-1), Some(0)]);
    let batch = batch(vec![
        (
            "whole",
            Arc::new(Int64Array::from(vec![
                Some(1),
                None,
                Some(i64::MAX),
                Some(-3),
            ])),
        ),
        ("word", Arc::new(words)),
        (
            "flag",
            Arc::new(BooleanArray::from(vec![true, false, true, true])),
        ),
        ("day", Arc::new(Date32Array::from(vec![0, 19_000, -5, 7]))),
        (
            "money",
            Arc::new(decimals.with_precision_and_scale(9, 2).expect("decimals")),
        ),
        (
            "at",
            Arc::new(TimestampMillisecondArray::from(vec![0, 1, i64::MAX, -1])),
        ),
        (
            "text",
            Arc::new(StringViewArray::from(vec![
                Some("x"),
                None,
                Some("a longer text"),
                Some(""),
            ])),
        ),
        (
            "small",
            Arc::new(Float32Array::from(vec![0.5, f32::NAN, f32::MAX, -0.0])),
        ),
    ]);
    let codecs = [
        Compression::UNCOMPRESSED,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(GzipLevel::default()),
    ];
    for codec in codecs {
        let properties = WriterProperties::builder().set_compression(codec).build();
        let mut bytes = Vec::new();
        let mut writer =
            ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).expect("a writer");
        writer.write(&batch).expect("rows");
        writer.close().expect("an end");
        files.push(bytes);
    }
    files
});
