//! `thalweg report`.

mod images;
mod rows;

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::command::OpenArgs;
use crate::console::Console;
use crate::data::CsvArgs;
use crate::failure::Failure;
use crate::model::Loaded;
use crate::outputs::{ForceArgs, Output};

/// Say how good a density is on a table or on images: nats, calibration, a picture of data and samples
///
/// Rows are read and scored in parts, in constant memory. The mean is that of all rows; the ranks and the picture are of a
/// random sample of at most 2,000 rows, the same one each time. Of images the report has bits/dim, p-values, the images of
/// the lowest and the highest bits/dim by name, and a sheet of images beside draws.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// The model, of `thalweg fit`, `thalweg convert` or a Rust program
    model: PathBuf,
    /// The table, or images as for `thalweg score`: data that the model was not fitted to
    data: String,
    /// Files of the report too: .png, .svg, .json or .txt
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

impl Report {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output, Output::Report)?;
        match self.open.model(&self.model)? {
            Loaded::Table(model) => self.table(&model, console),
            Loaded::Images(model) => self.images(&model, console),
            model @ Loaded::Vectors(_) => Err(model.without_report(&self.model)),
        }
    }

    /// Writes a report to its files and says it.
    fn give<E>(
        &self,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> String,
        save: impl Fn(&PathBuf) -> Result<(), E>,
        console: &Console,
    ) -> Result<(), Failure>
    where
        Failure: From<E>,
    {
        for output in &self.output {
            save(output)?;
            console.note(format!("written to {}", output.display()));
        }
        console.result(text, || {
            serde_json::from_str(&json()).unwrap_or(Value::Null)
        })
    }
}
