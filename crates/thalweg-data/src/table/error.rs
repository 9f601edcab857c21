//! Errors of tables in memory.

use thiserror::Error;

use super::ColumnType;

/// Why columns make no table.
///
/// ```
/// use thalweg_data::{Column, ColumnsError, Table};
///
/// let columns = vec![Column::numbers("x", vec![1.0]), Column::numbers("x", vec![2.0])];
/// assert!(matches!(Table::new(columns), Err(ColumnsError::Twice(name)) if name == "x"));
/// ```
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnsError {
    /// There is no column.
    #[error("a table has a column or more, got none")]
    NoColumns,

    /// Two columns have different numbers of rows.
    #[error(
        "column \"{column}\" has {found} rows and column \"{first}\" has {rows}; all columns of a table have the \
         same number"
    )]
    Lengths {
        /// The first column.
        first: String,
        /// Its rows.
        rows: usize,
        /// The other column.
        column: String,
        /// Its rows.
        found: usize,
    },

    /// Two columns have the same name.
    #[error("two columns are called \"{0}\"; rename one")]
    Twice(String),

    /// No column has this name.
    #[error("there is no column \"{column}\"; the columns are {found:?}")]
    NoColumn {
        /// The name.
        column: String,
        /// The names of all columns.
        found: Vec<String>,
    },

    /// A column holds no numbers.
    #[error("column \"{column}\" holds {found} and not numbers; read it as such, see `CsvOptions`")]
    NotNumbers {
        /// The column.
        column: String,
        /// What it holds.
        found: ColumnType,
    },

    /// Rows of other columns are added.
    #[error(
        "rows of the columns {found:?} are added to those of {expected:?}; give the same columns in the same order"
    )]
    Other {
        /// The columns, with their types.
        expected: Vec<String>,
        /// Those of the rows that are added.
        found: Vec<String>,
    },
}
