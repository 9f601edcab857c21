//! `thalweg check`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use thalweg::check::{Check as Report, Options, Verdict, check_file};
use thalweg::data::CsvOptions;
use thalweg::images::FILE_KIND;
use thalweg::models::file;
use thalweg::tabular::DensityError;

use crate::command::{ForceArgs, OpenArgs};
use crate::console::Console;
use crate::data::CsvArgs;
use crate::failure::Failure;
use crate::images::{ImageChunks, are_images};
use crate::model::TABLE;
use crate::vectors;

/// Check how far the numbers of a model can be trusted
///
/// Measures the flow of the numbers: round trips of each layer both ways, log-determinants against Jacobians, condition
/// numbers, saturated and dead scales, overflows, the integral of the density in one and two dimensions, the compiled form.
/// Ends with exit code 1 if a measure failed.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The model, of `thalweg fit`, `thalweg convert` or a Rust program
    model: PathBuf,
    /// The rows or images to measure with [default: those drawn from the model]
    data: Option<String>,
    /// Files of the report too: .png, .svg, .json or .txt
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    #[command(flatten)]
    force: ForceArgs,
    #[command(flatten)]
    open: OpenArgs,
    #[command(flatten)]
    csv: CsvArgs,
}

/// Images that are drawn to measure with.
const DRAWN: usize = 64;

impl Check {
    pub(crate) fn run(&self, console: &Console) -> Result<(), Failure> {
        self.force.allow(&self.output)?;
        let options = Options::default();
        match file::kind(&self.model)?.as_str() {
            TABLE => {}
            kind if kind == FILE_KIND || self.is_about_images() => {
                return self.report(&[self.of_images(&options)?], console);
            }
            _ => return self.report(&[self.of_file(&options, console)?], console),
        }
        let model = self.open.model(&self.model)?.table(&self.model)?;
        let table = match &self.data {
            Some(name) => self.csv.table(name, model.csv_options(), console)?,
            None => match model.sample(options.rows, 0) {
                Err(DensityError::NoConditions(_)) => {
                    let problem = "the density has conditions; give a table with them: `thalweg check MODEL TABLE`";
                    return Err(Failure::Usage(problem.to_owned()));
                }
                drawn => drawn?,
            },
        };
        let reports = model.check(&table, &options)?;
        if reports.is_empty() {
            let problem = "the density has no flow of numbers, so there is nothing to check";
            return Err(Failure::Usage(problem.to_owned()));
        }
        self.report(&reports, console)
    }

    /// Whether the data are images, or the model is said to be one of images.
    fn is_about_images(&self) -> bool {
        self.open.has_shape() || self.data.as_deref().is_some_and(are_images)
    }

    /// The report on a model that is no density of a table: features and then conditions are the columns, in order.
    fn of_file(&self, options: &Options, console: &Console) -> Result<Report, Failure> {
        let device = self.open.device()?;
        let rows = match &self.data {
            Some(name) => {
                let table = self.csv.table(name, CsvOptions::new(), console)?;
                Some(vectors::all(&table, &device)?)
            }
            None => None,
        };
        Ok(check_file(&self.model, rows.as_ref(), options, &device)?)
    }

    /// The report on a density of images.
    fn of_images(&self, options: &Options) -> Result<Report, Failure> {
        self.csv.refuse_for_images()?;
        let model = self.open.images(&self.model)?;
        let images = match &self.data {
            Some(name) => ImageChunks::open(name, &model)?.all()?,
            None => model.sample(DRAWN, 1.0, options.seed)?,
        };
        Ok(model.check(&images, options)?)
    }

    fn report(&self, reports: &[Report], console: &Console) -> Result<(), Failure> {
        for output in &self.output {
            for (member, report) in reports.iter().enumerate() {
                let file = if reports.len() == 1 {
                    output.clone()
                } else {
                    numbered(output, member + 1)
                };
                report.save(&file)?;
                console.note(format!("written to {}", file.display()));
            }
        }
        console.result(
            || reports.iter().map(|report| format!("{report}\n")).collect(),
            || reports.iter().map(object).collect(),
        )?;
        let failed = reports
            .iter()
            .filter(|report| report.verdict == Verdict::Failed)
            .count();
        match failed {
            0 => Ok(()),
            failed => Err(Failure::Unsound {
                failed,
                all: reports.len(),
            }),
        }
    }
}

/// The file of one member's report: `report.png` gives `report-1.png`.
fn numbered(path: &Path, member: usize) -> PathBuf {
    let [stem, end] =
        [path.file_stem(), path.extension()].map(|part| part.unwrap_or_default().to_string_lossy());
    path.with_file_name(format!("{stem}-{member}.{end}"))
}

fn object(report: &Report) -> Value {
    serde_json::from_str(&report.to_json()).unwrap_or(Value::Null)
}
