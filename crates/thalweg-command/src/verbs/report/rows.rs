//! A report on rows.

use thalweg::tabular::{FittedDensity, ReportBuilder};

use super::Report;
use crate::console::Console;
use crate::data::Rows;
use crate::failure::Failure;
use crate::pipeline;

impl Report {
    /// Reads, scores and counts chunks at once, in order.
    pub(super) fn table(&self, model: &FittedDensity, console: &Console) -> Result<(), Failure> {
        let chunks = self.csv.weighted_chunks(&self.data, model)?;
        let report = pipeline::run(
            chunks,
            |chunk: Rows| Ok((model.log_prob(&chunk.table)?, chunk.table)),
            || Ok(model.reporting()),
            |report: &mut ReportBuilder<'_>, (scores, table)| Ok(report.add_scored(&table, scores)?),
            |report| Ok(report.finish()?),
        )?;
        self.give(
            || report.to_string(),
            || report.to_json(),
            |path| report.save(path),
            console,
        )
    }
}
