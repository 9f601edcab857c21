//! Rows of numbers with named columns, in memory.

mod columns;
mod csv;
mod moments;
mod precision;
mod standardization;

use burn::tensor::{DType, Device, FloatDType, Int, Tensor, TensorData};
use rand::RngExt;

pub use columns::Columns;
pub(crate) use csv::text_column;
pub use csv::{CsvOptions, Encoding};
pub use standardization::Standardization;

use crate::{DataError, rng};

/// Rows of finite numbers, row-major, with column names and, where there is one, a class a row.
///
/// Measurements are often rounded; a density of rounded values is unbounded, and a flow will find
/// that out. Where the rounding is known, [`widths`](Self::widths) holds its step for each column
/// and [`dequantize`](Self::dequantize) spreads the values over it.
///
/// ```
/// let penguins = thalweg_data::penguins();
/// assert_eq!((penguins.rows(), penguins.columns()), (342, 4));
/// assert_eq!(penguins.names()[0], "bill_length_mm");
/// assert_eq!(penguins.row(0), &[39.1, 18.7, 181.0, 3750.0]);
/// assert_eq!(penguins.classes(), ["Adelie", "Chinstrap", "Gentoo"]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    names: Vec<String>,
    values: Vec<f64>,
    widths: Option<Vec<f64>>,
    classes: Vec<String>,
    labels: Option<Vec<usize>>,
    standardization: Option<Standardization>,
}

impl Table {
    /// The same table with the step each column was rounded to; 0 where a column was not.
    ///
    /// # Errors
    ///
    /// [`DataError::Widths`] unless there is one finite width, not below 0, for each column.
    pub fn with_widths(mut self, widths: Vec<f64>) -> Result<Self, DataError> {
        let fits = |width: &f64| width.is_finite() && *width >= 0.0;
        if widths.len() != self.columns() || !widths.iter().all(fits) {
            return Err(DataError::Widths {
                widths,
                columns: self.columns(),
            });
        }
        self.widths = Some(widths);
        Ok(self)
    }

    /// Column names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.values.len() / self.columns()
    }

    /// The number of columns, at least 1.
    pub fn columns(&self) -> usize {
        self.names.len()
    }

    /// All values, row by row, `rows() × columns()`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values of one row.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn row(&self, index: usize) -> &[f64] {
        &self.values[index * self.columns()..(index + 1) * self.columns()]
    }

    /// The values of one column, which there must be.
    fn column(&self, column: usize) -> impl Iterator<Item = f64> + Clone {
        self.values
            .iter()
            .skip(column)
            .step_by(self.columns())
            .copied()
    }

    /// The step each column was rounded to, where known.
    pub fn widths(&self) -> Option<&[f64]> {
        self.widths.as_deref()
    }

    /// The class of each row, an index into [`classes`](Self::classes).
    pub fn labels(&self) -> Option<&[usize]> {
        self.labels.as_deref()
    }

    /// The names of the classes in alphabetical order; none where rows have no class.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The rows of these indices in this order, repeats allowed.
    ///
    /// # Panics
    ///
    /// If an index is not below [`rows`](Self::rows).
    pub fn select(&self, indices: &[usize]) -> Self {
        let pick = |labels: &Vec<usize>| indices.iter().map(|&i| labels[i]).collect();
        Self {
            names: self.names.clone(),
            values: indices.iter().flat_map(|&i| self.row(i)).copied().collect(),
            widths: self.widths.clone(),
            classes: self.classes.clone(),
            labels: self.labels.as_ref().map(pick),
            standardization: self.standardization.clone(),
        }
    }

    /// The same rows plus uniform noise of ± half a [width](Self::widths) in each column.
    ///
    /// A column without a width stays as it is. A density of the noisy rows is bounded: over the
    /// noise of one row the mean of its logarithm is at most `ln (P / width)`, where `P` is the
    /// probability it gives to the rounded value (L. Theis, A. van den Oord, M. Bethge, "A note on
    /// the evaluation of generative models", 2016, §3.1).
    pub fn dequantize(&self, seed: u64) -> Self {
        let Some(widths) = &self.widths else {
            return self.clone();
        };
        let mut noise = rng::generator(seed, 0);
        let mut table = self.clone();
        for row in table.values.chunks_exact_mut(widths.len()) {
            for (value, width) in row.iter_mut().zip(widths) {
                *value += width * (noise.random::<f64>() - 0.5);
            }
        }
        table
    }

    /// The same rows with zero mean and unit deviation in each column, computed in f64.
    ///
    /// The table keeps the means and scales: see [`Standardization`].
    ///
    /// # Errors
    ///
    /// [`DataError::NoRows`] if there are none.
    pub fn standardize(&self) -> Result<Self, DataError> {
        Standardization::fit(self)?.apply(self)
    }

    /// What led from the values as they were read to those of this table, if anything did.
    pub fn standardization(&self) -> Option<&Standardization> {
        self.standardization.as_ref()
    }

    /// All rows as `[rows, columns]` in the device's float type.
    ///
    /// # Errors
    ///
    /// As [`to_tensor_of`](Self::to_tensor_of).
    pub fn to_tensor(&self, device: &Device) -> Result<Tensor<2>, DataError> {
        self.to_tensor_of(device.settings().float_dtype, device)
    }

    /// All rows as `[rows, columns]` in this float type.
    ///
    /// Rounding is harmless while it is small beside the spread of a column, even if some values of
    /// a million coincide. It is not where the values stand close together far from 0: 100 seconds
    /// in a row since 1970 become 2 numbers in `f32`, whose density is no density. So a column is
    /// refused if more than one in a hundred of its distinct values coincide with another *and* the
    /// closest quarter of its values spans fewer than 2¹⁶ steps of `f32`, that is, if an offset
    /// takes more than 8 of its 24 bits (the same 8 of other types). Standardized values keep all
    /// of them. `f64` holds every table.
    ///
    /// # Errors
    ///
    /// [`DataError::Precision`] for such a column, or one whose values become infinite or differ by
    /// less than the smallest normal number; [`DataError::Range`] if they do and stay apart.
    pub fn to_tensor_of(
        &self,
        dtype: impl Into<FloatDType>,
        device: &Device,
    ) -> Result<Tensor<2>, DataError> {
        let dtype = DType::from(dtype.into());
        Ok(Tensor::from_data(self.rounded(dtype)?, (device, dtype)))
    }

    /// The labels as `[rows]`.
    pub fn label_tensor(&self, device: &Device) -> Option<Tensor<1, Int>> {
        let labels: Vec<i64> = self.labels.as_ref()?.iter().map(|&l| l as i64).collect();
        let count = labels.len();
        Some(Tensor::from_data(TensorData::new(labels, [count]), device))
    }
}
