//! `thalweg interpolate`.

use std::path::PathBuf;

use clap::Args;
use thalweg::data::Images;

use crate::command::OpenArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::outputs::ForceArgs;
use crate::{images, pictures};

/// Go from one image to another through the latents of a model: a strip of two, a square of four
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Interpolate {
    /// The model, of `thalweg fit`, `thalweg convert` or a Rust program
    model: PathBuf,
    /// Two images, or four corners: top left, top right, bottom left, bottom right; pictures, or SET:INDEX
    #[arg(required = true, num_args = 2..=4, value_name = "IMAGE")]
    images: Vec<String>,
    /// Images on the way, ends included; of a square, along each side
    #[arg(long, default_value_t = 8)]
    steps: usize,
    /// Where the images go: one .png sheet, one .idx file, or a folder such as way/
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    open: OpenArgs,
}

const EXAMPLES: &str = "\
Examples:
  thalweg interpolate digits.safetensors @digits:0 @digits:1 -o strip.png
  thalweg interpolate faces.safetensors a.png b.png c.png d.png --steps 6 -o square.png";

impl Interpolate {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let count = match self.images.len() {
            4 => self.steps.saturating_mul(self.steps),
            _ => self.steps,
        };
        pictures::allow(&self.output, count, None, &self.force)?;
        let model = self.open.images(&self.model)?;
        if self.images.len() == 3 {
            let problem = "three images are neither the ends of a strip nor the corners of a square; give two or four";
            return Err(Failure::Usage(problem.to_owned()));
        }
        let ends: Vec<Images> = self
            .images
            .iter()
            .map(|name| images::one(name, &model))
            .collect::<Result<_, _>>()?;
        // Images of a set have names where pictures have theirs, and those on the way have none.
        let ends = Images::join(&ends)?;
        let way = match ends.count() {
            2 => model.strip(&ends, self.steps)?,
            _ => model.square(&ends, self.steps)?,
        };
        pictures::write(&way, &self.output, Some(self.steps), console)
    }
}
