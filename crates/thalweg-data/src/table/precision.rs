//! Whether a float type holds the values of a column apart.

use std::path::Path;

use burn::tensor::{DType, TensorData};

use super::moments::range;
use crate::{DataError, Table};

/// The significant bits of a float type, and the exponents of its smallest and largest powers of 2.
#[derive(Clone, Copy)]
struct Float {
    name: &'static str,
    digits: i32,
    least: i32,
}

const F64: Float = Float {
    name: "f64",
    digits: 53,
    least: -1022,
};

impl Float {
    /// That of a tensor; none where it holds what a table does.
    fn of(dtype: DType) -> Option<Self> {
        match dtype {
            DType::F16 => Some(Self {
                name: "f16",
                digits: 11,
                least: -14,
            }),
            DType::BF16 => Some(Self {
                name: "bf16",
                digits: 8,
                least: -126,
            }),
            DType::F64 => None,
            _ => Some(Self {
                name: "f32",
                digits: 24,
                least: -126,
            }),
        }
    }

    /// The distance of neighbours at the size of this number.
    fn spacing(self, value: f64) -> f64 {
        let exponent = match value == 0.0 {
            true => self.least,
            false => (value.abs().log2().floor() as i32).max(self.least),
        };
        // Two factors, since the product may be the smallest number of all.
        2_f64.powi(exponent) * 2_f64.powi(1 - self.digits)
    }

    /// Whether fewer than `2^(digits − 8)` steps of the type, at most 2¹⁶, lie across the closest
    /// quarter of these numbers, which are in order: what an offset leaves of its digits is few.
    fn is_coarse(self, sorted: &[f64]) -> bool {
        let quarter = sorted.len().div_ceil(4).max(2);
        let steps = |part: &[f64]| {
            let (low, high) = (part[0], part[part.len() - 1]);
            (high - low) / self.spacing(low.abs().max(high.abs()))
        };
        let least = sorted
            .windows(quarter)
            .map(steps)
            .fold(f64::INFINITY, f64::min);
        least < 2_f64.powi((self.digits - 8).min(16))
    }
}

/// Numbers closer than this part of their size differ by the rounding of earlier arithmetic, as 0.3
/// and 0.1 + 0.2 do: they count as one.
const NOISE: f64 = 16.0 * f64::EPSILON;

impl Table {
    /// The values as the float type, if it keeps them apart.
    pub(super) fn rounded(&self, dtype: DType) -> Result<TensorData, DataError> {
        let shape = [self.rows(), self.columns()];
        let data = TensorData::new(self.values.clone(), shape);
        let Some(float) = Float::of(dtype) else {
            return Ok(data);
        };
        let data = data.convert_dtype(dtype);
        let rounded: Vec<f64> = data.iter::<f64>().collect();
        if rounded != self.values {
            for column in 0..self.columns() {
                let pairs = self.column(column);
                let pairs = pairs.zip(rounded.iter().skip(column).step_by(self.columns()));
                self.check(
                    column,
                    float,
                    pairs.map(|(value, &rounded)| (value, rounded)).collect(),
                )?;
            }
        }
        Ok(data)
    }

    /// Whether the values of a column, each with what it becomes, stay apart.
    fn check(
        &self,
        column: usize,
        float: Float,
        mut pairs: Vec<(f64, f64)>,
    ) -> Result<(), DataError> {
        pairs.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        pairs.dedup_by(|(one, _), (other, _)| {
            (*one - *other).abs() <= NOISE * one.abs().max(other.abs())
        });
        let merged = |pair: &&[(f64, f64)]| pair[0].1 == pair[1].1;
        let lost = pairs.windows(2).filter(merged).count();
        let infinite = pairs.iter().find(|(_, rounded)| rounded.is_infinite());
        let spread = match (pairs.first(), pairs.last()) {
            (Some((low, _)), Some((high, _))) => high - low,
            _ => 0.0,
        };
        let smallest = 2_f64.powi(float.least);
        let tiny = spread > 0.0 && spread < smallest;
        let coarse = || {
            let sorted: Vec<f64> = pairs.iter().map(|(value, _)| *value).collect();
            lost * 100 > pairs.len() && float.is_coarse(&sorted)
        };
        let example = pairs.windows(2).find(merged);
        match example {
            Some(pair) if infinite.is_some() || tiny || coarse() => Err(DataError::Precision {
                column: self.names[column].clone(),
                dtype: float.name,
                distinct: pairs.len(),
                left: pairs.len() - lost,
                pair: [pair[0].0, pair[1].0],
                becomes: pair[0].1,
                way_out: match self.standardization {
                    None => {
                        "give the table to `Table::standardize` first, which keeps mean and \
                             scale for the way back, or take `to_tensor_of` with f64"
                    }
                    Some(_) => {
                        "its values lie in groups that are too narrow even when \
                                standardized: remove outliers and codes for missing values, round \
                                values that are meant to be equal, or take `to_tensor_of` with f64"
                    }
                },
            }),
            _ if infinite.is_some() || tiny => Err(DataError::Range {
                column: self.names[column].clone(),
                dtype: float.name,
                value: infinite.map_or(spread, |(value, _)| *value),
                what: match infinite {
                    Some(_) => "becomes infinite",
                    None => "is all that its values differ by, too little to be divided by",
                },
            }),
            _ => Ok(()),
        }
    }
}

/// Whether a column whose text has more digits than f64 still tells its numbers apart.
pub(super) fn check_digits(
    path: &Path,
    column: &str,
    text: &str,
    values: impl Iterator<Item = f64>,
) -> Result<(), DataError> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    if sorted.len() > 1 && !F64.is_coarse(&sorted) {
        return Ok(());
    }
    let (low, high) = range(sorted.into_iter()).unwrap_or_default();
    Err(DataError::Digits {
        path: path.to_path_buf(),
        column: column.to_string(),
        text: text.to_string(),
        spread: high - low,
    })
}
