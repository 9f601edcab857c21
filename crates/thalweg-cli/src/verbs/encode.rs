//! `thalweg encode`.

use std::io;
use std::path::PathBuf;

use clap::Args;
use thalweg::data::TableWriter;

use crate::command::{DeviceArgs, ForceArgs};
use crate::console::Console;
use crate::data::CsvArgs;
use crate::failure::Failure;
use crate::pipeline;
use crate::verbs::sample;

/// The latents of the numbers of each row, near a standard normal density for rows like the training rows
///
/// Rows are read and encoded in parts, in constant memory.
#[derive(Debug, Args)]
pub(crate) struct Encode {
    /// The model, of `thalweg fit`
    model: PathBuf,
    /// The table
    data: String,
    /// The file of the latents: .csv, .csv.gz, .csv.zst or .parquet [default: CSV on the standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

impl Encode {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output)?;
        let model = self.device.load(&self.model)?;
        if console.json && self.output.is_none() {
            // One object, which holds all rows.
            let table = self.csv.table(&self.data, model.csv_options(), console)?;
            return sample::write(&model.encode(&table)?, None, &self.force, console);
        }
        let chunks = self.csv.chunks(&self.data, &model, false)?;
        let rows = pipeline::run(
            chunks,
            |chunk| Ok(model.encode(&chunk.table)?),
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
