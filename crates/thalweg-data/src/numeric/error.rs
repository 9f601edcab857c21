//! Errors of tables in memory.

use thiserror::Error;

/// Why a table, or samples of a model, cannot be converted.
///
/// ```
/// use thalweg_data::{DataError, TableError, penguins};
///
/// let error = penguins().with_widths(vec![0.1]).unwrap_err();
/// assert!(matches!(error, DataError::Table(TableError::Widths { columns: 4, .. })));
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TableError {
    /// A float type does not keep the values of a column distinct.
    #[error(
        "column \"{column}\" does not fit {dtype}: of {distinct} distinct values {left} remain \
         ({:?} and {:?} both become {becomes:?}); {advice}",
        pair[0],
        pair[1]
    )]
    Precision {
        /// The column's name.
        column: String,
        /// The float type.
        dtype: &'static str,
        /// The number of distinct values.
        distinct: usize,
        /// The number of distinct values after rounding.
        left: usize,
        /// Two values that become equal.
        pair: [f64; 2],
        /// Their rounded value.
        becomes: f64,
        /// The way out.
        advice: &'static str,
    },

    /// The values of a column are outside the range of a float type.
    #[error("column \"{column}\" does not fit {dtype}: {value:e} {problem}; {STANDARDIZE_FIRST}")]
    Range {
        /// The column's name.
        column: String,
        /// The float type.
        dtype: &'static str,
        /// The value.
        value: f64,
        /// The reason.
        problem: &'static str,
    },

    /// A table without rows has no means.
    #[error("a standardization needs at least one row, and the table has none")]
    NoRows,

    /// The columns of a table differ from those of a standardization.
    #[error("the table has columns {found:?}, and the standardization has {expected:?}")]
    ColumnNames {
        /// The columns of the table.
        found: Vec<String>,
        /// The columns of the standardization.
        expected: Vec<String>,
    },

    /// A standardization does not have a column.
    #[error("the standardization has no column \"{column}\"; its columns are {found:?}")]
    NoColumn {
        /// The column requested.
        column: String,
        /// All columns.
        found: Vec<String>,
    },

    /// Samples have another number of columns than a standardization.
    #[error("samples have {found} columns, and the standardization has {expected}")]
    Width {
        /// The columns of the samples.
        found: usize,
        /// The columns of the standardization.
        expected: usize,
    },

    /// A value is not finite, or is not finite in the unit of its column.
    #[error(
        "row {row} column \"{column}\" is {value}; sample at a lower temperature, or check the \
         training of the model"
    )]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The column's name.
        column: String,
        /// The value.
        value: f64,
    },

    /// Means and scales do not make a standardization.
    #[error(
        "means {means:?} and scales {scales:?} must be {columns} finite numbers each, scales above 0"
    )]
    Scales {
        /// The number of columns.
        columns: usize,
        /// The means given.
        means: Vec<f64>,
        /// The scales given.
        scales: Vec<f64>,
    },

    /// Rounding widths do not fit the columns.
    #[error("widths {widths:?} must be {columns} finite numbers, none below 0")]
    Widths {
        /// The widths given.
        widths: Vec<f64>,
        /// The number of columns.
        columns: usize,
    },
}

pub(super) const STANDARDIZE_FIRST: &str = "call `NumericTable::standardize` first, which keeps means and \
                                            scales for the way back, or `to_tensor_of` with f64";
