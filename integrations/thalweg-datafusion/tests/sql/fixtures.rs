//! Tables, models of them, and sessions.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::concat_batches;
use datafusion::arrow::datatypes::Float64Type;
use datafusion::error::Result;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;
use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
use tempfile::TempDir;
use thalweg::data::{Column, Table};
use thalweg::tabular::{Density, Kind, Missing};

/// A random number in 0 to 1 for each row of each column.
fn uniform(row: usize, column: usize) -> f64 {
    let mut x = (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (column as u64) << 32;
    for _ in 0..3 {
        x = (x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    }
    (x >> 11) as f64 / (1_u64 << 53) as f64
}

fn normal(row: usize, column: usize) -> f64 {
    let (u, v) = (uniform(row, 2 * column), uniform(row, 2 * column + 1));
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// The number of the row, and numbers.
pub(crate) fn numbers(rows: usize) -> Table {
    let column =
        |name, of: &dyn Fn(usize) -> f64| Column::numbers(name, (0..rows).map(of).collect());
    Table::new(vec![
        column("id", &|row| row as f64 + 1.0),
        column("a", &|row| normal(row, 0)),
        column("b", &|row| normal(row, 0) + 0.3 * normal(row, 1)),
        column("c", &|row| (10.0 * normal(row, 2)).round() / 10.0),
    ])
    .unwrap()
}

/// The same with words, angles, times and missing values.
pub(crate) fn mixed(rows: usize) -> Table {
    let all = 0..rows;
    let word = |row| ["north", "south", "west"][(3.0 * uniform(row, 20)) as usize];
    let time = |row: usize| 1.7e9 + 3600.0 * (row as f64 + uniform(row, 21)).floor();
    let angle = |row| (40.0 * normal(row, 12)).rem_euclid(360.0);
    let some = |row| match uniform(row, 22) < 0.2 {
        true => f64::NAN,
        false => normal(row, 13),
    };
    let more = [
        Column::text("word", all.clone().map(word)),
        Column::times("time", all.clone().map(time).collect()),
        Column::numbers("angle", all.clone().map(angle).collect()),
        Column::numbers("some", all.map(some).collect()),
    ];
    let numbers = numbers(rows);
    let all = numbers.columns().iter().cloned().chain(more);
    Table::new(all.collect()).unwrap()
}

/// A folder with the models `numbers` and `mixed`.
pub(crate) fn models() -> &'static Path {
    static MODELS: OnceLock<TempDir> = OnceLock::new();
    let folder = MODELS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let fit = |density: Density, table: &Table, name| {
            let fitted = density
                .without(["id"])
                .steps(30)
                .members(2)
                .fit(table)
                .unwrap();
            fitted.save(folder.path().join(name)).unwrap();
        };
        fit(Density::of_all(), &numbers(1500), "numbers");
        let density = Density::of_all()
            .given(["time"])
            .kind("angle", Kind::angle(360.0))
            .missing(Missing::Indicator);
        fit(density, &mixed(1500), "mixed");
        folder
    });
    folder.path()
}

/// A model as SQL writes it.
pub(crate) fn model(name: &str) -> String {
    format!("'{}'", models().join(name).display())
}

/// A session with the functions and a table of a Parquet file that it reads in four parts.
pub(crate) async fn session(file: &Path) -> SessionContext {
    let config = SessionConfig::new()
        .with_target_partitions(4)
        .with_repartition_file_min_size(0)
        .with_batch_size(700);
    let session = SessionContext::new_with_config(config);
    thalweg_datafusion::register(&session).unwrap();
    let options = ParquetReadOptions::default();
    session
        .register_parquet("t", file.to_str().unwrap(), options)
        .await
        .unwrap();
    session
}

/// Writes a Parquet file with groups of 1000 rows.
pub(crate) fn parquet(table: &Table) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    let batch = table.to_record_batch().unwrap();
    let groups = WriterProperties::builder()
        .set_max_row_group_row_count(Some(1000))
        .build();
    let file = File::create(&path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(groups)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    (folder, path)
}

/// All rows of a query.
pub(crate) async fn rows(session: &SessionContext, sql: &str) -> Result<RecordBatch> {
    let frame = session.sql(sql).await?;
    let schema = Arc::new(frame.schema().as_arrow().clone());
    Ok(concat_batches(&schema, &frame.collect().await?)?)
}

/// The error of a query whose plan is made and never run.
pub(crate) async fn refused(session: &SessionContext, sql: &str) -> String {
    let plan = match session.sql(sql).await {
        Ok(frame) => frame.create_physical_plan().await.map(drop),
        Err(error) => Err(error),
    };
    plan.expect_err(sql).to_string()
}

/// The numbers of a column, with the bits of each.
pub(crate) fn bits(column: &ArrayRef) -> Vec<Option<u64>> {
    let numbers = column.as_primitive::<Float64Type>();
    numbers.iter().map(|x| x.map(f64::to_bits)).collect()
}

/// Those of a column of a table, of which NaN is a missing value.
pub(crate) fn table_bits(table: &Table, column: &str) -> Vec<Option<u64>> {
    let numbers = table.numbers(column).unwrap().iter();
    numbers
        .map(|x| (!x.is_nan()).then_some(x.to_bits()))
        .collect()
}

/// Runs the command, which is built as an example of this package.
pub(crate) fn thalweg(args: &[&str]) {
    let here = std::env::current_exe().unwrap();
    let path = here
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .join("examples/thalweg");
    let done = Command::new(&path).args(args).output();
    let done = done.unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo test` without `--test` builds it",
            path.display()
        )
    });
    assert!(
        done.status.success(),
        "{args:?}: {}",
        String::from_utf8_lossy(&done.stderr)
    );
}
