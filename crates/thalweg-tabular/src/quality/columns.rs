//! Single columns of two tables.

use serde::{Deserialize, Serialize};
use thalweg_metrics::{MetricError, ks_two_sample, total_variation};

use crate::sheet::{Pair, Terms, counts};

/// One column of real and synthetic rows.
///
/// See [`Quality`](crate::Quality) for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnQuality {
    /// The column.
    pub name: String,
    /// `Kolmogorov–Smirnov` of numbers and times, `total variation` of words.
    pub measure: String,
    /// The distance of the distributions, in `[0, 1]`.
    pub distance: f64,
    /// The share of real rows that lack the value.
    pub missing_real: f64,
    /// The share of synthetic rows that lack the value.
    pub missing_synthetic: f64,
}

/// Of all columns.
pub(super) fn all(tables: &[Pair]) -> Result<Vec<ColumnQuality>, MetricError> {
    tables.iter().map(one).collect()
}

fn one(pair: &Pair) -> Result<ColumnQuality, MetricError> {
    let (measure, distance) = match &pair.terms {
        Terms::Numbers(values) => {
            // A missing value counts as the lowest, so that one distance sees values and gaps.
            let lowest = |x: &f64| if x.is_nan() { f64::NEG_INFINITY } else { *x };
            let [a, b] = [0, 1].map(|table| values[table].iter().map(lowest).collect::<Vec<_>>());
            ("Kolmogorov–Smirnov", ks_two_sample(&a, &b)?.statistic)
        }
        Terms::Categories(levels, codes) => {
            let [p, q] = [0, 1].map(|table| -> Vec<f64> {
                let counts = counts(&codes[table], levels.len()).into_iter();
                counts.map(|count| count as f64).collect()
            });
            ("total variation", total_variation(&p, &q)?)
        }
    };
    let [missing_real, missing_synthetic] = pair.missing();
    Ok(ColumnQuality {
        name: pair.name.clone(),
        measure: measure.to_owned(),
        distance,
        missing_real,
        missing_synthetic,
    })
}
