//! Errors of writing.

use std::io;
use std::path::Path;

use thiserror::Error;

use crate::DataError;

/// Why a table cannot be written. The message continues the path in [`DataError::Write`].
///
/// ```
/// use thalweg_data::{Column, DataError, Table, WriteError};
///
/// let table = Table::new(vec![Column::numbers("x", vec![1.0])])?;
/// let error = table.write("table.xlsx").unwrap_err();
/// assert!(matches!(error, DataError::Write { problem: WriteError::Extension, .. }));
/// # Ok::<(), thalweg_data::ColumnsError>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The system reports an error.
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),

    /// The rows cannot be written as Parquet.
    #[cfg(feature = "parquet")]
    #[error("cannot be written as Parquet: {0}")]
    Parquet(String),

    /// The file's name says no format.
    #[error("has a name of no known format; let it end with {FORMATS}")]
    Extension,

    /// No table was added, so that the file has no columns.
    #[error("got no table; append one, which may have no rows")]
    NoTable,

    /// A table has other columns than the first one.
    #[error(
        "has the columns {expected:?}, and a later table has {found:?}; append tables of the same columns"
    )]
    Columns {
        /// The columns of the first table, with their types.
        expected: Vec<String>,
        /// Those of the other.
        found: Vec<String>,
    },

    /// Seconds that are no date of the years -9999 to 9999.
    #[error(
        "column \"{column}\", row {row}: {seconds} seconds from 1970 are not a date of the years -9999 to 9999; \
         correct them, or write the column as numbers"
    )]
    Time {
        /// The column's name.
        column: String,
        /// The row of its table, counted from 1.
        row: usize,
        /// The seconds.
        seconds: f64,
    },
}

/// The extensions that name a format.
const FORMATS: &str = match cfg!(feature = "parquet") {
    true => ".csv, .csv.gz, .csv.zst or .parquet",
    false => ".csv, .csv.gz or .csv.zst, or with the feature `parquet` with .parquet",
};

impl WriteError {
    /// The error with the path of its file.
    pub(super) fn at(self, path: &Path) -> DataError {
        DataError::Write {
            path: path.to_path_buf(),
            problem: self,
        }
    }
}

#[cfg(feature = "parquet")]
impl From<crate::ParquetError> for WriteError {
    fn from(error: crate::ParquetError) -> Self {
        Self::Parquet(match error {
            crate::ParquetError::Damaged(problem) => problem,
            crate::ParquetError::Columns(problem) => problem.to_string(),
        })
    }
}
