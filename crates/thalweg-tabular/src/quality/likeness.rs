//! How alike two tables are.

use super::two_sample::TwoSampleQuality;
use super::{ColumnQuality, PairQuality, columns, pairs};
use crate::DensityError;
use crate::sheet::Pair;

/// The three parts of the score of two tables.
pub(super) struct Likeness {
    pub(super) columns: Vec<ColumnQuality>,
    pub(super) pairs: Vec<PairQuality>,
    pub(super) classifier: TwoSampleQuality,
}

impl Likeness {
    pub(super) fn of(tables: &[Pair], seed: u64) -> Result<Self, DensityError> {
        Ok(Self {
            columns: columns::all(tables)?,
            pairs: pairs::all(tables, seed)?,
            classifier: TwoSampleQuality::of(tables, seed)?,
        })
    }

    pub(super) fn shapes(&self) -> f64 {
        let alike = self.columns.iter().map(|column| 1.0 - column.distance);
        alike.sum::<f64>() / self.columns.len() as f64
    }

    pub(super) fn trends(&self) -> Option<f64> {
        let alike = self.pairs.iter().map(PairQuality::alike);
        (!self.pairs.is_empty()).then(|| alike.sum::<f64>() / self.pairs.len() as f64)
    }

    pub(super) fn score(&self) -> f64 {
        let parts = [
            Some(self.shapes()),
            self.trends(),
            Some(self.classifier.indistinguishable()),
        ];
        let known = parts.iter().flatten();
        known.clone().sum::<f64>() / known.count() as f64
    }
}
