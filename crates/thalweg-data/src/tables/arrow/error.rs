//! Errors of record batches and of Parquet files.

use std::path::Path;

use thiserror::Error;

use crate::{ColumnType, DataError};

/// Why a record batch is no table.
///
/// ```
/// use thalweg_data::{ArrowError, Column, ColumnType, CsvOptions, DataError, Table};
///
/// let batch = Table::new(vec![Column::text("word", ["a", "b"])])?.to_record_batch()?;
/// let options = CsvOptions::new().types(&[("word", ColumnType::Numbers)]);
/// let error = Table::from_record_batch_with(&batch, &options).unwrap_err();
/// assert!(matches!(error, DataError::Arrow(ArrowError::Asked { found: ColumnType::Text, .. })));
/// # Ok::<(), DataError>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArrowError {
    /// A column has a type that no column of a table has.
    #[error(
        "column \"{column}\" has Arrow's type {found}, and a table holds numbers, booleans, text, dates and times; \
         convert it, or leave it out with Columns::all().without(&[\"{column}\"])"
    )]
    Type {
        /// The column's name.
        column: String,
        /// Its type.
        found: String,
    },

    /// The options ask for another type than the column has.
    #[error(
        "column \"{column}\" holds {found}, and the options ask for {asked}; leave it out of `types`"
    )]
    Asked {
        /// The column's name.
        column: String,
        /// What it holds.
        found: ColumnType,
        /// What is asked for.
        asked: ColumnType,
    },

    /// Whole numbers have more digits than f64 holds, and differ in those.
    #[error(
        "column \"{column}\": whole numbers such as {number} have more digits than 64 bits hold, and after rounding \
         they span {spread} only; give types(&[(\"{column}\", ColumnType::Text)]) if they are codes, or \
         subtract a common offset"
    )]
    Digits {
        /// The column's name.
        column: String,
        /// One of the numbers.
        number: String,
        /// The largest number minus the smallest.
        spread: f64,
    },

    /// A time does not fit the column's unit.
    #[error(
        "column \"{column}\", row {row}: {seconds} seconds from 1970 are beyond Arrow's times in {unit}"
    )]
    Time {
        /// The column's name.
        column: String,
        /// The row, counted from 1.
        row: usize,
        /// The seconds.
        seconds: f64,
        /// The unit.
        unit: &'static str,
    },

    /// The options name a column that does not exist.
    #[error("there is no column \"{column}\"; the columns are {found:?}")]
    NoColumn {
        /// The name.
        column: String,
        /// The names of all columns.
        found: Vec<String>,
    },

    /// There is nothing to read.
    #[error("holds no {0}")]
    Empty(&'static str),

    /// Columns make no batch.
    #[error("the columns make no record batch: {0}")]
    Batch(String),
}

/// Why a Parquet file is no table. The message continues the path in
/// [`DataError::Parquet`](crate::DataError::Parquet).
///
/// ```
/// use thalweg_data::{DataError, ParquetError, Table};
///
/// # let path = std::env::temp_dir().join(format!("thalweg-no-parquet-{}.parquet", std::process::id()));
/// std::fs::write(&path, "PAR1, and nothing else")?;
/// let error = Table::read(&path).unwrap_err();
/// # std::fs::remove_file(&path).ok();
/// assert!(matches!(error, DataError::Parquet { problem: ParquetError::Damaged(_), .. }));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ParquetError {
    /// The file is damaged or uses a codec that is not built in.
    #[error(
        "cannot be read as Parquet: {0}; write it again, with Snappy, gzip, Zstandard or no compression"
    )]
    Damaged(String),

    /// Its columns are no table.
    #[error("cannot be used: {0}")]
    Columns(#[from] ArrowError),
}

impl From<parquet::errors::ParquetError> for ParquetError {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<arrow_schema::ArrowError> for ParquetError {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl ParquetError {
    /// The error with the path of its file.
    pub(in crate::tables) fn at(self, path: &Path) -> DataError {
        DataError::Parquet {
            path: path.to_path_buf(),
            problem: self,
        }
    }
}
