//! `thalweg encode`.

mod images;
mod rows;

use std::path::PathBuf;

use clap::Args;

use crate::command::OpenArgs;
use crate::console::Console;
use crate::data::{CsvArgs, refuse};
use crate::failure::Failure;
use crate::model::Loaded;
use crate::outputs::ForceArgs;

/// The latents of the numbers of each row, or of images, near a standard normal density for data like the training data
///
/// Rows are without loss: what 32 bits of the latents `z_1`, `z_2` and so on leave out of a number is in the columns
/// `rest:NAME` and `step:NAME`, and categories, angles and conditions stand beside them, so that `thalweg decode` gives every
/// value back. Rows are read and encoded in parts, in constant memory.
///
/// The latents of images under a flow are without loss too: `thalweg decode` gives every pixel back. An image whose latent
/// does not is an error. A VAE and an f-VAE leave out what their decoder smooths.
#[derive(Debug, Args)]
pub(crate) struct Encode {
    /// The model, of `thalweg fit`, `thalweg convert` or a Rust program
    model: PathBuf,
    /// The table, or images, as for `thalweg score`
    data: String,
    /// The file of the latents: .csv, .csv.gz, .csv.zst or .parquet [default: CSV on the standard output]; of images
    /// .safetensors too
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the latents of rows alone, from which they do not come back to the last digit
    #[arg(long)]
    latents_only: bool,
    /// Leave images without a latent out, and count them
    #[arg(long)]
    skip_errors: bool,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

impl Encode {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let model = self.open.model(&self.model)?;
        let skip = self.skip_errors && !matches!(model, Loaded::Images(_));
        refuse(
            &[("skip-errors", skip)],
            "an option of images, and the model is a density of rows",
        )?;
        let only = self.latents_only && !matches!(model, Loaded::Table(_));
        refuse(
            &[("latents-only", only)],
            "an option of tables with names of columns, and the latents of this model are alone",
        )?;
        match model {
            Loaded::Table(model) => self.table(&model, console),
            Loaded::Images(model) => self.images(&model, console),
            Loaded::Vectors(model) => self.vectors(&*model, console),
        }
    }
}
