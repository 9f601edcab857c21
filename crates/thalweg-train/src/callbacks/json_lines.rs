use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::log_file;
use crate::{Callback, Progress, Signal, TrainError};

/// Writes one JSON object a line for each epoch, all metrics included.
///
/// The file is created, or emptied, when the run begins; a run that goes on appends. Each line is handed to the system at
/// once. The keys are `epoch`, `step`, `loss`, `validation`, `step_size`, `seconds` and
/// `metrics` (an object); a number that does not exist or is not finite is `null`. An error ends
/// the run as [`TrainError::Log`].
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    file: Option<File>,
}

impl JsonLines {
    /// A log in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            file: None,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
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

    fn row(&mut self, progress: &Progress) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let row = json!({
            "epoch": progress.epoch,
            "step": progress.step,
            "loss": progress.loss,
            "validation": progress.validation,
            "step_size": progress.step_size,
            "seconds": progress.elapsed.as_secs_f64(),
            "metrics": progress.metrics,
        });
        // One write call a line: a reader never sees half of one.
        file.write_all(format!("{row}\n").as_bytes())
    }
}

impl<M> Callback<M> for JsonLines {
    fn on_train_begin(&mut self, progress: &Progress, _model: &M) -> Signal {
        let epoch = |line: &str| {
            let row: serde_json::Value = serde_json::from_str(line).ok()?;
            usize::try_from(row.get("epoch")?.as_u64()?).ok()
        };
        let file = log_file::open(&self.path, progress, 0, epoch);
        let result = file.map(|file| self.file = Some(file));
        self.signal(result)
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let result = self.row(progress);
        self.signal(result)
    }
}
