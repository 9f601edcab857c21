//! `thalweg encode`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use thalweg::data::{Column, CsvOptions, DataError, Table, Text, Values};
use thalweg::images::{Codes, FittedImages};
use thalweg::models::any::AnyVectors;

use crate::command::{DeviceArgs, ForceArgs};
use crate::console::Console;
use crate::data::{CsvArgs, refuse};
use crate::failure::Failure;
use crate::images::ImageChunks;
use crate::model::Loaded;
use crate::vectors::{self, VectorRows};
use crate::verbs::sample;

/// The latents of the numbers of each row, or of images, near a standard normal density for data like the training data
///
/// The latents of images under a flow are without loss: `thalweg decode` gives every pixel back. An image whose latent does
/// not is an error. A VAE and an f-VAE leave out what their decoder smooths.
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
        let table = self.csv.table(&self.data, model.csv_options(), console)?;
        sample::write(
            &model.encode(&table)?,
            self.output.as_ref(),
            &self.force,
            console,
        )
    }

    fn vectors(&self, model: &dyn AnyVectors, console: &Console) -> Result<(), Failure> {
        let table = self.csv.table(&self.data, CsvOptions::new(), console)?;
        let rows = VectorRows::of(model, &table)?;
        if let Some((row, problem)) = rows.first_problem() {
            return Err(Failure::Usage(format!("row {row}: {problem}")));
        }
        let z = model.encode(rows.features, rows.given.as_ref())?;
        sample::write(
            &vectors::table("z", z)?,
            self.output.as_ref(),
            &self.force,
            console,
        )
    }

    fn images(&self, model: &FittedImages, console: &Console) -> Result<(), Failure> {
        self.csv.refuse_for_images()?;
        self.force.allow(&self.output)?;
        let (mut values, mut names, mut failed) = (Vec::new(), Vec::new(), 0);
        for chunk in ImageChunks::open(&self.data, model)? {
            let chunk = chunk?;
            let latents = model.encode(&chunk.images)?;
            for place in chunk.places {
                let latent = match place.image {
                    Ok(index) => latents[index]
                        .clone()
                        .map_err(|problem| problem.to_string()),
                    Err(problem) => Err(problem),
                };
                match latent {
                    Ok(latent) => {
                        values.extend(latent);
                        names.push(place.name);
                    }
                    Err(problem) if !self.skip_errors => {
                        let name = place.name;
                        return Err(Failure::Image {
                            problem: format!(
                                "{name}: {problem}; leave such images out with `--skip-errors`"
                            ),
                        });
                    }
                    Err(problem) => {
                        console.note(format!("{}: {problem}", place.name));
                        failed += 1;
                    }
                }
            }
        }
        if failed > 0 {
            console.note(format!("{failed} images have no latent and are left out"));
        }
        let codes = Codes::new(model.latent_width(), values, names);
        match &self.output {
            Some(path)
                if path
                    .extension()
                    .is_some_and(|ending| ending == "safetensors") =>
            {
                codes.save(path)?;
                console.result(
                    || {
                        format!(
                            "latents of {} images written to {}",
                            codes.count(),
                            path.display()
                        )
                    },
                    || json!({ "images": codes.count(), "numbers": codes.width(), "output": path }),
                )
            }
            output => sample::write(&table(&codes)?, output.as_ref(), &self.force, console),
        }
    }
}

/// Latents as a table, one row an image.
fn table(codes: &Codes) -> Result<Table, Failure> {
    let mut names = Text::default();
    codes.names().iter().for_each(|name| names.push(Some(name)));
    let width = codes.width();
    let column = |k: usize| {
        let values = codes.values().iter().skip(k).step_by(width);
        Column::numbers(
            &format!("z_{}", k + 1),
            values.map(|z| f64::from(*z)).collect(),
        )
    };
    let columns = std::iter::once(Column::new("name", Values::Text(names)));
    Ok(Table::new(columns.chain((0..width).map(column)).collect()).map_err(DataError::from)?)
}
