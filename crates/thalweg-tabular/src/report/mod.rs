//! A report of a density on rows that it did not see.

mod builder;
mod measure;
mod picture;
mod rank;
mod ranks;
mod reservoir;
mod text;

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::DensityError;
use crate::sheet::{self, Pair};
pub use builder::ReportBuilder;

/// How well a density describes rows that it did not see: [`FittedDensity::report`](crate::FittedDensity::report).
///
/// As text by `Display`, as JSON by [`to_json`](Self::to_json) and `serde`, as a picture by [`save`](Self::save).
///
/// See [`FittedDensity::report`](crate::FittedDensity::report) for an example.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Rows of weight above 0.
    pub rows: usize,
    /// Those without a density, such as rows that lack a value.
    pub errors: usize,
    /// The first of these, with its row counted from 1, and the reason.
    pub first_error: Option<String>,
    /// Rows with `ln p = −∞`.
    pub impossible: usize,
    /// The column that rows are weighted by.
    pub weights: Option<String>,
    /// The weighted mean of `ln p` in nats over all other rows; none where there are none.
    pub nats: Option<f64>,
    /// Its standard error.
    pub nats_error: Option<f64>,
    /// What the fit said of itself.
    pub fit: String,
    /// The mean of `ln p` of the rows that the fit held out.
    pub fit_nats: Option<f64>,
    /// A full Gaussian on the same rows as `fit_nats`.
    pub gaussian: Option<f64>,
    /// Independent columns on the same rows as `fit_nats`.
    pub independent: Option<f64>,
    /// Rows whose values are ranked among draws.
    pub ranked: usize,
    /// The draws for each.
    pub draws: usize,
    /// The modelled columns that vary.
    pub columns: Vec<ColumnReport>,
    /// The losses of each training; none of a density from a file.
    pub losses: Vec<Losses>,
    /// Columns of ranked rows and one draw for each: the corner plot. It is not in the JSON.
    #[serde(skip)]
    pub(crate) corner: Vec<Pair>,
}

/// How well the distributions of one column fit, given each row's conditions.
///
/// See [`Pit`] for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// The column.
    pub name: String,
    /// Its name with its unit, where it is known.
    pub label: String,
    /// How it is modelled.
    pub kind: String,
    /// Whether the model's distributions have the right width and place; none where all values are missing.
    pub pit: Option<Pit>,
    /// Of a category, each value's frequency.
    pub frequencies: Vec<Frequency>,
    /// Of a category, half of the sum of `|observed − predicted|`.
    pub total_variation: Option<f64>,
}

/// The histogram of probability integral transforms of a column: flat if the model is calibrated, a ∪ if its distributions
/// are too narrow, a ∩ if they are too wide.
///
/// The transform of a value is its rank among draws given the row's conditions, `(below + u (equal + 1)) / (draws + 1)`
/// with a uniform `u`, so ties and rounding do not matter: for a right model it is uniform, for any number of draws.
///
/// T. Gneiting, F. Balabdaoui, A. E. Raftery: *Probabilistic forecasts, calibration and sharpness*, 2007.
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::{ColumnReport, Density, Pit, Report};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
/// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
/// # let table = Table::new(columns)?;
/// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
/// # let network = network.with_layers(2).with_hidden(&[8]);
/// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
/// let report: Report = density.fit(&table)?.report(&table)?;
/// let column: &ColumnReport = &report.columns[0];
/// let pit: &Pit = column.pit.as_ref().unwrap();
/// assert_eq!(column.name, "a");
/// assert_eq!(pit.counts.iter().sum::<usize>(), report.ranked);
/// // JSON holds the figures to the last bit.
/// let read: Report = serde_json::from_str(&report.to_json())?;
/// assert_eq!(read.columns, report.columns);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pit {
    /// The rows in each of the bins, which have equal width.
    pub counts: Vec<usize>,
    /// The largest difference of a bin's share of rows from `1 / bins`.
    pub deviation: f64,
    /// The largest difference `|F(u) − u|` of the distribution function of the transforms from the uniform one, that of
    /// Kolmogorov and Smirnov: a share of rows, which does not depend on bins.
    pub distance: f64,
    /// The probability of a `χ²` at least as large for a right model.
    pub p_value: f64,
}

/// How often a value of a category is observed and predicted.
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::{Density, Frequency};
///
/// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
/// # let words = (0..300).map(|i| ["even", "odd"][i % 2]);
/// # let columns = vec![
/// #     Column::numbers("a", wave(1.3)),
/// #     Column::numbers("b", wave(2.1)),
/// #     Column::text("word", words),
/// # ];
/// # let table = Table::new(columns)?;
/// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
/// # let network = network.with_layers(2).with_hidden(&[8]);
/// # let density = Density::of(["a", "b", "word"]).members(1).network(network).steps(20);
/// let report = density.fit(&table)?.report(&table)?;
/// let words: &[Frequency] = &report.columns[2].frequencies;
/// assert_eq!((&words[0].value[..], words[0].observed), ("even", 0.5)); // of every second row
/// let predicted: f64 = words.iter().map(|word| word.predicted).sum();
/// assert!((predicted - 1.0).abs() < 1e-9);
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frequency {
    /// The value; `(missing)` where there is none.
    pub value: String,
    /// Its share of the ranked rows.
    pub observed: f64,
    /// Its share of the draws.
    pub predicted: f64,
}

/// The losses of one training.
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::{Density, LossPoint, Losses};
///
/// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
/// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
/// # let table = Table::new(columns)?;
/// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
/// # let network = network.with_layers(2).with_hidden(&[8]);
/// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
/// let report = density.fit(&table)?.report(&table)?; // 20 steps of one member
/// let losses: &Losses = &report.losses[0];
/// assert_eq!((&losses.part[..], losses.member), ("numbers", 1));
/// let last: &LossPoint = losses.points.last().unwrap();
/// assert_eq!(last.step, 20);
/// assert!(last.training < losses.points[0].training);
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Losses {
    /// `numbers`, `angles` or `categories`.
    pub part: String,
    /// The member of the ensemble, counted from 1.
    pub member: usize,
    /// How the training ended.
    pub outcome: String,
    /// Each epoch.
    pub points: Vec<LossPoint>,
}

/// The losses of one epoch, in nats a row of the part's own units.
///
/// See [`Losses`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LossPoint {
    /// Steps made by its end.
    pub step: usize,
    /// The mean training loss.
    pub training: Option<f64>,
    /// The held-out loss.
    pub held_out: Option<f64>,
}

impl Report {
    /// The report as one JSON object. A figure that cannot be computed is `null`.
    ///
    /// See [`Pit`] for an example.
    pub fn to_json(&self) -> String {
        sheet::json(self)
    }

    /// Saves the report: a picture as `.png` or `.svg`, the figures as `.json`, the text as `.txt`.
    ///
    /// # Errors
    ///
    /// Another ending, and a file that cannot be written; an older file at `path` is then unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), DensityError> {
        sheet::save(path.as_ref(), self, Self::page)
    }
}
