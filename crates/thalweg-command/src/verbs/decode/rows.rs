//! Rows of latents.

use thalweg::models::any::AnyVectors;
use thalweg::tabular::FittedDensity;

use super::Decode;
use crate::console::Console;
use crate::data::{CsvArgs, Rows};
use crate::failure::Failure;
use crate::outputs::Output;
use crate::transform::transform;
use crate::vectors::VectorRows;

impl Decode {
    /// The rows of a table.
    pub(super) fn table(&self, model: &FittedDensity, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output, Output::Table)?;
        let (csv, options, latents) = (CsvArgs::default(), model.latent_options(), self.source());
        let chunks = csv.read_chunks(&latents, options, false)?;
        let mut rows = 0;
        let chunks = chunks.map(move |chunk| {
            let chunk = chunk?;
            let before = rows;
            rows += chunk.table.rows();
            Ok((before, chunk))
        });
        let decode = |(before, chunk): (usize, Rows)| {
            let rows = model.decode(&chunk.table);
            rows.map_err(|error| Failure::of_row(error, before))
        };
        transform(chunks, decode, self.output.as_deref(), console)
    }

    /// Rows of a density of vectors, in 32 bits.
    pub(super) fn vectors(&self, model: &dyn AnyVectors, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output, Output::Table)?;
        let (csv, latents) = (CsvArgs::default(), self.source());
        let decode = |chunk: Rows| VectorRows::of(model, &chunk.table)?.decode(model);
        let chunks = csv.all_chunks(&latents, false)?;
        transform(chunks, decode, self.output.as_deref(), console)
    }

    fn source(&self) -> String {
        self.latents.to_string_lossy().into_owned()
    }
}
