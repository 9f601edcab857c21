//! Zero mean and unit deviation of each column, in f64, and the way back.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::moments::Moments;
use crate::{DataError, Table};

/// `z = (x − mean) / scale` for each column, in f64 on the host.
///
/// Values with a large offset, such as seconds since 1970, are closer to each other than an `f32`
/// can tell; about their mean they are not. So a table is standardized before it becomes a tensor,
/// and this keeps what leads back: samples are undone, and a log-density of standardized rows is
/// that of the rows as they were with [`log_det`](Self::log_det) added.
///
/// A column of one value is centred, with a scale of 1: its density is not finite in any unit.
///
/// ```
/// use thalweg_data::{Standardization, penguins};
///
/// let table = penguins().standardize()?;
/// let way_back = table.standardization().expect("it is standardized");
/// let log_density_of_grams = -4.2 + way_back.log_det();
/// assert!(log_density_of_grams < -4.2);
///
/// // Other rows by the same means and scales.
/// let others = way_back.apply(&penguins().select(&[0, 1]))?;
/// let undone = way_back.undo(&others)?;
/// assert!((undone.row(0)[3] - 3750.0).abs() < 1e-9);
/// # Ok::<(), thalweg_data::DataError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Standardization {
    names: Vec<String>,
    means: Vec<f64>,
    scales: Vec<f64>,
}

/// What stands in a file.
#[derive(Deserialize)]
struct Unchecked {
    names: Vec<String>,
    means: Vec<f64>,
    scales: Vec<f64>,
}

impl TryFrom<Unchecked> for Standardization {
    type Error = DataError;

    fn try_from(
        Unchecked {
            names,
            means,
            scales,
        }: Unchecked,
    ) -> Result<Self, DataError> {
        Self::new(names, means, scales)
    }
}

impl Standardization {
    /// Given means and scales, one for each name.
    ///
    /// # Errors
    ///
    /// [`DataError::Scales`] unless the three are of one length, means are finite, and scales are
    /// finite and above 0.
    pub fn new(names: Vec<String>, means: Vec<f64>, scales: Vec<f64>) -> Result<Self, DataError> {
        let fits = means.len() == names.len() && scales.len() == names.len();
        let finite = means.iter().chain(&scales).all(|number| number.is_finite());
        match fits && finite && scales.iter().all(|scale| *scale > 0.0) {
            true => Ok(Self {
                names,
                means,
                scales,
            }),
            false => Err(DataError::Scales {
                columns: names.len(),
                means,
                scales,
            }),
        }
    }

    /// Means and deviations of a table's columns.
    ///
    /// # Errors
    ///
    /// [`DataError::NoRows`] if the table has none.
    pub fn fit(table: &Table) -> Result<Self, DataError> {
        let no_rows = || DataError::NoRows {
            what: "a standardization",
        };
        let moments: Option<Vec<Moments>> = (0..table.columns())
            .map(|column| Moments::of(table.column(column)))
            .collect();
        let moments = moments.ok_or_else(no_rows)?;
        let scale = |moments: &Moments| match moments.deviation == 0.0 {
            true => 1.0,
            false => moments.deviation,
        };
        Ok(Self {
            names: table.names().to_vec(),
            means: moments.iter().map(|moments| moments.mean).collect(),
            scales: moments.iter().map(scale).collect(),
        })
    }

    /// Column names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The mean of each column.
    pub fn means(&self) -> &[f64] {
        &self.means
    }

    /// What each column is divided by.
    pub fn scales(&self) -> &[f64] {
        &self.scales
    }

    /// `ln |det dz/dx| = −Σ ln scale`, the same for every row: `ln p(x) = ln p(z) + log_det`.
    pub fn log_det(&self) -> f64 {
        -self.scales.iter().map(|scale| scale.ln()).sum::<f64>()
    }

    /// A table in standard units; it keeps these means and scales, after those it had.
    ///
    /// # Errors
    ///
    /// [`DataError::ColumnNames`] if its columns are others.
    pub fn apply(&self, table: &Table) -> Result<Table, DataError> {
        self.check(table.names())?;
        let mut table = table.clone();
        self.each(&mut table, standard);
        table.standardization = Some(match &table.standardization {
            Some(before) => before.then(self),
            None => self.clone(),
        });
        table.widths = self.scaled(&table, |width, scale| width / scale);
        Ok(table)
    }

