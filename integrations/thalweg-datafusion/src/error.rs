//! Errors of models and of their arguments.

use datafusion::error::DataFusionError;
use thalweg::data::ColumnType;
use thalweg::models::file::ModelFileError;
use thalweg::tabular::DensityError;
use thiserror::Error;

/// Why a function cannot have its model.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The text names no place.
    #[error("\"{location}\" is no place of a model: {reason}; give a path or the URL of an object")]
    Location {
        /// The text.
        location: String,
        /// The reason.
        reason: String,
    },

    /// No store is registered for the URL, or it cannot read the object.
    #[error("the model {location} cannot be read: {reason}")]
    Read {
        /// The place.
        location: String,
        /// The store's error.
        reason: String,
    },

    /// Another model has come to the place since the query was planned.
    #[error(
        "the model {location} is another one than when the query was planned, or than on the machine that planned it; run the \
         query again, and give all machines the same file"
    )]
    Changed {
        /// The place.
        location: String,
    },

    /// The object is no model file.
    #[error(transparent)]
    File(#[from] ModelFileError),

    /// The file holds no density of a table.
    #[error(transparent)]
    Density(#[from] DensityError),
}

/// Why a function does not take its arguments.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// The model is no literal.
    #[error("{function} takes its model as a text in quotes, a path or a URL, and it is {found}")]
    NoModel {
        /// The function.
        function: &'static str,
        /// What was found.
        found: String,
    },

    /// There are too few or too many columns.
    #[error(
        "{function} got {found} columns, and {model} has {}: {}{}",
        columns.len(), listed(columns), without(missing)
    )]
    Columns {
        /// The function.
        function: &'static str,
        /// The model.
        model: String,
        /// The number of arguments behind the model.
        found: usize,
        /// The columns of the model, in order.
        columns: Vec<String>,
        /// Those that are no argument.
        missing: Vec<String>,
    },

    /// A column stands where another one belongs.
    #[error(
        "{function} got column \"{found}\" where {model} has \"{expected}\"; its columns are, in order, {}",
        listed(columns)
    )]
    Order {
        /// The function.
        function: &'static str,
        /// The model.
        model: String,
        /// The name of the argument.
        found: String,
        /// The name of the model's column.
        expected: String,
        /// The columns of the model, in order.
        columns: Vec<String>,
    },

    /// A column has another type than the model's.
    #[error("{function} got {found} for column \"{column}\", and {model} was fitted to {expected}")]
    Type {
        /// The function.
        function: &'static str,
        /// The model.
        model: String,
        /// The column.
        column: String,
        /// Arrow's type.
        found: String,
        /// What the model takes.
        expected: ColumnType,
    },

    /// A column is NULL, and the model knows no missing values of it.
    #[error(
        "{function} got NULL for column \"{column}\", and {model} knows no missing values of it; fit it with \
         `Missing::Indicator`"
    )]
    Null {
        /// The function.
        function: &'static str,
        /// The model.
        model: String,
        /// The column.
        column: String,
    },

    /// The number of the row is no whole number.
    #[error("{function} got {found} for the number of the row, which is a whole number from 1")]
    Row {
        /// The function.
        function: &'static str,
        /// Arrow's type, or the number.
        found: String,
    },

    /// The arguments of `density_samples`.
    #[error(
        "density_samples takes a model, a number of rows and, if you like, a seed, all of them literals, and got {0}"
    )]
    Samples(String),

    /// Samples of a density that is given conditions.
    #[error(
        "density_samples draws without conditions, and {model} is given \"{column}\"; draw by `thalweg sample --given`"
    )]
    Conditions {
        /// The model.
        model: String,
        /// The condition.
        column: String,
    },

    /// The model.
    #[error("{function}: {problem}")]
    Model {
        /// The function.
        function: &'static str,
        /// The reason.
        problem: Box<ModelError>,
    },
}

impl From<ArgumentError> for DataFusionError {
    fn from(error: ArgumentError) -> Self {
        Self::Plan(error.to_string())
    }
}

/// An argument that shows itself while a query runs.
pub(crate) fn at_run(error: &ArgumentError) -> DataFusionError {
    DataFusionError::Execution(error.to_string())
}

/// The error of a function while a query runs.
pub(crate) fn failed(function: &str, problem: impl std::fmt::Display) -> DataFusionError {
    DataFusionError::Execution(format!("{function}: {problem}"))
}

fn listed(columns: &[String]) -> String {
    let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

fn without(missing: &[String]) -> String {
    match missing.is_empty() {
        true => String::new(),
        false => format!("; missing are {}", listed(missing)),
    }
}
