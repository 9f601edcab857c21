//! 64 Parquet files, and a model of their rows.

use std::f64::consts::TAU;
use std::fs::{self, File};
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
use datafusion::parquet::arrow::ArrowWriter;
use tempfile::TempDir;
use thalweg::data::{Column, Table};
use thalweg::tabular::Density;

const FILES: usize = 64;

/// Two normal numbers for each row.
fn normal(row: u64) -> [f64; 2] {
    let mut x = row.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut uniform = || {
        x = (x ^ x >> 29)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9)
            .wrapping_add(1);
        (x >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (r, angle) = ((-2.0 * (1.0 - uniform()).ln()).sqrt(), TAU * uniform());
    [r * angle.cos(), r * angle.sin()]
}

fn numbers(row: u64) -> [f64; 3] {
    let [x, y] = normal(row);
    [x, x + 0.3 * y, (10.0 * y).round() / 10.0]
}

/// A folder with `rows/`, and the path of the model.
pub(crate) fn written(rows: usize) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.safetensors");
    let train: Vec<[f64; 3]> = (0..1000).map(|row| numbers(row + 1_000_000_007)).collect();
    let column = |(at, name)| Column::numbers(name, train.iter().map(|row| row[at]).collect());
    let table = Table::new(
        ["a", "b", "c"]
            .into_iter()
            .enumerate()
            .map(column)
            .collect(),
    );
    let fitted = Density::of_all()
        .steps(30)
        .members(1)
        .fit(&table.unwrap())
        .unwrap();
    fitted.save(&model).unwrap();
    fs::create_dir(folder.path().join("rows")).unwrap();
    for file in 0..FILES {
        let ids = rows * file / FILES..rows * (file + 1) / FILES;
        let values: Vec<[f64; 3]> = ids.clone().map(|row| numbers(row as u64)).collect();
        let ids = ids.map(|row| row as i64 + 1).collect::<Int64Array>();
        let column = |at: usize| -> ArrayRef {
            Arc::new(values.iter().map(|row| row[at]).collect::<Float64Array>())
        };
        let columns = [
            ("id", Arc::new(ids) as ArrayRef),
            ("a", column(0)),
            ("b", column(1)),
            ("c", column(2)),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let out = File::create(folder.path().join(format!("rows/{file:02}.parquet"))).unwrap();
        let mut writer = ArrowWriter::try_new(out, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
    (folder, model)
}
