//! The command line.

use std::path::Path;

use clap::{Args, Parser, Subcommand};
use thalweg::burn::tensor::Device;
use thalweg::images::AnyImages;
use thalweg::tabular::FittedDensity;

use crate::console::Console;
use crate::failure::Failure;
use crate::model::{Loaded, Shape};
use crate::verbs::{
    bench, check, compare, convert, decode, encode, fit, info, init, interpolate, report, sample,
    score, shell, view,
};

/// Densities of tables and of images: fit, score, sample.
///
/// A table is a file of CSV (also .gz and .zst) or Parquet, `-` for the standard input, or `@weather` or `@penguins`, which
/// are inside the program. Images are a folder of pictures (PNG, JPEG), an IDX file, a folder of MNIST's files, or `@digits`,
/// `@faces` or `@fashion`.
#[derive(Debug, Parser)]
#[command(name = "thalweg", version, max_term_width = 100, after_help = CODES)]
pub(crate) struct Command {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

const CODES: &str = "\
Exit codes: 0 done; 1 failed, with the reason on the standard error; 2 wrong command line; 130 ended by Ctrl-C; 141 the \
reader of the output is gone.";

/// Options of every verb.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Give the result as one JSON object
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// Where networks run.
#[derive(Debug, Args)]
pub(crate) struct DeviceArgs {
    /// The backend, such as `flex`; by default the variable BURN_DEVICE or the first one compiled in
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
}

impl DeviceArgs {
    pub(crate) fn open(&self) -> Result<Device, Failure> {
        let selected = match &self.device {
            Some(name) => thalweg::device::resolve(name),
            None => thalweg::device::from_env(),
        };
        Ok(selected?.device)
    }

    /// The density of a table in a file.
    pub(crate) fn load(&self, model: &Path) -> Result<FittedDensity, Failure> {
        Loaded::open(model, None, &self.open()?)?.table(model)
    }
}

/// How a model is opened.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// Channels, height and width of the images of a NICE that a Rust program saved, whose file does not say them
    /// [default: square images, grey or in colour]
    #[arg(long, value_name = "CxHxW")]
    shape: Option<Shape>,
    #[command(flatten)]
    device: DeviceArgs,
}

impl OpenArgs {
    pub(crate) fn device(&self) -> Result<Device, Failure> {
        self.device.open()
    }

    pub(crate) fn has_shape(&self) -> bool {
        self.shape.is_some()
    }

    /// The model in a file.
    pub(crate) fn model(&self, model: &Path) -> Result<Loaded, Failure> {
        self.model_on(model, &self.device()?)
    }

    /// The model in a file, on a device.
    pub(crate) fn model_on(&self, model: &Path, device: &Device) -> Result<Loaded, Failure> {
        Loaded::open(model, self.shape, device)
    }

    /// The density of images in a file.
    pub(crate) fn images(&self, model: &Path) -> Result<AnyImages, Failure> {
        self.model(model)?.images(model)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Fit(Box<fit::Fit>),
    Score(score::Score),
    Sample(sample::Sample),
    Encode(encode::Encode),
    Decode(decode::Decode),
    Interpolate(interpolate::Interpolate),
    Report(report::Report),
    Compare(compare::Compare),
    Check(check::Check),
    Convert(convert::Convert),
    Info(info::Info),
    Bench(bench::Bench),
    View(view::View),
    Init(init::Init),
    Completions(shell::Completions),
    Man(shell::Man),
}

impl Verb {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        match self {
            Self::Fit(verb) => verb.run(console),
            Self::Score(verb) => verb.run(console),
            Self::Sample(verb) => verb.run(console),
            Self::Encode(verb) => verb.run(console),
            Self::Decode(verb) => verb.run(console),
            Self::Interpolate(verb) => verb.run(console),
            Self::Report(verb) => verb.run(console),
            Self::Compare(verb) => verb.run(console),
            Self::Check(verb) => verb.run(console),
            Self::Convert(verb) => verb.run(console),
            Self::Info(verb) => verb.run(console),
            Self::Bench(verb) => verb.run(console),
            Self::View(verb) => verb.run(console),
            Self::Init(verb) => verb.run(),
            Self::Completions(verb) => verb.run(),
            Self::Man(verb) => verb.run(),
        }
    }
}