    /// A table in its own units, from one in standard units.
    ///
    /// # Errors
    ///
    /// [`DataError::ColumnNames`] if its columns are others, [`DataError::NotFinite`] for a value
    /// that f64 does not hold in its own unit.
    pub fn undo(&self, table: &Table) -> Result<Table, DataError> {
        self.check(table.names())?;
        let mut table = table.clone();
        self.each(&mut table, original);
        table.standardization = None;
        table.widths = self.scaled(&table, |width, scale| width * scale);
        self.finite(&table.values)?;
        Ok(table)
    }

    /// The values of one column in their own unit.
    ///
    /// # Errors
    ///
    /// [`DataError::NoColumn`] if there is no such column.
    pub fn undo_column(&self, column: &str, values: &[f64]) -> Result<Vec<f64>, DataError> {
        let found = self.names.iter().position(|name| name == column);
        let place = found.ok_or_else(|| DataError::NoColumn {
            column: column.to_string(),
            found: self.names.clone(),
        })?;
        let (mean, scale) = (self.means[place], self.scales[place]);
        Ok(values.iter().map(|&z| original(z, mean, scale)).collect())
    }

    /// Samples `[rows, columns]` of a model of standardized rows, as a table in their own units.
    ///
    /// # Errors
    ///
    /// [`DataError::Width`] if the samples have another number of columns,
    /// [`DataError::NotFinite`] for a value that is not finite.
    pub fn undo_samples(&self, samples: &Tensor<2>) -> Result<Table, DataError> {
        let found = samples.dims()[1];
        if found != self.names.len() {
            return Err(DataError::Width {
                found,
                expected: self.names.len(),
            });
        }
        let values: Vec<f64> = samples.to_data().iter::<f64>().collect();
        self.finite(&values)?;
        let table = Table {
            names: self.names.clone(),
            values,
            widths: None,
            classes: Vec::new(),
            labels: None,
            standardization: None,
        };
        self.undo(&table)
    }

    /// First these, then others: one step that does both.
    fn then(&self, others: &Self) -> Self {
        let pairs = self.means.iter().zip(&self.scales);
        let means = pairs
            .zip(&others.means)
            .map(|((mean, scale), z)| original(*z, *mean, *scale));
        let scales = self
            .scales
            .iter()
            .zip(&others.scales)
            .map(|(one, two)| one * two);
        Self {
            names: self.names.clone(),
            means: means.collect(),
            scales: scales.collect(),
        }
    }

    fn each(&self, table: &mut Table, map: impl Fn(f64, f64, f64) -> f64) {
        for row in table.values.chunks_exact_mut(self.names.len()) {
            for (value, (mean, scale)) in row.iter_mut().zip(self.means.iter().zip(&self.scales)) {
                *value = map(*value, *mean, *scale);
            }
        }
    }

    fn scaled(&self, table: &Table, map: impl Fn(f64, f64) -> f64) -> Option<Vec<f64>> {
        let widths = table.widths()?.iter().zip(&self.scales);
        Some(widths.map(|(width, scale)| map(*width, *scale)).collect())
    }

    fn check(&self, names: &[String]) -> Result<(), DataError> {
        match names == self.names {
            true => Ok(()),
            false => Err(DataError::ColumnNames {
                found: names.to_vec(),
                expected: self.names.clone(),
            }),
        }
    }

    fn finite(&self, values: &[f64]) -> Result<(), DataError> {
        let columns = self.names.len();
        match values.iter().position(|value| !value.is_finite()) {
            Some(at) => Err(DataError::NotFinite {
                row: at / columns,
                column: self.names[at % columns].clone(),
                value: values[at],
            }),
            None => Ok(()),
        }
    }
}

/// `(x − mean) / scale`, where the difference may overflow.
fn standard(x: f64, mean: f64, scale: f64) -> f64 {
    let difference = x - mean;
    match difference.is_finite() {
        true => difference / scale,
        false => (0.5 * x - 0.5 * mean) / (0.5 * scale),
    }
}

/// `mean + scale · z`.
fn original(z: f64, mean: f64, scale: f64) -> f64 {
    mean + scale * z
}
