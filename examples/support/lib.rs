//! Shared by the examples: command line, device, allocator, images, evaluation, pictures, report.

mod comparison;
mod evaluate;
mod images;
mod patches;
mod picture;
mod pixels;
mod report;
mod variational;

pub use comparison::compare_samples;
pub use evaluate::{gaussian_nats, mean_importance, mean_log_prob};
pub use images::{ImageRun, ImageSet, Labelled};
pub use picture::{beside, class_map, density_map, loss_curve, numbers, tiles};
pub use pixels::Pixels;
pub use report::Report;
pub use variational::{
    LabelledRows, Price, draw_fvae, labelled_rows, report_bounds, report_classes,
};

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use thalweg::device::{self, DeviceError, Selected};

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
    /// Threads that share each batch of images, for backends whose operations run on one; two numbers
    /// give two results, each repeatable.
    #[arg(long, default_value_t = 1)]
    pub workers: usize,
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

    /// Starts the report of an example, in whose output folder files can be made from now on: whoever cannot
    /// write there learns it before hours of training.
    pub fn report(&self, example: &str, device: &str) -> Result<Report, String> {
        let folder = self.out.join(example);
        let fails = |error| {
            let folder = folder.display();
            format!(
                "cannot make the folder '{folder}' for results: {error}; name another one by --out"
            )
        };
        std::fs::create_dir_all(&folder).map_err(fails)?;
        Ok(Report::start(example, device))
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
