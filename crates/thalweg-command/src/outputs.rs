//! Files that a command is going to write, checked before any work: hours of it may lie between.

use std::path::{Path, PathBuf};

use clap::Args;
use thalweg::data::TableWriter;
use thalweg::plot::ReportFormat;

use crate::failure::Failure;

/// Whether files are overwritten.
#[derive(Debug, Args)]
pub(crate) struct ForceArgs {
    /// Overwrite files
    #[arg(long)]
    force: bool,
}

/// What a file is to hold, which its ending must allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// A model, whatever its name.
    Model,
    /// Options, whatever the name.
    Options,
    /// A table: CSV or Parquet.
    Table,
    /// Scores: a table, or JSON lines.
    Scores,
    /// Latents of images: a table, or a tensor.
    Latents,
    /// A report: a picture, JSON or text.
    Report,
    /// One file of images.
    Images,
}

impl Output {
    /// Refuses an ending of another format.
    fn check_ending(self, path: &Path) -> Result<(), Failure> {
        let ends = |ending: &str| path.extension().is_some_and(|found| found == ending);
        match self {
            Self::Model | Self::Options | Self::Images => Ok(()),
            Self::Scores if ends("jsonl") => Ok(()),
            Self::Latents if ends("safetensors") => Ok(()),
            Self::Table | Self::Scores | Self::Latents => Ok(TableWriter::check(path)?),
            Self::Report => Ok(ReportFormat::of(path).map(drop)?),
        }
    }
}

impl ForceArgs {
    /// Refuses files of another ending, files that are there, unless they may be overwritten, and places where no file can be
    /// written.
    pub(crate) fn allow<'a>(
        &self,
        files: impl IntoIterator<Item = &'a PathBuf>,
        output: Output,
    ) -> Result<(), Failure> {
        let mut folder = None;
        files.into_iter().try_for_each(|file| {
            output.check_ending(file)?;
            if file.exists() && !file.is_dir() && !self.force {
                return Err(Failure::Exists(file.clone()));
            }
            // Of many files in one folder the first one says whether it can be written.
            if file.is_dir() || folder != file.parent() {
                folder = file.parent();
                thalweg_file::writable(file).map_err(|problem| Failure::Io {
                    path: file.clone(),
                    problem,
                })?;
            }
            Ok(())
        })
    }
}
