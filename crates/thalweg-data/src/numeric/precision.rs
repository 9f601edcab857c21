//! Whether a float type keeps the values of a column distinct.

use burn::tensor::{DType, TensorData};

use super::error::{STANDARDIZE_FIRST, TableError};
use super::moments::range;
use crate::NumericTable;

/// A float type: its significant bits, and the exponent of its smallest normal number.
#[derive(Clone, Copy)]
struct Float {
    name: &'static str,
    digits: i32,
    least: i32,
}

const fn float(name: &'static str, digits: i32, least: i32) -> Float {
    Float {
        name,
        digits,
        least,
    }
}

impl Float {
    /// The float type of a tensor; none for f64, which every table fits.
    fn of(dtype: DType) -> Option<Self> {
        match dtype {
            DType::F16 => Some(float("f16", 11, -14)),
            DType::BF16 => Some(float("bf16", 8, -126)),
            DType::F64 => None,
            _ => Some(float("f32", 24, -126)),
        }
    }

    /// The distance between this number and the next of the type.
    fn spacing(self, value: f64) -> f64 {
        let exponent = match value == 0.0 {
            true => self.least,
            false => (value.abs().log2().floor() as i32).max(self.least),
        };
        // Two factors, since the product may be the smallest positive f64.
        2_f64.powi(exponent) * 2_f64.powi(1 - self.digits)
    }

    /// Whether an offset takes too many bits: whether the closest quarter of these ordered numbers
    /// spans fewer than `2^(digits − 8)` steps of the type, at most 2¹⁶.
    fn is_coarse(self, sorted: &[f64]) -> bool {
        let quarter = sorted.len().div_ceil(4).max(2);
        let steps = |part: &[f64]| {
            let (low, high) = (part[0], part[part.len() - 1]);
            (high - low) / self.spacing(low.abs().max(high.abs()))
        };
        let parts = sorted.windows(quarter).map(steps);
        parts.fold(f64::INFINITY, f64::min) < 2_f64.powi((self.digits - 8).min(16))
    }
}

/// Numbers with a relative difference below this count as one: they differ by the rounding of
/// earlier arithmetic, as 0.3 and 0.1 + 0.2 do.
const NOISE: f64 = 16.0 * f64::EPSILON;

impl NumericTable {
    /// The values in a float type, if it keeps them distinct.
    pub(super) fn rounded(&self, dtype: DType) -> Result<TensorData, TableError> {
        let shape = [self.rows(), self.columns()];
        let data = TensorData::new(self.values.clone(), shape);
        let Some(float) = Float::of(dtype) else {
            return Ok(data);
        };
        let data = data.convert_dtype(dtype);
        let rounded: Vec<f64> = data.iter::<f64>().collect();
        if rounded != self.values {
            for column in 0..self.columns() {
                let rounded = rounded.iter().skip(column).step_by(self.columns());
                self.check(column, float, rounded.copied())?;
            }
        }
        Ok(data)
    }

    /// Whether the values of a column stay distinct when they become these.
    fn check(
        &self,
        column: usize,
        float: Float,
        rounded: impl Iterator<Item = f64>,
    ) -> Result<(), TableError> {
        let mut pairs: Vec<(f64, f64)> = self.column(column).zip(rounded).collect();
        pairs.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        pairs.dedup_by(|(one, _), (other, _)| {
            (*one - *other).abs() <= NOISE * one.abs().max(other.abs())
        });
        let mut merged = pairs.windows(2).filter(|pair| pair[0].1 == pair[1].1);
        let lost = merged.clone().count();
        let infinite = pairs.iter().find(|(_, rounded)| rounded.is_infinite());
        let spread = match pairs.as_slice() {
            [(low, _), .., (high, _)] => high - low,
            _ => 0.0,
        };
        let out_of_range = infinite.is_some() || (0.0 < spread && spread < 2_f64.powi(float.least));
        let coarse = || {
            let sorted: Vec<f64> = pairs.iter().map(|(value, _)| *value).collect();
            lost * 100 > pairs.len() && float.is_coarse(&sorted)
        };
        let (column, dtype) = (self.names[column].clone(), float.name);
        match merged.next() {
            Some(pair) if out_of_range || coarse() => Err(TableError::Precision {
                column,
                dtype,
                distinct: pairs.len(),
                left: pairs.len() - lost,
                pair: [pair[0].0, pair[1].0],
                becomes: pair[0].1,
                advice: match self.standardization {
                    None => STANDARDIZE_FIRST,
                    Some(_) => {
                        "its values form groups that are too narrow even when standardized: remove \
                         outliers and codes for missing values, round values that should be equal, \
                         or call `to_tensor_of` with f64"
                    }
                },
            }),
            _ if out_of_range => Err(TableError::Range {
                column,
                dtype,
                value: infinite.map_or(spread, |(value, _)| *value),
                problem: match infinite {
                    Some(_) => "becomes infinite",
                    None => "is the width of its range, which is too small to divide by",
                },
            }),
            _ => Ok(()),
        }
    }
}

/// The width of a column's range in f64, if it does not keep the numbers distinct after an offset.
pub(crate) fn lost_digits(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    if sorted.len() > 1 && !float("f64", 53, -1022).is_coarse(&sorted) {
        return None;
    }
    let (low, high) = range(sorted.into_iter()).unwrap_or_default();
    Some(high - low)
}
