//! `thalweg encode`.

use std::path::PathBuf;

use clap::Args;

use crate::command::{DeviceArgs, ForceArgs};
use crate::console::Console;
use crate::data::CsvArgs;
use crate::failure::Failure;
use crate::verbs::sample;

/// The latents of the numbers of each row, near a standard normal density for rows like the training rows
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
        let model = self.device.load(&self.model)?;
        let table = self.csv.table(&self.data, model.csv_options(), console)?;
        sample::write(
            &model.encode(&table)?,
            self.output.as_ref(),
            &self.force,
            console,
        )
    }
}
