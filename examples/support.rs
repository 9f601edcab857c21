//! Shared by the examples: command line, device, allocator, evaluation, report.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use serde_json::{Map, Value, json};
use thalweg::burn::tensor::Tensor;
use thalweg::data::{Batches, Rows};
use thalweg::device::{self, DeviceError, Selected};
use thalweg::flow::base::StandardNormal;
use thalweg::flow::{Dequantize, Flow, Noise, Whiten};
use thalweg::plot::CurveChart;
use thalweg::train::{EpochRecord, History, Outcome};

/// Keeps freed blocks for the next step, where the system's allocator returns large ones and pays
/// page faults for them each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The flags that every example takes.
#[derive(Debug, Args)]
pub struct Common {
    /// Stop after this many steps; without it the example does its real run.
    #[arg(long)]
    pub steps: Option<usize>,
    /// Determines weights, noise and the order of the data.
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// A data set in place of the embedded one: a folder, or a CSV file where the example reads tables.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Folder for pictures, logs and models.
    #[arg(long, default_value = "out")]
    pub out: PathBuf,
    /// Print one JSON object as the last line of standard output.
    #[arg(long)]
    pub json: bool,
    /// Backend to run on; by default BURN_DEVICE, or else the first that is compiled in.
    #[arg(long)]
    pub device: Option<String>,
}

impl Common {
    /// The device that the flags, or else the environment, ask for.
    pub fn device(&self) -> Result<Selected, DeviceError> {
        match &self.device {
            Some(name) => device::resolve(name),
            None => device::from_env(),
        }
    }

    /// How many steps to make, where the real run makes `all`.
    pub fn steps(&self, all: usize) -> usize {
        self.steps.map_or(all, |steps| steps.min(all))
    }

    /// A file in the output folder of this example.
    pub fn file(&self, example: &str, name: &str) -> PathBuf {
        self.out.join(example).join(name)
    }
}

/// Runs an example; an error becomes one line on standard error and exit code 1.
pub fn run(example: impl FnOnce() -> Result<(), Box<dyn Error>>) -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .without_time()
        .init();
    match example() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Mean and standard error of a log-density over held-out rows, read batch by batch in f64.
pub fn mean_log_prob<R: Rows>(
    rows: R,
    mut log_prob: impl FnMut(R) -> Tensor<1>,
) -> Result<(f64, f64), Box<dyn Error>> {
    let mut values: Vec<f64> = vec![];
    for batch in Batches::new(rows, 500, 0).in_order() {
        let data = log_prob(batch)
            .try_into_data()
            .map_err(|error| format!("{error:?}"))?;
        values.extend(data.iter::<f64>());
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Ok((mean, (variance / n).sqrt()))
}

/// The baseline: mean log-density of held-out rows under a full-covariance Gaussian fitted to the
/// training rows, both dequantized into the unit cube.
pub fn gaussian_nats(
    train: Tensor<2>,
    test: Tensor<2>,
    levels: u32,
    noise: &mut Noise,
) -> Result<f64, Box<dyn Error>> {
    let (dequantize, features) = (Dequantize::uniform(levels), train.dims()[1]);
    let whiten = Whiten::fit(&dequantize.apply(train, noise).0, 0.0)?;
    let gaussian = Flow::new(whiten, StandardNormal::new(features));
    let log_prob = |x| gaussian.log_prob(dequantize.apply(x, noise).0);
    Ok(mean_log_prob(test, log_prob)?.0)
}

/// Training and validation losses over the epochs, in a unit of one's own.
pub fn loss_curve(history: &History, unit: &str, convert: impl Fn(f64) -> f64) -> CurveChart {
    let series = |value: fn(&EpochRecord) -> Option<f64>| -> Vec<(f64, f64)> {
        let point = |e: &EpochRecord| value(e).map(|loss| (e.epoch as f64 + 1.0, convert(loss)));
        history.epochs().iter().filter_map(point).collect()
    };
    CurveChart::new("epoch", unit)
        .series("training", series(|epoch| epoch.loss))
        .series("validation", series(|epoch| epoch.validation))
}

/// A tensor's numbers on the host.
pub fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// What an example measured, for people and, with `--json`, for programs.
#[derive(Debug)]
pub struct Report {
    started: Instant,
    fields: Map<String, Value>,
}

impl Report {
    /// Starts the clock of the example `name` on a device.
    pub fn start(name: &str, device: &str) -> Self {
        let mut fields = Map::new();
        fields.insert("example".into(), json!(name));
        fields.insert("device".into(), json!(device));
        Self {
            started: Instant::now(),
            fields,
        }
    }

    /// Adds a number.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(name.into(), value.into());
    }

    /// Seconds since the start.
    pub fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Passes on how a run ended, as an error unless it ended well.
    pub fn check(&self, outcome: &Outcome) -> Result<(), Box<dyn Error>> {
        if !outcome.is_success() {
            return Err(outcome.to_string().into());
        }
        println!("{outcome} after {:.0} s", self.seconds());
        Ok(())
    }

    /// Prints where the files of the example `name` are and, if asked to, the JSON object.
    pub fn finish(mut self, common: &Common, name: &str) {
        println!("files in {}", common.out.join(name).display());
        if common.json {
            self.set("seconds", self.seconds());
            println!("{}", Value::Object(self.fields));
        }
    }
}
