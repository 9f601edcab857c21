//! Latents of rows.

use std::io;

use thalweg::data::{CsvOptions, Table, TableWriter};
use thalweg::models::any::AnyVectors;
use thalweg::tabular::FittedDensity;

use super::Encode;
use crate::console::Console;
use crate::data::{Chunks, Rows};
use crate::failure::Failure;
use crate::pipeline;
use crate::vectors::VectorRows;
use crate::verbs::sample;

impl Encode {
    /// The latents of the rows of a table.
    pub(super) fn table(&self, model: &FittedDensity, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output)?;
        if console.json && self.output.is_none() {
            // One object, which holds all rows.
            let table = self.csv.table(&self.data, model.csv_options(), console)?;
            return sample::write(&model.encode(&table)?, None, &self.force, console);
        }
        let chunks = self.csv.chunks(&self.data, model, false)?;
        self.stream(chunks, |chunk| Ok(model.encode(&chunk.table)?), console)
    }

    /// The latents of rows under a density of vectors.
    pub(super) fn vectors(&self, model: &dyn AnyVectors, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output)?;
        if console.json && self.output.is_none() {
            let table = self.csv.table(&self.data, CsvOptions::new(), console)?;
            let latents = VectorRows::of(model, &table)?.encode(model)?;
            return sample::write(&latents, None, &self.force, console);
        }
        let encode = |chunk: Rows| VectorRows::of(model, &chunk.table)?.encode(model);
        self.stream(self.csv.all_chunks(&self.data, false)?, encode, console)
    }

    /// Reads, encodes and writes chunks at once, in order.
    fn stream(
        &self,
        chunks: Chunks,
        encode: impl Fn(Rows) -> Result<Table, Failure> + Sync,
        console: &Console,
    ) -> Result<(), Failure> {
        let rows = pipeline::run(
            chunks,
            encode,
            || {
                let writer = match &self.output {
                    Some(path) => TableWriter::create(path)?,
                    None => TableWriter::csv(io::stdout()),
                };
                Ok((writer, 0))
            },
            |(writer, rows), latents| {
                *rows += latents.rows();
                Ok(writer.append(&latents)?)
            },
            |(writer, rows)| {
                writer.finish()?;
                Ok(rows)
            },
        )?;
        match &self.output {
            Some(path) => sample::written(rows, path, console),
            None => Ok(()),
        }
    }
}
