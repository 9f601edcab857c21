//! Rows of numbers with named columns, in memory.

pub(crate) mod columns;
mod error;
mod moments;
pub(crate) mod precision;
mod standardization;

use burn::tensor::{DType, Device, FloatDType, Int, Tensor, TensorData};
use rand::RngExt;

pub use columns::Columns;
pub use error::TableError;
pub use standardization::Standardization;

use crate::{DataError, rng};

/// Rows of finite numbers, row-major, with column names and optionally a class for each row.
///
/// Measurements are often rounded. A density of rounded values has no bound, so the likelihood of a
/// flow can grow without limit. [`widths`](Self::widths) holds the rounding step of each column
/// where it is known; [`dequantize`](Self::dequantize) adds noise of this width.
///
/// ```
/// let penguins = thalweg_data::penguins();
/// assert_eq!((penguins.rows(), penguins.columns()), (342, 4));
/// assert_eq!(penguins.names()[0], "bill_length_mm");
/// assert_eq!(penguins.row(0), &[39.1, 18.7, 181.0, 3750.0]);
/// assert_eq!(penguins.classes(), ["Adelie", "Chinstrap", "Gentoo"]);
/// assert_eq!(penguins.labels().unwrap()[0], 0); // an Adelie penguin
/// let some = penguins.select(&[7, 0]);
/// assert_eq!((some.rows(), some.row(1)), (2, penguins.row(0)));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NumericTable {
    pub(crate) names: Vec<String>,
    values: Vec<f64>,
    widths: Option<Vec<f64>>,
    pub(crate) classes: Vec<String>,
    pub(crate) labels: Option<Vec<usize>>,
    standardization: Option<Standardization>,
}

impl NumericTable {
    /// Rows of values without widths, classes or a standardization.
    pub(crate) fn new(names: Vec<String>, values: Vec<f64>) -> Self {
        Self {
            names,
            values,
            widths: None,
            classes: Vec::new(),
            labels: None,
            standardization: None,
        }
    }

    /// The same table with the rounding step of each column; 0 for a column without rounding.
    ///
    /// ```
    /// use thalweg_data::penguins;
    ///
    /// let widths = [0.1, 0.1, 1.0, 25.0]; // mm and g
    /// assert_eq!(penguins().with_widths(widths.into())?.widths(), Some(&widths[..]));
    /// assert!(penguins().with_widths(vec![0.1]).is_err()); // four columns
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TableError::Widths`] unless there is one finite width, not below 0, for each column.
    pub fn with_widths(mut self, widths: Vec<f64>) -> Result<Self, DataError> {
        let fits = |width: &f64| width.is_finite() && *width >= 0.0;
        if widths.len() != self.columns() || !widths.iter().all(fits) {
            let columns = self.columns();
            return Err(TableError::Widths { widths, columns }.into());
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

    /// The values of one column.
    pub(crate) fn column(&self, column: usize) -> impl Iterator<Item = f64> + Clone {
        self.values
            .iter()
            .skip(column)
            .step_by(self.columns())
            .copied()
    }

    /// The rounding step of each column, if known.
    pub fn widths(&self) -> Option<&[f64]> {
        self.widths.as_deref()
    }

    /// The class of each row, an index into [`classes`](Self::classes).
    pub fn labels(&self) -> Option<&[usize]> {
        self.labels.as_deref()
    }

    /// The names of the classes in alphabetical order; empty if rows have no class.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The rows with these indices, in this order; an index may repeat.
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
    /// A column without a width is unchanged. A density of the noisy rows is bounded: the mean of its
    /// logarithm over the noise of one row is at most `ln (P / width)`, where `P` is the probability
    /// of the rounded value under this density (L. Theis, A. van den Oord, M. Bethge, "A note on the
    /// evaluation of generative models", 2016, §3.1).
    ///
    /// ```
    /// use thalweg_data::NumericTable;
    ///
    /// let weather = thalweg_data::nyc_weather();
    /// let noisy = weather.dequantize(0);
    /// let width = weather.widths().unwrap()[0];
    /// assert!((noisy.values()[0] - weather.values()[0]).abs() <= width / 2.0);
    /// ```
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
    /// ```
    /// use thalweg_data::penguins;
    ///
    /// let standard = penguins().standardize()?;
    /// let columns = standard.columns();
    /// let mean: f64 = standard.values().iter().step_by(columns).sum::<f64>() / standard.rows() as f64;
    /// assert!(mean.abs() < 1e-12);
    /// // The map back, for the samples of a model.
    /// let map = standard.standardization().unwrap();
    /// let name = &map.names()[0];
    /// let value = map.undo_column(name, &standard.values()[..1])?[0];
    /// assert!((value - penguins().values()[0]).abs() < 1e-9);
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TableError::NoRows`] if there are none.
    pub fn standardize(&self) -> Result<Self, DataError> {
        Standardization::fit(self)?.apply(self)
    }

    /// The map from the values of the file to those of this table, if it was standardized.
    pub fn standardization(&self) -> Option<&Standardization> {
        self.standardization.as_ref()
    }

    /// All rows as `[rows, columns]` in the device's float type.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_data::penguins;
    ///
    /// let (penguins, device) = (penguins(), Device::default());
    /// let (rows, labels) = (penguins.to_tensor(&device)?, penguins.label_tensor(&device).unwrap());
    /// assert_eq!((rows.dims(), labels.dims()), ([342, 4], [342]));
    /// assert_eq!(labels.max().into_scalar::<i64>(), 2); // the third of three classes
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`to_tensor_of`](Self::to_tensor_of).
    pub fn to_tensor(&self, device: &Device) -> Result<Tensor<2>, DataError> {
        self.to_tensor_of(device.settings().float_dtype, device)
    }

    /// All rows as `[rows, columns]` in this float type.
    ///
    /// Rounding is harmless if it is small relative to the range of a column, even if a few of a
    /// million values become equal. It is not if values lie close together and far from 0: 100
    /// consecutive seconds since 1970 become 2 numbers in `f32`. So a column is an error if more than
    /// 1 % of its distinct values become equal to another *and* the closest quarter of its values
    /// spans fewer than 2¹⁶ steps of `f32`, that is, if an offset takes more than 8 of its 24 bits
    /// (also 8 bits of other types). Standardized values keep all bits. `f64` holds every table.
    ///
    /// ```
    /// use burn::tensor::{DType, Device, FloatDType};
    /// use thalweg_data::{DataError, penguins};
    ///
    /// let tensor = penguins().to_tensor_of(FloatDType::F64, &Device::default())?;
    /// assert_eq!((tensor.dims(), tensor.dtype()), ([342, 4], DType::F64));
    /// # Ok::<(), DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`TableError::Precision`] for such a column, and for one with equal values after rounding whose
    /// values become infinite or whose range is below the smallest normal number.
    /// [`TableError::Range`] for such values or such a range if all values stay distinct.
    pub fn to_tensor_of(
        &self,
        dtype: impl Into<FloatDType>,
        device: &Device,
    ) -> Result<Tensor<2>, DataError> {
        let dtype = DType::from(dtype.into());
        Ok(Tensor::from_data(self.rounded(dtype)?, (device, dtype)))
    }

    /// The labels as `[rows]`.
    ///
    /// See [`to_tensor`](Self::to_tensor) for an example.
    pub fn label_tensor(&self, device: &Device) -> Option<Tensor<1, Int>> {
        let labels: Vec<i64> = self.labels.as_ref()?.iter().map(|&l| l as i64).collect();
        let count = labels.len();
        Some(Tensor::from_data(TensorData::new(labels, [count]), device))
    }
}
