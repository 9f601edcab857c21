//! `thalweg sample`.

mod conditions;
mod images;
mod parts;
mod rows;

use std::path::PathBuf;

use clap::Args;

use crate::command::OpenArgs;
use crate::console::Console;
use crate::data::CsvArgs;
use crate::failure::Failure;
use crate::model::Loaded;
use crate::outputs::ForceArgs;

/// Draw rows, or images, from a density
///
/// Rows are drawn and written in parts, in constant memory, and a table of conditions is read in parts.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sample {
    /// The model, of `thalweg fit`, `thalweg convert` or a Rust program
    model: PathBuf,
    /// The number of rows or images; with conditions, of each condition
    #[arg(default_value_t = 10)]
    rows: usize,
    /// A condition of all rows
    #[arg(
        short,
        long,
        value_name = "COLUMN=VALUE",
        conflicts_with = "given_table"
    )]
    given: Vec<String>,
    /// A table of conditions, one a row
    #[arg(long, value_name = "TABLE")]
    given_table: Option<String>,
    /// The width of the distribution that images are drawn from, 1 for the model's own [default: by the model]
    #[arg(long, value_name = "T")]
    temperature: Option<f64>,
    /// The seed: the same one gives the same rows
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The file of the rows: .csv, .csv.gz, .csv.zst or .parquet [default: CSV on the standard output]; of images: a .png
    /// sheet, an .idx file, or a folder such as drawn/
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

const EXAMPLES: &str = "\
Examples:
  thalweg sample sales.safetensors 1000 -o drawn.parquet
  thalweg sample weather.safetensors 100 --given month=7 --given hour=15
  thalweg sample digits.safetensors 100 --temperature 0.8 -o sheet.png";

impl Sample {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        match self.open.model(&self.model)? {
            Loaded::Table(model) => self.table(&model, console),
            Loaded::Images(model) => self.images(&model, console),
            Loaded::Vectors(model) => self.vectors(&*model, console),
        }
    }
}
