//! Latents of rows.

use thalweg::data::Table;
use thalweg::models::any::AnyVectors;
use thalweg::tabular::FittedDensity;

use super::Encode;
use crate::console::Console;
use crate::data::Rows;
use crate::failure::Failure;
use crate::outputs::Output;
use crate::transform::transform;
use crate::vectors::VectorRows;

impl Encode {
    /// The latents of the rows of a table.
    pub(super) fn table(&self, model: &FittedDensity, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output, Output::Table)?;
        let chunks = self.csv.chunks(&self.data, model, false)?;
        let encode = |chunk: Rows| self.latents(model, &chunk.table);
        transform(chunks, encode, self.output.as_deref(), console)
    }

    /// Latents, and unless they are all that is asked for, what they leave out of the rows.
    fn latents(&self, model: &FittedDensity, table: &Table) -> Result<Table, Failure> {
        Ok(match self.latents_only {
            true => model.latents(table)?,
            false => model.encode(table)?,
        })
    }

    /// The latents of rows under a density of vectors.
    pub(super) fn vectors(&self, model: &dyn AnyVectors, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output, Output::Table)?;
        let encode = |chunk: Rows| VectorRows::of(model, &chunk.table)?.encode(model);
        let chunks = self.csv.all_chunks(&self.data, false)?;
        transform(chunks, encode, self.output.as_deref(), console)
    }
}
