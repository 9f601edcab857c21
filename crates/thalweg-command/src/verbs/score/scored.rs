//! The scores of rows.

use thalweg::data::{Place, Table};
use thalweg::tabular::{Anomaly, Contribution, FittedDensity, RowError};

use crate::data::Rows;
use crate::failure::Failure;

/// What is computed of each row.
pub(super) struct Scorer<'a> {
    pub(super) model: &'a FittedDensity,
    pub(super) nats: bool,
    pub(super) anomaly: bool,
    /// The number of columns that are named, of rows with a p-value up to this.
    pub(super) explain: Option<(usize, f64)>,
}

/// The scores of a row, or why it has none.
pub(super) struct Scored {
    pub(super) place: Place,
    pub(super) nats: Option<f64>,
    pub(super) anomaly: Option<Anomaly>,
    pub(super) explained: Vec<Contribution>,
    pub(super) problem: Option<String>,
}

/// The columns of an output.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    pub(super) nats: bool,
    pub(super) anomaly: bool,
    pub(super) explained: bool,
}

impl Scorer<'_> {
    pub(super) fn columns(&self) -> Columns {
        Columns {
            nats: self.nats,
            anomaly: self.anomaly,
            explained: self.explain.is_some(),
        }
    }

    /// The scores of a chunk, in the order of its rows.
    pub(super) fn score(&self, chunk: &Rows) -> Result<Vec<Scored>, Failure> {
        let table = &chunk.table;
        let nats = match self.nats {
            true => Some(self.model.log_prob(table)?),
            false => None,
        };
        // With `--explain`, p-values choose the rows.
        let anomaly = match self.anomaly || self.explain.is_some_and(|(_, below)| below < 1.0) {
            true => Some(self.model.anomaly_at(table, &chunk.places())?),
            false => None,
        };
        let row = |(place, row): &(Place, Result<usize, String>)| {
            let mut scored = Scored {
                place: *place,
                nats: None,
                anomaly: None,
                explained: vec![],
                problem: None,
            };
            match row {
                Err(problem) => scored.problem = Some(problem.clone()),
                Ok(row) => {
                    scored.nats = scored.take(nats.as_ref().map(|nats| &nats[*row]));
                    scored.anomaly = scored.take(anomaly.as_ref().map(|all| &all[*row]));
                    scored.explained = self.explained(&scored, table, *row)?;
                }
            }
            Ok(scored)
        };
        chunk.rows.iter().map(row).collect()
    }

    fn explained(
        &self,
        scored: &Scored,
        table: &Table,
        row: usize,
    ) -> Result<Vec<Contribution>, Failure> {
        let Some((columns, below)) = self.explain.filter(|_| scored.problem.is_none()) else {
            return Ok(vec![]);
        };
        if scored
            .anomaly
            .is_some_and(|anomaly| anomaly.p_value > below)
        {
            return Ok(vec![]);
        }
        let mut parts = self.model.explain(table, row)?;
        parts.truncate(columns);
        Ok(parts)
    }
}

impl Scored {
    /// The score, or its problem into the row.
    fn take<T: Copy>(&mut self, score: Option<&Result<T, RowError>>) -> Option<T> {
        match score? {
            Ok(score) => Some(*score),
            Err(problem) => {
                self.problem = Some(problem.to_string());
                None
            }
        }
    }
}
