use std::io;
use std::path::{Path, PathBuf};

use super::log_file::{LogError, LogFile, first_new, foreign, signal, whole_lines};
use crate::{Callback, Progress, Signal};

/// Writes one row of comma-separated values for each epoch.
///
/// The file is created, or emptied, when the run begins, with the header `epoch, step, loss,
/// validation, step_size, seconds` and the chosen metrics. Each row is handed to the system at
/// once, so that a run that is killed leaves all rows before. A number that does not exist is
/// an empty field.
///
/// A run that goes on keeps the rows of the epochs before. If the chosen metrics are others by then,
/// the file is written anew under a header that has all of them; columns that are no longer chosen
/// stay.
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
/// use thalweg_train::{CsvLog, Signal, Trainer, on_epoch_end};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-csv-log-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("log.csv");
/// let double = on_epoch_end(|progress, _: &Mean| Signal::metric("double", 2.0 * progress.epoch as f64));
/// let log = CsvLog::new(&path).metrics(["double"]);
/// Trainer::new(3, 0.5).fit(model, sgd, &data, loss, &mut (double, log)).finish()?;
/// let text = std::fs::read_to_string(&path)?;
/// # std::fs::remove_dir_all(folder).ok();
/// assert_eq!(text.lines().count(), 1 + 3);
/// assert!(text.starts_with("epoch,step,loss,validation,step_size,seconds,double"));
/// assert!(text.trim_end().ends_with(",4"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CsvLog {
    path: PathBuf,
    metrics: Vec<String>,
    /// All columns of the file.
    columns: Vec<String>,
    writer: Option<csv::Writer<LogFile>>,
}

impl CsvLog {
    /// A log in this file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            metrics: Vec::new(),
            columns: Vec::new(),
            writer: None,
        }
    }

    /// Adds a column for each of these metrics.
    pub fn metrics<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        for name in names.into_iter().map(Into::into) {
            if !self.metrics.contains(&name) {
                self.metrics.push(name);
            }
        }
        self
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The first lines of the file: the header, and the rows of earlier epochs with their values.
    fn carry(&mut self, old: &str, epoch: usize) -> Result<String, LogError> {
        let wanted = FIXED.into_iter().map(str::to_owned);
        self.columns = wanted.chain(self.metrics.iter().cloned()).collect();
        let (whole, torn) = whole_lines(old);
        let mut reader = csv::Reader::from_reader(whole.as_bytes());
        let header = reader.headers()?.clone();
        if whole.is_empty() {
            let own = FIXED.join(",");
            if !(own.starts_with(torn) || torn.starts_with(&own)) {
                return Err(foreign(&format!("it holds {torn:?}")));
            }
        } else if !header.iter().take(FIXED.len()).eq(FIXED) {
            let line = whole.lines().next().unwrap_or_default();
            return Err(foreign(&format!("its first line is {line:?}")));
        }
        // Columns that are no longer chosen stay, behind the others.
        for name in header.iter().skip(FIXED.len()) {
            if !self.metrics.iter().any(|metric| metric == name) {
                self.columns.push(name.to_owned());
            }
        }
        let place = |column: &String| header.iter().position(|name| name == column);
        let places: Vec<Option<usize>> = self.columns.iter().map(place).collect();
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.columns)?;
        for (index, row) in reader.records().enumerate() {
            let row = row.ok().filter(|row| row[0].parse::<usize>().is_ok());
            let row = row.ok_or_else(|| foreign(&format!("its row {} is none", index + 1)))?;
            if row[0].parse::<usize>().is_ok_and(|at| at < epoch) {
                let fields = places.iter().map(|place| row.get((*place)?));
                writer.write_record(fields.map(Option::unwrap_or_default))?;
            }
        }
        let bytes = writer.into_inner().map_err(|error| error.into_error())?;
        String::from_utf8(bytes).map_err(|error| io::Error::other(error).into())
    }

    fn begin(&mut self, progress: &Progress) -> Result<(), LogError> {
        self.writer = None;
        if let Some(name) = self
            .metrics
            .iter()
            .find(|name| FIXED.contains(&name.as_str()))
        {
            return Err(LogError::Refused(format!(
                "the metric {name:?} has the name of a column that every log has; give it another"
            )));
        }
        let epoch = first_new(progress);
        let path = self.path.clone();
        let file = LogFile::open(&path, |old| self.carry(old, epoch))?;
        self.writer = Some(csv::WriterBuilder::new().from_writer(file));
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
        let metrics = self.columns.iter().skip(FIXED.len());
        row.extend(metrics.map(|name| field(progress.metrics.get(name).copied())));
        writer.write_record(row)?;
        writer.flush()
    }
}

/// The columns of every log.
const FIXED: [&str; 6] = [
    "epoch",
    "step",
    "loss",
    "validation",
    "step_size",
    "seconds",
];

impl<M> Callback<M> for CsvLog {
    fn on_train_begin(&mut self, progress: &Progress, _model: &M) -> Signal {
        let result = self.begin(progress);
        signal(result, &self.path)
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let result = self.row(progress);
        signal(result, &self.path)
    }

    fn on_train_end(&mut self, _progress: &Progress, _model: &M) -> Signal {
        self.writer = None;
        Signal::CONTINUE
    }
}
