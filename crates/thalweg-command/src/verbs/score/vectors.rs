//! Scores of rows under a density of vectors.

use thalweg::data::Place;
use thalweg::models::any::AnyVectors;

use super::Score;
use super::scored::{Columns, Scored};
use crate::console::Console;
use crate::data::{Part, Rows};
use crate::failure::Failure;
use crate::vectors::VectorRows;

impl Score {
    /// The nats of rows: without a fit there are no rows to compare with, so no p-values.
    pub(super) fn vectors(&self, model: &dyn AnyVectors, console: &Console) -> Result<(), Failure> {
        if self.explain.is_some() {
            let problem = "`--explain` takes a density that `thalweg fit` made of a table";
            return Err(Failure::Usage(problem.to_owned()));
        }
        let columns = Columns {
            nats: true,
            anomaly: false,
            explained: false,
        };
        let chunks = self.csv.all_chunks(&self.data, true)?;
        let (chunks, part) = chunks.of_part(self.part);
        let score = |chunk| scored(model, &chunk);
        self.stream(Part::deal(part, chunks), columns, score, "rows", console)
    }
}

fn scored(model: &dyn AnyVectors, chunk: &Rows) -> Result<Vec<Scored>, Failure> {
    let nats = VectorRows::of(model, &chunk.table)?.log_prob(model)?;
    let row = |(place, row): &(Place, Result<usize, String>)| {
        let nats = row.clone().and_then(|row| nats[row].clone());
        Scored {
            place: *place,
            nats: nats.as_ref().ok().copied(),
            anomaly: None,
            explained: vec![],
            problem: nats.err(),
        }
    };
    Ok(chunk.rows.iter().map(row).collect())
}
