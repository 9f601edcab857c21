//! A report in words.

use std::fmt;

use super::{ColumnReport, Report};
use crate::sheet::{percent, probability};

/// Columns that are listed.
const SHOWN: usize = 20;
/// Values of a category that are listed.
const VALUES: usize = 6;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.nats, self.nats_error) {
            (Some(nats), Some(error)) => write!(f, "Held out: {nats:.3} ± {error:.3} nats a row")?,
            (Some(nats), None) => write!(f, "Held out: {nats:.3} nats a row")?,
            _ => write!(f, "Held out: no possible row")?,
        }
        if let Some(weights) = &self.weights {
            write!(f, ", weighted by \"{weights}\"")?;
        }
        let counted = self.rows - self.errors - self.impossible;
        write!(f, ", the mean of {counted} rows")?;
        if self.impossible > 0 {
            write!(f, "; {} more are impossible", self.impossible)?;
        }
        if let Some(first) = &self.first_error {
            write!(f, "; {} more have no density ({first})", self.errors)?;
        }
        writeln!(f, ".\nThe fit: {}", self.fit)?;
        write!(
            f,
            "Ranks of {} rows among {} draws each; the largest deviations from uniform, of a bin and of the distribution \
             function, and the probability of such bins under a right model:",
            self.ranked, self.draws
        )?;
        for column in self.worst(SHOWN) {
            write!(f, "\n  {column}")?;
        }
        if let Some(more) = self.columns.len().checked_sub(SHOWN + 1) {
            write!(f, "\n  and {} columns with higher probabilities", more + 1)?;
        }
        Ok(())
    }
}

impl fmt::Display for ColumnReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.label)?;
        match &self.pit {
            Some(pit) => {
                let [bin, function] = [pit.deviation, pit.distance].map(percent);
                let (bins, p) = (pit.counts.len(), probability(pit.p_value));
                write!(f, "{bin} of {bins} bins, {function}, p {p}")?;
            }
            None => write!(f, "no value")?,
        }
        if let Some(distance) = self.total_variation {
            write!(f, "; total variation {}", percent(distance))?;
        }
        let mut frequent: Vec<_> = self.frequencies.iter().collect();
        frequent.sort_by(|a, b| b.observed.total_cmp(&a.observed));
        for (place, value) in frequent.iter().take(VALUES).enumerate() {
            let before = if place == 0 {
                "; observed (predicted) "
            } else {
                ", "
            };
            let [observed, predicted] = [value.observed, value.predicted].map(percent);
            write!(f, "{before}{} {observed} ({predicted})", value.value)?;
        }
        match frequent.len().checked_sub(VALUES + 1) {
            Some(more) => write!(f, " and {} more", more + 1),
            None => Ok(()),
        }
    }
}

impl Report {
    /// All columns, or those of many whose ranks are least like uniform ones, in the order of the table.
    pub(super) fn worst(&self, most: usize) -> Vec<&ColumnReport> {
        let p = |column: &ColumnReport| column.pit.as_ref().map_or(1.0, |pit| pit.p_value);
        let mut order: Vec<usize> = (0..self.columns.len()).collect();
        order.sort_by(|a, b| p(&self.columns[*a]).total_cmp(&p(&self.columns[*b])));
        order.truncate(most);
        order.sort_unstable();
        order
            .into_iter()
            .map(|place| &self.columns[place])
            .collect()
    }
}
