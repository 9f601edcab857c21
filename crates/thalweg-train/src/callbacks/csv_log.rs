use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::log_file;
use crate::{Callback, Progress, Signal, TrainError};

/// Writes one row of comma-separated values for each epoch.
///
/// The file is created, or emptied, when the run begins (a run that goes on appends), with the header `epoch, step, loss,
/// validation, step_size, seconds` and the chosen metrics. Each row is handed to the system at
/// once, so that a run that is killed leaves all rows before. A number that does not exist is
/// an empty field. An error ends the run as [`TrainError::Log`].
#[derive(Debug)]
pub struct CsvLog {
    path: PathBuf,
    metrics: Vec<String>,
    writer: Option<csv::Writer<File>>,
}

impl CsvLog {
    /// A log in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            metrics: Vec::new(),
            writer: None,
        }
    }

    /// Adds a column for each of these metrics.
    pub fn metrics<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.metrics.extend(names.into_iter().map(Into::into));
        self
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn begin(&mut self, progress: &Progress) -> io::Result<()> {
        let epoch = |line: &str| line.split(',').next()?.parse().ok();
        let file = log_file::open(&self.path, progress, 1, epoch)?;
        let has_header = file.metadata()?.len() > 0;
        let mut writer = csv::Writer::from_writer(file);
        if has_header {
            self.writer = Some(writer);
            return Ok(());
        }
        let fixed = [
            "epoch",
            "step",
            "loss",
            "validation",
            "step_size",
            "seconds",
        ];
        writer.write_record(
            fixed
                .into_iter()
                .chain(self.metrics.iter().map(String::as_str)),
        )?;
        writer.flush()?;
        self.writer = Some(writer);
        Ok(())
    }

    fn row(&mut self, progress: &Progress) -> io::Result<()> {
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        let field = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        let mut row = vec![
            progress.epoch.to_string(),
            progress.step.to_string(),
            field(progress.loss),
            field(progress.validation),
            progress.step_size.to_string(),
            progress.elapsed.as_secs_f64().to_string(),
        ];
        let metrics = self.metrics.iter();
        row.extend(metrics.map(|name| field(progress.metrics.get(name).copied())));
        writer.write_record(row)?;
        writer.flush()
    }

    fn signal(&self, result: io::Result<()>) -> Signal {
        match result {
            Ok(()) => Signal::CONTINUE,
            Err(source) => Signal::fail(TrainError::Log {
                path: self.path.clone(),
                source,
            }),
        }
    }
}

impl<M> Callback<M> for CsvLog {
    fn on_train_begin(&mut self, progress: &Progress, _model: &M) -> Signal {
        let result = self.begin(progress);
        self.signal(result)
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let result = self.row(progress);
        self.signal(result)
    }
}
