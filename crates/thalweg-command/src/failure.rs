//! Why a command ends early, and its exit code.

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use thalweg::data::DataError;
use thalweg::device::DeviceError;
use thalweg::flow::FlowError;
use thalweg::images::{CodesError, ImagesError};
use thalweg::metrics::MetricError;
use thalweg::models::file::ModelFileError;
use thalweg::plot::PlotError;
use thalweg::tabular::{DensityError, KindError};
use thiserror::Error;

/// Why a command ends early.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Check(#[from] thalweg::check::CheckError),
    #[error(transparent)]
    Convert(#[from] thalweg::convert::ConvertError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Density(#[from] DensityError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error(transparent)]
    File(#[from] ModelFileError),
    #[error(transparent)]
    Images(#[from] ImagesError),
    #[error(transparent)]
    Codes(#[from] CodesError),
    #[error(transparent)]
    Flow(#[from] FlowError),
    #[error(transparent)]
    Kind(#[from] KindError),
    #[error(transparent)]
    Plot(#[from] PlotError),
    #[error(transparent)]
    Metric(#[from] MetricError),
    #[error(transparent)]
    View(#[from] thalweg_view::ViewError),
    #[error("{}: {problem}", path.display())]
    Io { path: PathBuf, problem: io::Error },
    #[error("the standard output: {0}")]
    Output(#[from] io::Error),
    #[error("{} exists; write to another file with `-o`, or overwrite it with `--force`", .0.display())]
    Exists(PathBuf),
    #[error(
        "{place}: {problem}; go on after such rows with `--on-error mark` or `--on-error skip`"
    )]
    Row { place: String, problem: String },
    #[error("{}: {kind}, which this verb does not take; {verbs} do", path.display())]
    OtherKind {
        path: PathBuf,
        kind: String,
        verbs: &'static str,
    },
    #[error(
        "{}: {kind}, which knows no names of columns, no kinds and no rows that a fit held out, so there is no report; `thalweg \
         compare` gives its mean nats on a table, `thalweg check` says how far they can be trusted, and `thalweg fit` of the \
         same table makes a density with a report",
        path.display()
    )]
    NoReport { path: PathBuf, kind: String },
    #[error("{problem}")]
    Image { problem: String },
    #[error(
        "nothing inside the program is called \"{0}\"; weather and penguins are tables, and digits, faces and fashion are images"
    )]
    Embedded(String),
    #[error(
        "the model is not that of the checkpoint: a log-density of {at} nats in {library} differs by {largest:.1e}; say \
         with `--config` what the state dict does not tell, such as the activation, or allow more with `--tolerance`"
    )]
    Disagrees {
        library: thalweg::convert::Source,
        largest: f64,
        at: f64,
    },
    #[error("a measure of {failed} of {all} flows failed; see the findings above")]
    Unsound { failed: usize, all: usize },
    #[error("{0}")]
    Usage(String),
}

impl Failure {
    /// The error of a chunk that begins after `before` rows: it names the row of the table.
    pub(crate) fn of_row(error: DensityError, before: usize) -> Self {
        Self::Density(match error {
            DensityError::Latents {
                row,
                column,
                problem,
            } => DensityError::Latents {
                row: before + row,
                column,
                problem,
            },
            DensityError::NoDensity { row, problem } => DensityError::NoDensity {
                row: before + row,
                problem,
            },
            other => other,
        })
    }

    /// 1, but 2 for a wrong command line, 130 after Ctrl-C, and 141 when the reader of the output is gone: what a shell
    /// gives for programs that these signals end.
    pub(crate) fn code(&self) -> ExitCode {
        match self {
            Self::Usage(_) | Self::Kind(_) => ExitCode::from(2),
            Self::Density(DensityError::Interrupted) | Self::Images(ImagesError::Interrupted) => {
                ExitCode::from(130)
            }
            _ if self.is_broken_pipe() => ExitCode::from(141),
            _ => ExitCode::FAILURE,
        }
    }

    /// Whether the reader of the output is gone, which is no failure that needs words.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        let io = match self {
            Self::Output(error) => Some(error),
            Self::Data(DataError::Write { problem, .. }) => {
                problem.source().and_then(|source| source.downcast_ref())
            }
            _ => None,
        };
        io.is_some_and(|error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe)
    }
}
