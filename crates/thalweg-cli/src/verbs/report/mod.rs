//! `thalweg report`.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::command::{DeviceArgs, ForceArgs};
use crate::console::Console;
use crate::data::CsvArgs;
use crate::failure::Failure;

/// Say how good a density is on a table: nats, calibration, a picture of rows and samples
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The model, of `thalweg fit`
    model: PathBuf,
    /// The table: rows that the model was not fitted to
    data: String,
    /// Files of the report too: .png, .svg, .json or .txt
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

impl Report {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output)?;
        let model = self.device.load(&self.model)?;
        let table = self.csv.table(&self.data, model.csv_options(), console)?;
        let report = model.report(&table)?;
        for output in &self.output {
            report.save(output)?;
            console.note(format!("written to {}", output.display()));
        }
        console.result(
            || report.to_string(),
            || serde_json::from_str(&report.to_json()).unwrap_or(Value::Null),
        )
    }
}
