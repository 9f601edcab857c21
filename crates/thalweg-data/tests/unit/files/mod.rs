//! Valid files give their content; damaged ones give errors that name the problem and its place.

mod csv;
mod dialects;
mod folders;
mod idx;
mod pictures;
mod precision;
mod written;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;
use tempfile::TempDir;
use thalweg_data::{
    Columns, CsvError, DataError, FileError, Images, NumericTable, Resize, TableError,
};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn write(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a file");
    path
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("compressed");
    encoder.finish().expect("compressed")
}

/// Settings with the same cases in each run.
pub(crate) fn repeatable() -> ProptestConfig {
    ProptestConfig {
        rng_seed: RngSeed::Fixed(0),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The message of the error, which must name the file.
fn message<T: std::fmt::Debug>(result: Result<T, DataError>, file: &str) -> String {
    let message = result.expect_err("an error").to_string();
    assert!(message.contains(file), "{message}");
    message
}

fn file_error<T: std::fmt::Debug>(result: Result<T, DataError>) -> FileError {
    match result.expect_err("an error") {
        DataError::File { problem, .. } => problem,
        other => panic!("{other:?}"),
    }
}

fn csv_error<T: std::fmt::Debug>(result: Result<T, DataError>) -> CsvError {
    match result.expect_err("an error") {
        DataError::Csv { problem, .. } => problem,
        other => panic!("{other:?}"),
    }
}

fn table_error<T: std::fmt::Debug>(result: Result<T, DataError>) -> TableError {
    match result.expect_err("an error") {
        DataError::Table(problem) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_that_are_not_there_are_named() {
    let gone = Path::new("no/such/file");
    let read = |error| matches!(error, FileError::Read(_));
    assert!(read(file_error(Images::from_idx(gone, None))));
    assert!(read(file_error(NumericTable::from_csv(
        gone,
        &Columns::all()
    ))));
    let resize = Resize { side: 8 };
    assert!(read(file_error(Images::from_folder(gone, resize))));
    message(Images::mnist(gone), "no/such/file");
    let folder = folder();
    assert!(read(file_error(Images::from_idx(folder.path(), None))));
}
