//! `thalweg check`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;
use thalweg::check::{Check as Report, Options, Verdict, check_file};
use thalweg::data::Table;
use thalweg::images::FILE_KIND;
use thalweg::models::file;
use thalweg::tabular::DensityError;

use crate::command::OpenArgs;
use crate::console::Console;
use crate::data::CsvArgs;
use crate::failure::Failure;
use crate::images::{ImageChunks, are_images};
use crate::model::TABLE;
use crate::outputs::{ForceArgs, Output};
use crate::vectors;

/// Check how far the numbers of a model can be trusted
///
/// Measures the flow of the numbers: round trips of each layer both ways, log-determinants against Jacobians, condition
/// numbers, saturated and dead scales, overflows, the integral of the density in one and two dimensions, the compiled form.
/// Of a table the first 256 rows that have a density are read, and of images the first 256. Ends with exit code 1 if a measure failed.
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
        self.force.allow(&self.output, Output::Report)?;
        let options = Options::default();
        match file::kind(&self.model)?.as_str() {
            TABLE => {}
            kind if kind == FILE_KIND || self.is_about_images() => {
                return self.report(&[self.of_images(&options)?], console);
            }
            _ => return self.report(&[self.of_file(&options, console)?], console),
        }
        let model = self.open.model(&self.model)?.table(&self.model)?;
        let flows = model.flow_count();
        if flows == 0 {
            let problem = "the density has no flow of numbers, so there is nothing to check";
            return Err(Failure::Usage(problem.to_owned()));
        }
        let files = self.files(flows);
        self.force.allow(files.iter().flatten(), Output::Report)?;
        let table = match &self.data {
            Some(name) => {
                let chunks = self.csv.chunks(name, &model, false)?;
                let has_density = |table: &Table| {
                    let scores = model.log_prob(table)?;
                    Ok(scores.iter().map(Result::is_ok).collect())
                };
                let first = chunks.first(options.rows, has_density)?;
                console.note(format!(
                    "measured on the first {} rows that have a density",
                    first.rows()
                ));
                first
            }
            None => match model.sample(options.rows, 0) {
                Err(DensityError::NoConditions(_)) => {
                    let problem = "the density has conditions; give a table with them: `thalweg check MODEL TABLE`";
                    return Err(Failure::Usage(problem.to_owned()));
                }
                drawn => drawn?,
            },
        };
        self.report(&model.check(&table, &options)?, console)
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
                let chunks = self.csv.all_chunks(name, false)?;
                let first = chunks.first(options.rows, |table| Ok(vec![true; table.rows()]))?;
                console.note(format!("measured on the first {} rows", first.rows()));
                Some(vectors::all(&first, &device)?)
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
            Some(name) => ImageChunks::open(name, &model)?.first(options.rows)?,
            None => model.sample(DRAWN, 1.0, options.seed)?,
        };
        Ok(model.check(&images, options)?)
    }

    /// The files that each report goes to.
    fn files(&self, reports: usize) -> Vec<Vec<PathBuf>> {
        let of = |output: &PathBuf, report| match reports {
            1 => output.clone(),
            _ => numbered(output, report),
        };
        let files = |report| {
            self.output
                .iter()
                .map(|output| of(output, report))
                .collect()
        };
        (1..=reports).map(files).collect()
    }

    fn report(&self, reports: &[Report], console: &Console) -> Result<(), Failure> {
        for (report, files) in reports.iter().zip(self.files(reports.len())) {
            for file in files {
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
