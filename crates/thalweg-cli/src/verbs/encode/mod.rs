//! `thalweg encode`.

mod images;
mod rows;

use std::path::PathBuf;

use clap::Args;

use crate::command::{DeviceArgs, ForceArgs};
use crate::console::Console;
use crate::data::{CsvArgs, refuse};
use crate::failure::Failure;
use crate::model::Loaded;

/// The latents of the numbers of each row, or of images, near a standard normal density for data like the training data
///
/// The latents of images under a flow are without loss: `thalweg decode` gives every pixel back. An image whose latent does
/// not is an error. A VAE and an f-VAE leave out what their decoder smooths.
///
/// Rows are read and encoded in parts, in constant memory.
#[derive(Debug, Args)]
pub(crate) struct Encode {
    /// The model, of `thalweg fit`
    model: PathBuf,
    /// The table, or images, as for `thalweg score`
    data: String,
    /// The file of the latents: .csv, .csv.gz, .csv.zst or .parquet [default: CSV on the standard output]; of images
    /// .safetensors too
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Leave images without a latent out, and count them
    #[arg(long)]
    skip_errors: bool,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

impl Encode {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let model = match self.device.open_model(&self.model)? {
            Loaded::Table(model) => model,
            Loaded::Images(model) => return self.images(&model, console),
            Loaded::Vectors(model) => return self.vectors(&*model, console),
        };
        let skip = [("skip-errors", self.skip_errors)];
        refuse(
            &skip,
            "an option of images, and the model is a density of rows",
        )?;
        self.table(&model, console)
    }
}
