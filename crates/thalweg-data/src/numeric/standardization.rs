//! Columns with zero mean and unit deviation, in f64, and their way back.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::error::TableError;
use super::moments::Moments;
use crate::{DataError, NumericTable};

/// `z = (x − mean) / scale` for each column, in f64 on the host.
///
/// `f32` does not keep values with a large offset, such as seconds since 1970, distinct; it does so
/// after the mean is subtracted. So standardize a table before it becomes a tensor. The way back:
/// [`undo`](Self::undo) converts samples, and [`log_det`](Self::log_det) added to a log-density of
/// standardized rows gives that of the original rows.
///
/// A column of one repeated value gets the scale 1: its density is not finite in any unit.
///
/// ```
/// use thalweg_data::{Standardization, penguins};
///
/// let table = penguins().standardize()?;
/// let way_back = table.standardization().expect("it is standardized");
/// let log_density_of_grams = -4.2 + way_back.log_det();
/// assert!(log_density_of_grams < -4.2);
/// assert_eq!(way_back, &Standardization::fit(&penguins())?);
///
/// // The mean is 0 in standard units.
/// assert_eq!(way_back.names()[3], "body_mass_g");
/// assert_eq!(way_back.undo_column("body_mass_g", &[0.0])?, way_back.means()[3..]);
///
/// // Other rows with the same means and scales.
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

/// A standardization as it is read from a file.
#[derive(Deserialize)]
struct Unchecked {
    names: Vec<String>,
    means: Vec<f64>,
    scales: Vec<f64>,
}

impl TryFrom<Unchecked> for Standardization {
    type Error = DataError;

    fn try_from(file: Unchecked) -> Result<Self, DataError> {
        Self::new(file.names, file.means, file.scales)
    }
}

impl Standardization {
    /// A standardization with these means and scales, one for each name.
    ///
    /// ```
    /// use burn::tensor::{Device, Tensor};
    /// use thalweg_data::Standardization;
    ///
    /// let map = Standardization::new(vec!["mass".into()], vec![4200.0], vec![800.0])?;
    /// let samples = Tensor::<2>::from_floats([[0.0], [1.0]], &Device::default());
    /// assert_eq!(map.undo_samples(&samples)?.values(), [4200.0, 5000.0]);
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TableError::Scales`] unless the three have one length, means are finite, and scales are
    /// finite and above 0.
    pub fn new(names: Vec<String>, means: Vec<f64>, scales: Vec<f64>) -> Result<Self, DataError> {
        let columns = names.len();
        let finite = means.iter().chain(&scales).all(|number| number.is_finite());
        let positive = scales.iter().all(|scale| *scale > 0.0);
        if [means.len(), scales.len()] != [columns; 2] || !finite || !positive {
            return Err(TableError::Scales {
                columns,
                means,
                scales,
            }
            .into());
        }
        Ok(Self {
            names,
            means,
            scales,
        })
    }

    /// The means and deviations of a table's columns.
    ///
    /// # Errors
    ///
    /// [`TableError::NoRows`] if the table has none.
    pub fn fit(table: &NumericTable) -> Result<Self, DataError> {
        let (mut means, mut scales) = (Vec::new(), Vec::new());
        for column in 0..table.columns() {
            let moments = Moments::of(table.column(column)).ok_or(TableError::NoRows)?;
            means.push(moments.mean);
            scales.push(match moments.deviation == 0.0 {
                true => 1.0,
                false => moments.deviation,
            });
        }
        Ok(Self {
            names: table.names().to_vec(),
            means,
            scales,
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

    /// The divisor of each column.
    pub fn scales(&self) -> &[f64] {
        &self.scales
    }

    /// `ln |det dz/dx| = −Σ ln scale`, the same for every row: `ln p(x) = ln p(z) + log_det`.
    pub fn log_det(&self) -> f64 {
        -self.scales.iter().map(|scale| scale.ln()).sum::<f64>()
    }

    /// A table in standard units. It keeps these means and scales, combined with those it had.
    ///
    /// # Errors
    ///
    /// [`TableError::ColumnNames`] if its columns differ.
    pub fn apply(&self, table: &NumericTable) -> Result<NumericTable, DataError> {
        let mut table = self.mapped(table, standard, |width, scale| width / scale)?;
        table.standardization = Some(match &table.standardization {
            Some(before) => before.then(self),
            None => self.clone(),
        });
        Ok(table)
    }

    /// A table in its own units, from one in standard units.
    ///
    /// # Errors
    ///
    /// [`TableError::ColumnNames`] if its columns differ, [`TableError::NotFinite`] for a value that
    /// f64 cannot hold in its own unit.
    pub fn undo(&self, table: &NumericTable) -> Result<NumericTable, DataError> {
        let mut table = self.mapped(table, original, |width, scale| width * scale)?;
        table.standardization = None;
        self.check_finite(&table.values)?;
        Ok(table)
    }

    /// The values of one column in their own unit.
    ///
    /// # Errors
    ///
    /// [`TableError::NoColumn`] if there is no such column.
    pub fn undo_column(&self, column: &str, values: &[f64]) -> Result<Vec<f64>, DataError> {
        let found = self.names.iter().position(|name| name == column);
        let place = found.ok_or_else(|| TableError::NoColumn {
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
    /// [`TableError::Width`] if the samples have another number of columns,
    /// [`TableError::NotFinite`] for a value that is not finite.
    pub fn undo_samples(&self, samples: &Tensor<2>) -> Result<NumericTable, DataError> {
        let (found, expected) = (samples.dims()[1], self.names.len());
        if found != expected {
            return Err(TableError::Width { found, expected }.into());
        }
        let values: Vec<f64> = samples.to_data().iter::<f64>().collect();
        self.check_finite(&values)?;
        self.undo(&NumericTable::new(self.names.clone(), values))
    }

    /// This standardization followed by another, as one.
    fn then(&self, next: &Self) -> Self {
        let columns = self.pairs().zip(next.pairs());
        let (means, scales) = columns
            .map(|((mean, scale), (z, factor))| (original(z, mean, scale), scale * factor))
            .unzip();
        Self {
            names: self.names.clone(),
            means,
            scales,
        }
    }

    /// The mean and the scale of each column.
    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        self.means.iter().copied().zip(self.scales.iter().copied())
    }

    /// A table with these maps of its values, by mean and scale, and of its widths, by scale.
    fn mapped(
        &self,
        table: &NumericTable,
        value: impl Fn(f64, f64, f64) -> f64,
        width: impl Fn(f64, f64) -> f64,
    ) -> Result<NumericTable, TableError> {
        if table.names != self.names {
            return Err(TableError::ColumnNames {
                found: table.names.clone(),
                expected: self.names.clone(),
            });
        }
        let mut table = table.clone();
        for row in table.values.chunks_exact_mut(self.names.len()) {
            for (number, (mean, scale)) in row.iter_mut().zip(self.pairs()) {
                *number = value(*number, mean, scale);
            }
        }
        for (step, scale) in table.widths.iter_mut().flatten().zip(&self.scales) {
            *step = width(*step, *scale);
        }
        Ok(table)
    }

    fn check_finite(&self, values: &[f64]) -> Result<(), TableError> {
        let columns = self.names.len();
        match values.iter().position(|value| !value.is_finite()) {
            Some(at) => Err(TableError::NotFinite {
                row: at / columns,
                column: self.names[at % columns].clone(),
                value: values[at],
            }),
            None => Ok(()),
        }
    }
}

/// `(x − mean) / scale`, also where the difference overflows.
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
