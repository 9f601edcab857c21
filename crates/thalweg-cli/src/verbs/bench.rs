//! `thalweg bench`.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use serde_json::json;
use thalweg::data::Table;
use thalweg::tabular::{DensityError, FittedDensity};

use crate::command::DeviceArgs;
use crate::console::Console;
use crate::data::CsvArgs;
use crate::failure::Failure;

/// Measure the speed of a model on this machine
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// The model, of `thalweg fit`
    model: PathBuf,
    /// The rows to score [default: rows drawn from the model]
    data: Option<String>,
    /// The number of rows to draw
    #[arg(long, default_value_t = 20_000)]
    rows: usize,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

/// Repetitions of the score of one row.
const SINGLE: usize = 200;

impl Bench {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let device = self.device.open()?;
        let (load, model) = time(|| FittedDensity::load(&self.model, &device))?;
        let (draw, table) = match &self.data {
            Some(name) => (None, self.csv.table(name, model.csv_options(), console)?),
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
                    "{}{}{}{:<16}{:>12.3} ms\n{:<16}{:>12.3} ms",
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

fn time<T>(work: impl FnOnce() -> Result<T, DensityError>) -> Result<(f64, T), Failure> {
    let start = Instant::now();
    let done = work()?;
    Ok((start.elapsed().as_secs_f64(), done))
}
