//! Tables from tables, chunk by chunk.

use std::io;
use std::path::Path;

use thalweg::data::{Table, TableWriter};

use crate::console::Console;
use crate::failure::Failure;
use crate::pipeline;
use crate::verbs::sample;

/// Reads, works on and writes chunks at once, in order, in constant memory: to a file, or as CSV to the standard output.
pub(crate) fn transform<T: Send>(
    chunks: impl Iterator<Item = Result<T, Failure>>,
    work: impl Fn(T) -> Result<Table, Failure> + Sync,
    output: Option<&Path>,
    console: &Console,
) -> Result<(), Failure> {
    let rows = pipeline::run(
        chunks,
        work,
        || {
            let writer = match output {
                Some(path) => TableWriter::create(path)?,
                None => TableWriter::csv(io::stdout()),
            };
            Ok((writer, 0))
        },
        |(writer, rows), table| {
            *rows += table.rows();
            Ok(writer.append(&table)?)
        },
        |(writer, rows)| {
            writer.finish()?;
            Ok(rows)
        },
    )?;
    match output {
        Some(path) => sample::written(rows, path, console),
        None => Ok(()),
    }
}
