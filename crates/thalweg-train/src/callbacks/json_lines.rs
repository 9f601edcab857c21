use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::log_file::{LogError, LogFile, first_new, foreign, signal, whole_lines};
use crate::{Callback, Progress, Signal};

/// Writes one JSON object a line for each epoch, all metrics included.
///
/// The file is created, or emptied, when the run begins; a run that goes on keeps the lines of the
/// epochs before. Each line is handed to the system at once. The keys are `epoch`, `step`, `loss`,
/// `validation`, `step_size`, `seconds` and `metrics` (an object); a number that does not exist or is
/// not finite is `null`.
///
/// An error ends the run as [`TrainError::Log`](crate::TrainError::Log); a file that is no such log,
/// or that another callback writes to, as [`TrainError::LogRefused`](crate::TrainError::LogRefused).
///
/// ```
/// # use burn::module::{Module, Param};
/// # use burn::optim::SgdConfig;
/// # use burn::tensor::{Device, Tensor};
/// # use thalweg_optim::SingleGradient;
/// # use thalweg_train::Data;
/// # #[derive(Module, Debug)]
/// # struct Mean { mean: Param<Tensor<1>> }
/// # let device = Device::default();
/// # let model = Mean { mean: Param::from_data([0.0], &device.clone().autodiff()) };
/// # let sgd = SingleGradient::new(SgdConfig::new().init());
/// # let data = Data::train(|_epoch| vec![Tensor::<1>::from_data([1.0, 3.0], &device)]);
/// # let loss = |model: &Mean, x: Tensor<1>, _seed| (x - model.mean.val()).square().mean() * 0.5;
/// use thalweg_train::{JsonLines, Trainer};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-json-log-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("log.jsonl");
/// let mut log = JsonLines::new(&path);
/// Trainer::new(3, 0.5).fit(model, sgd, &data, loss, &mut log).finish()?;
/// let text = std::fs::read_to_string(&path)?;
/// # std::fs::remove_dir_all(folder).ok();
/// assert_eq!(text.lines().count(), 3);
/// assert!(text.starts_with('{') && text.contains("\"epoch\":2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct JsonLines {
    path: PathBuf,
    file: Option<LogFile>,
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

/// The first lines of the file: the rows of earlier epochs.
fn carry(old: &str, epoch: usize) -> Result<String, LogError> {
    let (whole, torn) = whole_lines(old);
    let own = "{\"epoch\":";
    if whole.is_empty() && !(own.starts_with(torn) || torn.starts_with(own)) {
        return Err(foreign(&format!("it holds {torn:?}")));
    }
    let mut kept = String::new();
    for (index, line) in whole.split_inclusive('\n').enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let at = epoch_of(line);
        let at = at.ok_or_else(|| foreign(&format!("its line {} is none", index + 1)))?;
        if at < epoch as u64 {
            kept += line;
        }
    }
    Ok(kept)
}

/// The epoch of a line of this log.
fn epoch_of(line: &str) -> Option<u64> {
    let row: serde_json::Value = serde_json::from_str(line).ok()?;
    let own = ["step", "step_size", "metrics"];
    let epoch = row.get("epoch")?.as_u64()?;
    own.iter()
        .all(|key| row.get(key).is_some())
        .then_some(epoch)
}

impl<M> Callback<M> for JsonLines {
    fn on_train_begin(&mut self, progress: &Progress, _model: &M) -> Signal {
        self.file = None;
        let epoch = first_new(progress);
        let file = LogFile::open(&self.path, |old| carry(old, epoch));
        let result = file.map(|file| self.file = Some(file));
        signal(result, &self.path)
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let result = self.row(progress);
        signal(result, &self.path)
    }

    fn on_train_end(&mut self, _progress: &Progress, _model: &M) -> Signal {
        self.file = None;
        Signal::CONTINUE
    }
}
