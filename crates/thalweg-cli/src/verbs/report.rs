//! `thalweg report`.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;
use thalweg::tabular::FittedDensity;

use crate::command::DeviceArgs;
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
    /// Overwrite the files
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

impl Report {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        if let Some(output) = self
            .output
            .iter()
            .find(|output| output.exists() && !self.force)
        {
            return Err(Failure::Exists(output.clone()));
        }
        let model = FittedDensity::load(&self.model, &self.device.open()?)?;
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
