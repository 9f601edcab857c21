//! Errors of densities of tables.

use std::path::PathBuf;

use thalweg_data::{ColumnsError, DataError};
use thalweg_metrics::MetricError;
use thalweg_models::{ConfigError, ModelFileError};
use thalweg_plot::PlotError;
use thalweg_train::RunFolderError;
use thiserror::Error;

/// Why a density cannot be fitted to a table, or cannot take one.
///
/// ```
/// use thalweg_data::Table;
/// use thalweg_tabular::{Density, DensityError};
///
/// let weather = Table::embedded("weather")?;
/// let density = Density::of(["temp"]).given(["temp"]);
/// assert!(matches!(density.fit(&weather), Err(DensityError::TwoRoles(column)) if column == "temp"));
/// # Ok::<(), DensityError>(())
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DensityError {
    /// A file cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),

    /// The table lacks a column, or cannot be one.
    #[error(transparent)]
    Columns(#[from] ColumnsError),

    /// No column is left to be modelled.
    #[error(
        "no column is left to be modelled; name at least one that is neither a condition, nor the weights, nor left \
         out"
    )]
    NoTargets,

    /// A column has two parts to play.
    #[error("column \"{0}\" has two roles; a column is modelled, or a condition, or the weights")]
    TwoRoles(String),

    /// A column of text names its rows.
    #[error(
        "column \"{column}\" looks like an identifier: its {rows} rows hold {distinct} different words; leave it \
         out by `.without([\"{column}\"])`, or say `.kind(\"{column}\", Kind::Category)`"
    )]
    Identifier {
        /// The column.
        column: String,
        /// Different words.
        distinct: usize,
        /// The rows that are not missing.
        rows: usize,
    },

    /// A column's values do not fit the kind that was asked for.
    #[error("column \"{column}\" holds {found}, and its kind is {kind}; {advice}")]
    Kind {
        /// The column.
        column: String,
        /// What it holds.
        found: String,
        /// The kind.
        kind: String,
        /// The way out.
        advice: &'static str,
    },

    /// A value that training cannot use.
    #[error("row {row} of column \"{column}\": {problem}")]
    Row {
        /// The row, counted from 1.
        row: usize,
        /// The column.
        column: String,
        /// The reason.
        problem: RowError,
    },

    /// A row has no density.
    #[error("row {row} has no density: {problem}")]
    NoDensity {
        /// The row, counted from 1.
        row: usize,
        /// The reason.
        problem: RowError,
    },

    /// A column has no value at all.
    #[error("column \"{0}\" has no value; leave it out by `.without([\"{0}\"])`")]
    NoValues(String),

    /// There are too few rows to learn from.
    #[error("{found} rows are left to learn from, and a density needs {needed} or more")]
    TooFewRows {
        /// The rows.
        found: usize,
        /// The least number.
        needed: usize,
    },

    /// A weight is negative, missing or infinite, or all are 0.
    #[error("the weights in column \"{column}\": {problem}")]
    Weights {
        /// The column.
        column: String,
        /// The reason.
        problem: String,
    },

    /// A setting is out of range.
    #[error("{name} is {value}, and must be {bound}")]
    Setting {
        /// The setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// Its bound.
        bound: &'static str,
    },

    /// A table holds another type of values than the one that the model was fitted to.
    #[error(
        "column \"{column}\" holds {found}, and the model was fitted to {expected}; read it as such, see \
         `CsvOptions`"
    )]
    Schema {
        /// The column.
        column: String,
        /// The type found.
        found: &'static str,
        /// The type of the training table.
        expected: &'static str,
    },

    /// A density given conditions was asked for samples without.
    #[error("the density is given \"{0}\"; draw by `sample_given`, with a table of the conditions")]
    NoConditions(String),

    /// The model has no rows to calibrate with.
    #[error("the model was fitted without calibration rows; fit it with `.calibrate(true)`")]
    NotCalibrated,

    /// A measure cannot be taken.
    #[error(transparent)]
    Metric(#[from] MetricError),

    /// The sizes of a network are out of range.
    #[error(transparent)]
    Config(#[from] ConfigError),

    /// The training of a part ended by a failure.
    #[error("training the density of {part} failed: {problem}")]
    Training {
        /// The part.
        part: String,
        /// The reason.
        problem: String,
    },

    /// The training was interrupted; the folder of [`resume`](crate::Density::resume) holds what was reached.
    #[error("the training was interrupted; with `.resume(folder)` the same call goes on with it")]
    Interrupted,

    /// The folder of [`resume`](crate::Density::resume) cannot be used.
    #[error(transparent)]
    Resume(#[from] RunFolderError),

    /// The file of the model cannot be written or read.
    #[error(transparent)]
    File(#[from] ModelFileError),

    /// The flow of the numbers cannot be checked.
    #[cfg(feature = "check")]
    #[error(transparent)]
    Check(#[from] thalweg_check::CheckError),

    /// Two tables that are compared have different columns.
    #[error(
        "column \"{column}\" of the {table} table: {problem}; compared tables have the same columns, see \
         `Table::without`"
    )]
    Compared {
        /// The column.
        column: String,
        /// The table.
        table: &'static str,
        /// The difference.
        problem: String,
    },

    /// A row of latents that no [`encode`](crate::FittedDensity::encode) of this density gives.
    #[error(
        "row {row} of the latents, column \"{column}\": {problem}; give latents that `encode` of the same model gave"
    )]
    Latents {
        /// The row, counted from 1.
        row: usize,
        /// The column.
        column: String,
        /// The reason.
        problem: String,
    },

    /// A report cannot be drawn or written.
    #[error(transparent)]
    Plot(#[from] PlotError),

    /// The file of a report cannot be written.
    #[error("cannot write {}: {source}; check that the folder exists and is writable", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
}

impl DensityError {
    /// An error unless a setting is within its bound.
    pub(crate) fn setting(
        name: &'static str,
        value: impl ToString,
        holds: bool,
        bound: &'static str,
    ) -> Result<(), Self> {
        let value = value.to_string();
        match holds {
            true => Ok(()),
            false => Err(Self::Setting { name, value, bound }),
        }
    }
}

/// Why one row has no density.
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::Density;
///
/// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
/// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
/// # let table = Table::new(columns)?;
/// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
/// # let network = network.with_layers(2).with_hidden(&[8]);
/// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
/// use thalweg_tabular::RowError;
///
/// let model = density.fit(&table)?;
/// let rows = Table::new(vec![
///     Column::numbers("a", vec![0.1, f64::NAN]),
///     Column::numbers("b", vec![-0.2, 0.3]),
/// ])?;
/// let nats = model.log_prob(&rows)?;
/// assert!(nats[0].is_ok());
/// assert!(matches!(&nats[1], Err(RowError::Missing(column)) if column == "a"));
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RowError {
    /// A value is missing, and the model knows no missing values of this column.
    #[error(
        "the value of \"{0}\" is missing; fit with `.missing(Missing::Indicator)` to model missing values, or with \
         `Missing::Skip` to leave such rows out"
    )]
    Missing(String),

    /// A number is infinite.
    #[error("the value of \"{column}\" is {value}; a density takes finite numbers")]
    NotFinite {
        /// The column.
        column: String,
        /// The value.
        value: f64,
    },

    /// A number lies outside the bounds of its column.
    #[error("the value of \"{column}\" is {value}, outside {bounds}")]
    Outside {
        /// The column.
        column: String,
        /// The value.
        value: f64,
        /// The bounds.
        bounds: String,
    },
}
