//! `thalweg fit`.

pub(crate) mod images;
mod options;
mod plan;

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use thalweg::data::CsvOptions;
use thalweg::tabular::FittedDensity;

pub(crate) use options::FitOptions;
pub use options::check_config;

use crate::command::DeviceArgs;
use crate::console::Console;
use crate::failure::Failure;
use crate::images::are_images;
use crate::outputs::{ForceArgs, Output};

/// Fit a density to a table or to images
///
/// Detects what each column is, chooses the network by the size of the table, trains, and calibrates p-values with rows
/// that it holds out. Images get a flow or an autoencoder of pixels (`--model`), of a size that they suggest. After Ctrl-C or a kill, the same command goes on where the last one was.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Fit {
    /// A file with these options, see `thalweg init`; the command line comes first
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    device: DeviceArgs,
    #[command(flatten)]
    options: FitOptions,
}

const EXAMPLES: &str = "\
Examples:
  thalweg fit sales.parquet
  thalweg fit @weather --target temp,humid --given month,hour --minutes 3 -o weather.safetensors
  thalweg fit @digits
  thalweg fit photos/ --side 32 --model glow --minutes 30
  thalweg fit people.csv --kind age=above:0 --kind city=category --missing indicator";

impl Fit {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        let mut options = self.options.clone();
        if let Some(file) = &self.config {
            options = options.or(FitOptions::read(file)?);
        }
        let Some(data) = options.data.clone() else {
            return Err(Failure::Usage(
                "no table is given and no images; say `thalweg fit DATA`, or `data` in the file of `--config`"
                    .to_owned(),
            ));
        };
        let output = match &options.output {
            Some(output) => output.clone(),
            None => model_of(&data)?,
        };
        if !self.dry_run {
            self.force.allow([&output], Output::Model)?;
        }
        let device = self.device.open()?;
        if are_images(&data) {
            return self.images(&options, [Path::new(&data), &output], &device, console);
        }
        if let Some(name) = data.strip_prefix('@')
            && !["weather", "penguins"].contains(&name)
        {
            return Err(Failure::Embedded(name.to_owned()));
        }
        let table = options.csv.table(&data, CsvOptions::new(), console)?;
        let density = options.density()?.device(&device);
        console.note(format!("{} rows of {data}", table.rows()));
        console.note(density.describe(&table)?);
        let plan = density.plan(&table)?;
        console.note(format!(
            "plan: {plan}; the model goes to {}",
            output.display()
        ));
        let cost = density.cost(&table)?;
        console.note(format!("estimate: {cost}"));
        if self.dry_run {
            return match console.json {
                true => console.result(String::new, || plan::json(&plan, &cost, &output)),
                false => Ok(()),
            };
        }
        let folder = unfinished(&output);
        let density = density.progress(console.progress()).resume(&folder);
        let model = density.fit(&table)?;
        model.save(&output)?;
        // Empty now; a file of another program in it stays, and so does the folder.
        std::fs::remove_dir(&folder).ok();
        console.result(
            || format!("{}\nwritten to {}", model.summary(), output.display()),
            || result(&model, &output),
        )
    }
}

fn result(model: &FittedDensity, output: &Path) -> serde_json::Value {
    let summary = model.summary();
    json!({
        "model": output,
        "rows": summary.rows,
        "skipped": summary.skipped,
        "nats": finite(summary.held_out),
        "gaussian_nats": summary.baselines.as_ref().map(|simple| simple.gaussian),
        "independent_nats": summary.baselines.as_ref().map(|simple| simple.independent),
        "seconds": summary.seconds,
        "columns": model.columns().iter().map(super::info::column).collect::<Vec<_>>(),
    })
}

/// A number, or null where there is none.
pub(crate) fn finite(x: f64) -> Option<f64> {
    Some(x).filter(|x| x.is_finite())
}

/// The name of a model of a table, in the current folder.
fn model_of(data: &str) -> Result<PathBuf, Failure> {
    let name = match data.strip_prefix('@') {
        Some(name) => Some(name),
        None => Path::new(data).file_name().and_then(|name| name.to_str()),
    };
    let stem = name
        .and_then(|name| name.split('.').next())
        .filter(|stem| !stem.is_empty() && *stem != "-");
    match stem {
        Some(stem) => Ok(PathBuf::from(format!("{stem}.safetensors"))),
        None => Err(Failure::Usage(
            "say where the model goes: `-o MODEL.safetensors`".to_owned(),
        )),
    }
}

/// The folder of trainings that are not done, beside the model.
fn unfinished(output: &Path) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    output.with_file_name(name)
}
