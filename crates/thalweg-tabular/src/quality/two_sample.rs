//! A classifier of real and synthetic rows.

use thalweg_metrics::{MetricError, c2st};

use super::some;
use crate::sheet::{Pair, Terms};

/// The fewest rows of a table.
pub(super) const LEAST: usize = 20;
/// Rows of each table, and values of one, where this leaves [`FEWEST`] rows.
const ROWS: usize = 10_000;
const VALUES: usize = 1_000_000;
const FEWEST: usize = 200;

/// How well the classifier does.
pub(super) struct TwoSampleQuality {
    pub(super) auc: f64,
    pub(super) auc_error: f64,
}

impl TwoSampleQuality {
    /// On equally many rows of both tables, as the smaller one decides. The trees see numbers as they are, words by their place
    /// in the alphabet, and missing values as such.
    pub(super) fn of(tables: &[Pair], seed: u64) -> Result<Self, MetricError> {
        let rows = tables[0].rows();
        let bound = ROWS.min((VALUES / tables.len()).max(FEWEST));
        let most = rows[0].min(rows[1]).min(bound);
        let [a, b] = [0, 1].map(|table| {
            let rows = some(rows[table], most, seed);
            let mut all = Vec::with_capacity(rows.len() * tables.len());
            for row in rows {
                all.extend(tables.iter().map(|pair| match &pair.terms {
                    Terms::Numbers(values) => values[table][row],
                    Terms::Categories(_, codes) => codes[table][row] as f64,
                }));
            }
            all
        });
        let test = c2st(&a, &b, tables.len(), seed)?;
        Ok(Self {
            auc: test.auc,
            auc_error: test.auc_error,
        })
    }

    /// 1 at an area of ½ or below, 0 at 1.
    pub(super) fn indistinguishable(&self) -> f64 {
        (2.0 * (1.0 - self.auc)).min(1.0)
    }
}
