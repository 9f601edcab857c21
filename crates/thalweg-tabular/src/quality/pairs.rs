//! Pairs of columns of two tables.

use serde::{Deserialize, Serialize};
use thalweg_metrics::{MetricError, correlation_ratio, cramers_v, spearman};

use super::some;
use crate::sheet::{Pair, Terms};

/// Columns whose pairs are compared: 780 pairs.
const COLUMNS: usize = 40;
/// Rows of each table: associations of this many have an error of 0.015.
const ROWS: usize = 5000;

/// The association of two columns in real and synthetic rows.
///
/// See [`Quality`](crate::Quality) for an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairQuality {
    /// The first column.
    pub first: String,
    /// The second column.
    pub second: String,
    /// `Spearman` of numbers, `Cramér's V` of words, `correlation ratio` of numbers on words.
    pub measure: String,
    /// In real rows; 0 where a column is constant.
    pub real: f64,
    /// In synthetic rows.
    pub synthetic: f64,
}

impl PairQuality {
    /// 1 − the difference of the associations, and 0 of one above 1.
    ///
    /// See [`Quality`](crate::Quality) for an example.
    pub fn alike(&self) -> f64 {
        1.0 - (self.real - self.synthetic).abs().min(1.0)
    }
}

/// Of all pairs of the first columns, on equally many rows: Cramér's V and the correlation ratio lie above 0 by chance,
/// the more the fewer rows there are.
pub(super) fn all(tables: &[Pair], seed: u64) -> Result<Vec<PairQuality>, MetricError> {
    let rows = tables[0].rows();
    let most = rows[0].min(rows[1]).min(ROWS);
    let rows = rows.map(|rows| some(rows, most, seed));
    let first = tables.iter().take(COLUMNS);
    let tables: Vec<Pair> = first
        .map(|pair| pair.select([&rows[0], &rows[1]]))
        .collect();
    let mut pairs = Vec::new();
    for (place, second) in tables.iter().enumerate() {
        for first in &tables[..place] {
            let (measure, real) = association(first, second, 0)?;
            let (_, synthetic) = association(first, second, 1)?;
            pairs.push(PairQuality {
                first: first.name.clone(),
                second: second.name.clone(),
                measure: measure.to_owned(),
                real,
                synthetic,
            });
        }
    }
    Ok(pairs)
}

/// The association of two columns of one of the tables, by rows that have both values.
fn association(
    first: &Pair,
    second: &Pair,
    table: usize,
) -> Result<(&'static str, f64), MetricError> {
    let (measure, found) = match (&first.terms, &second.terms) {
        (Terms::Numbers(a), Terms::Numbers(b)) => {
            let pairs = a[table].iter().zip(&b[table]);
            let known = pairs.filter(|(a, b)| !a.is_nan() && !b.is_nan());
            let (a, b): (Vec<f64>, Vec<f64>) = known.unzip();
            ("Spearman", spearman(&a, &b))
        }
        (Terms::Categories(_, a), Terms::Categories(_, b)) => {
            ("Cramér's V", cramers_v(&a[table], &b[table]))
        }
        (Terms::Categories(_, codes), Terms::Numbers(values))
        | (Terms::Numbers(values), Terms::Categories(_, codes)) => {
            let pairs = codes[table].iter().zip(&values[table]);
            let known = pairs.filter(|(_, x)| x.is_finite());
            let (codes, values): (Vec<usize>, Vec<f64>) = known.unzip();
            ("correlation ratio", correlation_ratio(&codes, &values))
        }
    };
    match found {
        // A constant column, or one without values, is associated with nothing.
        Err(MetricError::Constant { .. } | MetricError::TooFew { .. }) => Ok((measure, 0.0)),
        found => Ok((measure, found?)),
    }
}
