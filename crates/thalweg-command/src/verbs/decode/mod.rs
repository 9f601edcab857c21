//! `thalweg decode`.

mod images;
mod rows;

use std::path::PathBuf;

use clap::Args;

use crate::command::OpenArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::model::Loaded;
use crate::outputs::ForceArgs;

/// The rows or images of latents that `thalweg encode` wrote, as they were: each value of a row, each pixel under a flow
///
/// Rows are the columns that the model knows, the modelled ones first. They are read and decoded in parts, in constant
/// memory. A density of vectors, which knows no names of columns, gives back what 32 bits hold.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Decode {
    /// The model, of `thalweg fit`, `thalweg convert` or a Rust program
    model: PathBuf,
    /// The latents, of `thalweg encode`: a table, or `-` for the standard input; of images .safetensors too
    latents: PathBuf,
    /// The file of the rows: .csv, .csv.gz, .csv.zst or .parquet [default: CSV on the standard output]; of images: a folder
    /// such as pictures/, one .idx file, or one .png sheet
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    open: OpenArgs,
}

const EXAMPLES: &str = "\
Examples:
  thalweg encode sales.safetensors sales.parquet -o z.parquet
  thalweg decode sales.safetensors z.parquet -o back.parquet
  thalweg encode faces.safetensors photos/ -o z.safetensors
  thalweg decode faces.safetensors z.safetensors -o back/";

impl Decode {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        match self.open.model(&self.model)? {
            Loaded::Table(model) => self.table(&model, console),
            Loaded::Images(model) => self.images(&model, console),
            Loaded::Vectors(model) => self.vectors(&*model, console),
        }
    }
}
