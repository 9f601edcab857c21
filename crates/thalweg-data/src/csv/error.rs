//! Errors of the text of CSV files.

use std::io;
use std::path::Path;

use thiserror::Error;

use crate::{ColumnType, DataError, FileError};

/// Why the text of a CSV file is not a table. The message continues the path in
/// [`DataError::Csv`](crate::DataError::Csv).
///
/// Lines are counted from 1, as in an editor; rows from 1 without the header.
///
/// ```
/// # #[cfg(feature = "tables")]
/// # {
/// use thalweg_data::{CsvError, CsvOptions, DataError, Table};
///
/// let text = "x,y\n1,2\n3\n";
/// let error = Table::parse(text.as_bytes(), &CsvOptions::default()).unwrap_err();
/// let DataError::Csv { problem, .. } = error else { panic!() };
/// assert!(matches!(problem, CsvError::Ragged { line: 3, row: 2, expected: 2, found: 1, .. }));
/// # }
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CsvError {
    /// There are no rows, or no columns to read.
    #[error("holds {0}")]
    Empty(&'static str),

    /// A line cannot be read, or does not give the names of the columns.
    #[error("line {line}: {problem}")]
    Line {
        /// The line.
        line: u64,
        /// The reason, and the way out.
        problem: String,
    },

    /// The header lacks a column.
    #[error("has no column \"{column}\"; it has {found:?}: give one of them, letter by letter")]
    NoColumn {
        /// The column requested.
        column: String,
        /// All columns.
        found: Vec<String>,
    },

    /// A column of numbers is requested twice.
    #[error("would give the column \"{0}\" twice; a column and its copy have no density")]
    ColumnTwice(String),

    /// A row has more or fewer fields than the header.
    #[error("line {line}, row {row} has {found} fields instead of {expected}; {advice}")]
    Ragged {
        /// The line.
        line: u64,
        /// The row.
        row: u64,
        /// The number of fields of a row.
        expected: usize,
        /// The number of fields of this row.
        found: usize,
        /// The way out.
        advice: &'static str,
    },

    /// A field in a column of numbers is not a finite number, or a required field is empty.
    #[error(
        "line {line}, row {row} column \"{column}\": \"{text}\" is not a finite number; {advice}"
    )]
    Number {
        /// The line.
        line: u64,
        /// The row.
        row: u64,
        /// The column's name.
        column: String,
        /// The field as in the file, at most 64 characters of it.
        text: String,
        /// The way out.
        advice: String,
    },

    /// The text has more than one reading.
    #[error("line {line}{}: {problem}", in_column(column))]
    Ambiguous {
        /// The line.
        line: u64,
        /// The column's name, if the reading of one column is meant.
        column: Option<String>,
        /// The readings, and the option that chooses one.
        problem: String,
    },

    /// A column holds values of one type in all but a few fields.
    #[error(
        "line {line}, row {row} column \"{column}\": \"{text}\" is not one of the {expected} that the other \
         fields of the column hold ({failed} of {count} fields are not); correct it, or give \
         missing_words(&[\"{text}\"]) if it marks a missing value, or types(&[(\"{column}\", \
         ColumnType::Text)]) if the column is text"
    )]
    Mixed {
        /// The line of the first such field.
        line: u64,
        /// Its row.
        row: u64,
        /// The column's name.
        column: String,
        /// The field as in the file, at most 64 characters of it.
        text: String,
        /// What the other fields hold.
        expected: ColumnType,
        /// The number of such fields.
        failed: u64,
        /// The number of fields that are not missing.
        count: u64,
    },

    /// A field in a column of times is not a time.
    #[error(
        "line {line}, row {row} column \"{column}\": \"{text}\" is not a time; write times as \
         2013-01-31, 2013-01-31T23:59:59.5 or 2013-01-31T23:59:59+01:00 (without a zone they count as \
         UTC), or give types(&[(\"{column}\", ColumnType::Text)])"
    )]
    Time {
        /// The line.
        line: u64,
        /// The row.
        row: u64,
        /// The column's name.
        column: String,
        /// The field as in the file, at most 64 characters of it.
        text: String,
    },

    /// Whole numbers have more digits than f64 holds, and differ in those.
    #[error(
        "column \"{column}\": numbers such as {text} have more digits than 64 bits hold, and after \
         rounding they span {spread} only; subtract a common offset, or leave the column out with \
         Columns::without"
    )]
    Digits {
        /// The column's name.
        column: String,
        /// One of the numbers.
        text: String,
        /// The largest number minus the smallest.
        spread: f64,
    },
}

#[cfg(feature = "tables")]
impl CsvError {
    /// The line of the file that cannot be read, if it is one.
    pub(crate) fn line(&self) -> Option<u64> {
        match self {
            Self::Line { line, .. }
            | Self::Ragged { line, .. }
            | Self::Number { line, .. }
            | Self::Ambiguous { line, .. }
            | Self::Mixed { line, .. }
            | Self::Time { line, .. } => Some(*line),
            Self::Empty(_) | Self::NoColumn { .. } | Self::ColumnTwice(_) | Self::Digits { .. } => {
                None
            }
        }
    }
}

fn in_column(column: &Option<String>) -> String {
    let said = column
        .as_ref()
        .map(|column| format!(", column \"{column}\""));
    said.unwrap_or_default()
}

/// Why a stream is not a table, without the path of the file.
#[derive(Debug)]
pub(crate) enum ReadError {
    File(FileError),
    Csv(CsvError),
}

impl ReadError {
    /// The error with the path of its file.
    pub(crate) fn at(self, path: &Path) -> DataError {
        match self {
            Self::File(problem) => problem.at(path),
            Self::Csv(problem) => DataError::Csv {
                path: path.to_path_buf(),
                problem,
            },
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::File(FileError::read(error))
    }
}

impl From<FileError> for ReadError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<CsvError> for ReadError {
    fn from(error: CsvError) -> Self {
        Self::Csv(error)
    }
}
