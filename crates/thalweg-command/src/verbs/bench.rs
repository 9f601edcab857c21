//! `thalweg bench`.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::json;
use thalweg::data::Table;
use thalweg::images::AnyImages;
use thalweg::tabular::{DensityError, FittedDensity};

use crate::command::OpenArgs;
use crate::console::Console;
use crate::data::CsvArgs;
use crate::failure::Failure;
use crate::images::ImageChunks;
use crate::model::Loaded;

/// Measure the speed of a model on this machine
///
/// Of a table the first 20,000 rows are scored (`--rows`), and of images the first 200.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// The model, of `thalweg fit`, `thalweg convert` or a Rust program
    model: PathBuf,
    /// The rows or images to score [default: those drawn from the model]
    data: Option<String>,
    /// The number of rows of a table to score, from the first one on, or to draw from its density
    #[arg(long, default_value_t = 20_000)]
    rows: usize,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

/// Repetitions of the score of one row.
const SINGLE: usize = 200;

impl Bench {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let device = self.open.device()?;
        let (load, model) = time(|| self.open.model_on(&self.model, &device))?;
        let model = match model {
            Loaded::Table(model) => model,
            Loaded::Images(model) => return self.images(&model, load, console),
            other => return Err(other.refused(&self.model)),
        };
        let (draw, table) = match &self.data {
            Some(name) => {
                let chunks = self.csv.chunks(name, &model, false)?;
                let first = chunks.first(self.rows, |table| Ok(vec![true; table.rows()]))?;
                (None, first)
            }
            None => {
                let (seconds, table) = time(|| model.sample(self.rows, 0))?;
                (Some(self.rows as f64 / seconds), table)
            }
        };
        if table.rows() == 0 {
            return Err(Failure::Usage("there are no rows to score".to_owned()));
        }
        let rate = |score: &dyn Fn(&Table) -> Result<(), DensityError>| -> Result<f64, Failure> {
            score(&table.select(&[0]))?;
            let (seconds, ()) = time(|| score(&table))?;
            Ok(table.rows() as f64 / seconds)
        };
        let nats = rate(&|table| model.log_prob(table).map(|_| ()))?;
        let anomaly = match rate(&|table| model.anomaly(table).map(|_| ())) {
            Err(Failure::Density(DensityError::NotCalibrated)) => None,
            rate => Some(rate?),
        };
        let latency = latency(&model, &table)?;
        let line = |name: &str, rate: Option<f64>| match rate {
            Some(rate) => format!("{name:<16}{rate:>12.0} rows/s\n"),
            None => String::new(),
        };
        console.result(
            || {
                format!(
                    "{:<16}{:>12}\n{}{}{}{:<16}{:>12.3} ms\n{:<16}{:>12.3} ms",
                    "rows",
                    table.rows(),
                    line("nats", Some(nats)),
                    line("p-values", anomaly),
                    line("samples", draw),
                    "one row",
                    1e3 * latency,
                    "loading",
                    1e3 * load
                )
            },
            || {
                json!({
                    "rows": table.rows(),
                    "nats_per_second": nats,
                    "p_values_per_second": anomaly,
                    "samples_per_second": draw,
                    "one_row_seconds": latency,
                    "load_seconds": load,
                })
            },
        )
    }
}

/// Images that are drawn, and scored, and repetitions of one.
const IMAGES: usize = 200;
const SINGLE_IMAGES: usize = 20;

impl Bench {
    /// The speed of a density of images.
    fn images(&self, model: &AnyImages, load: f64, console: &Console) -> Result<(), Failure> {
        self.csv.refuse_for_images()?;
        let (draw, drawn) = time(|| model.sample(IMAGES, 1.0, 0))?;
        let images = match &self.data {
            Some(name) => ImageChunks::open(name, model)?.first(IMAGES)?,
            None => drawn,
        };
        if images.count() == 0 {
            return Err(Failure::Usage("there are no images to score".to_owned()));
        }
        model.log_prob(&images.select(&[0]))?;
        let (seconds, _) = time(|| model.log_prob(&images))?;
        let mut times = Vec::with_capacity(SINGLE_IMAGES);
        for place in 0..SINGLE_IMAGES {
            let one = images.select(&[place % images.count()]);
            times.push(time(|| model.log_prob(&one))?.0);
        }
        times.sort_by(f64::total_cmp);
        let (one, rate, draws) = (
            times[SINGLE_IMAGES / 2],
            images.count() as f64 / seconds,
            IMAGES as f64 / draw,
        );
        console.result(
            || {
                format!(
                    "{:<16}{:>12}\n{:<16}{rate:>12.0} images/s\n{:<16}{draws:>12.0} images/s\n{:<16}{:>12.3} ms\n{:<16}{:>12.3} ms",
                    "images",
                    images.count(),
                    "nats",
                    "samples",
                    "one image",
                    1e3 * one,
                    "loading",
                    1e3 * load
                )
            },
            || {
                json!({
                    "images": images.count(),
                    "nats_per_second": rate,
                    "samples_per_second": draws,
                    "one_image_seconds": one,
                    "load_seconds": load,
                })
            },
        )
    }
}

/// The median time of the nats of one row.
fn latency(model: &FittedDensity, table: &Table) -> Result<f64, Failure> {
    let mut times = Vec::with_capacity(SINGLE);
    for place in 0..SINGLE {
        let row = table.select(&[place % table.rows()]);
        times.push(time(|| model.log_prob(&row))?.0);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[SINGLE / 2])
}

fn time<T, E: Into<Failure>>(work: impl FnOnce() -> Result<T, E>) -> Result<(f64, T), Failure> {
    let start = Instant::now();
    let done = work().map_err(Into::into)?;
    Ok((start.elapsed().as_secs_f64(), done))
}
