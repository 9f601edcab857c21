//! Rows of latents.

use thalweg::data::CsvOptions;
use thalweg::models::any::AnyVectors;
use thalweg::tabular::FittedDensity;

use super::Decode;
use crate::console::Console;
use crate::data::{CsvArgs, Rows};
use crate::failure::Failure;
use crate::transform::transform;
use crate::vectors::VectorRows;
use crate::verbs::sample;

impl Decode {
    /// The rows of a table.
    pub(super) fn table(&self, model: &FittedDensity, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output)?;
        let (csv, options, latents) = (CsvArgs::default(), model.latent_options(), self.source());
        if console.json && self.output.is_none() {
            // One object, which holds all rows.
            let table = csv.table(&latents, options, console)?;
            return sample::write(&model.decode(&table)?, None, &self.force, console);
        }
        let chunks = csv.read_chunks(&latents, options, false)?;
        let mut first = 1;
        let chunks = chunks.map(move |chunk| {
            let chunk = chunk?;
            let start = first;
            first += chunk.table.rows() as u64;
            Ok((start, chunk))
        });
        let decode = |(start, chunk): (u64, Rows)| {
            let rows = model.decode(&chunk.table);
            rows.map_err(|error| Failure::latents(error, start))
        };
        transform(chunks, decode, self.output.as_deref(), console)
    }

    /// Rows of a density of vectors, in 32 bits.
    pub(super) fn vectors(&self, model: &dyn AnyVectors, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output)?;
        let (csv, latents) = (CsvArgs::default(), self.source());
        if console.json && self.output.is_none() {
            let table = csv.table(&latents, CsvOptions::new(), console)?;
            let rows = VectorRows::of(model, &table)?.decode(model)?;
            return sample::write(&rows, None, &self.force, console);
        }
        let decode = |chunk: Rows| VectorRows::of(model, &chunk.table)?.decode(model);
        let chunks = csv.all_chunks(&latents, false)?;
        transform(chunks, decode, self.output.as_deref(), console)
    }

    fn source(&self) -> String {
        self.latents.to_string_lossy().into_owned()
    }
}
