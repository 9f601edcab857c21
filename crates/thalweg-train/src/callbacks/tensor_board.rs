use std::io;
use std::path::{Path, PathBuf};

use super::log_file::{Claim, LogError, signal};
use crate::event_file::EventFile;
use crate::{Callback, Progress, Signal};

/// Writes the files that TensorBoard shows: numbers and pictures over steps.
///
/// At the end of each epoch come `loss`, `validation`, `step_size`, the metrics, and the pictures
/// that the callbacks before this one have drawn ([`DrawSamples`](crate::DrawSamples)); with
/// [`every_steps`](Self::every_steps) also `batch/loss` and `batch/step_size`. A run that goes on
/// writes a new file, which replaces the later steps of earlier files. Each run needs its own folder; `tensorboard --logdir` takes the folder above them. An error ends the run as
/// [`TrainError::Log`](crate::TrainError::Log), a folder that another callback writes to as
/// [`TrainError::LogRefused`](crate::TrainError::LogRefused).
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
/// use thalweg_train::{TensorBoard, Trainer};
///
/// # let folder = std::env::temp_dir().join(format!("thalweg-board-{}", std::process::id()));
/// let mut board = TensorBoard::new(&folder).every_steps(100);
/// Trainer::new(3, 0.5).fit(model, sgd, &data, loss, &mut board).finish()?;
/// assert_eq!(std::fs::read_dir(board.folder())?.count(), 1);
/// # std::fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TensorBoard {
    folder: PathBuf,
    every_steps: Option<usize>,
    events: Option<(EventFile, Claim)>,
}

impl TensorBoard {
    /// Files in this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            every_steps: None,
            events: None,
        }
    }

    /// Notes the last loss that was read after every n-th step too.
    ///
    /// # Panics
    /// If `steps` is 0.
    pub fn every_steps(mut self, steps: usize) -> Self {
        assert!(
            steps > 0,
            "losses cannot be noted every 0 steps; use 1 or more"
        );
        self.every_steps = Some(steps);
        self
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn batch(&mut self, progress: &Progress) -> io::Result<()> {
        let due = |steps| progress.step.is_multiple_of(steps);
        let Some((events, _)) = &mut self.events else {
            return Ok(());
        };
        if !self.every_steps.is_some_and(due) {
            return Ok(());
        }
        let loss = progress.loss.map(|loss| ("batch/loss", loss));
        let step_size = ("batch/step_size", progress.step_size);
        events.scalars(progress.step, loss.into_iter().chain([step_size]))
    }

    fn epoch(&mut self, progress: &Progress) -> io::Result<()> {
        let Some((events, _)) = &mut self.events else {
            return Ok(());
        };
        let losses = [("loss", progress.loss), ("validation", progress.validation)];
        let losses = losses.into_iter();
        let losses = losses.filter_map(|(name, loss)| Some((name, loss?)));
        let metrics = progress.metrics.iter();
        let metrics = metrics.map(|(name, value)| (name.as_str(), *value));
        let step_size = ("step_size", progress.step_size);
        events.scalars(progress.step, losses.chain([step_size]).chain(metrics))?;
        for (name, path) in &progress.pictures {
            events.picture(progress.step, name, path)?;
        }
        Ok(())
    }

    fn begin(&mut self, step: usize) -> Result<(), LogError> {
        self.events = None;
        // The events of the steps so far stay.
        let events = EventFile::create(&self.folder, step + 1)?;
        let claim = Claim::new(&self.folder.canonicalize()?)?;
        self.events = Some((events, claim));
        Ok(())
    }
}

impl<M> Callback<M> for TensorBoard {
    fn on_train_begin(&mut self, progress: &Progress, _model: &M) -> Signal {
        let result = self.begin(progress.step);
        signal(result, &self.folder)
    }

    fn on_batch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let result = self.batch(progress);
        signal(result, &self.folder)
    }

    fn on_epoch_end(&mut self, progress: &Progress, _model: &M) -> Signal {
        let result = self.epoch(progress);
        signal(result, &self.folder)
    }

    fn on_train_end(&mut self, _progress: &Progress, _model: &M) -> Signal {
        self.events = None;
        Signal::CONTINUE
    }
}
