use std::collections::BTreeMap;

use burn::tensor::Device;

use crate::{Progress, Remember, State, StateError};

/// One epoch of a [`History`]; the fields are those of [`Progress`] at the epoch's end.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EpochRecord {
    /// The epoch, counted from 0.
    pub epoch: usize,
    /// Steps made since the start of the run.
    pub step: usize,
    /// Mean training loss over the epoch, if it was read.
    pub loss: Option<f64>,
    /// Validation loss, if this epoch was validated.
    pub validation: Option<f64>,
    /// The size of the epoch's last step.
    pub step_size: f64,
    /// Seconds since the start of the run.
    pub seconds: f64,
    /// What callbacks measured.
    pub metrics: BTreeMap<String, f64>,
}

impl From<&Progress> for EpochRecord {
    fn from(progress: &Progress) -> Self {
        Self {
            epoch: progress.epoch,
            step: progress.step,
            loss: progress.loss,
            validation: progress.validation,
            step_size: progress.step_size,
            seconds: progress.elapsed.as_secs_f64(),
            metrics: progress.metrics.clone(),
        }
    }
}

/// What happened, epoch by epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    epochs: Vec<EpochRecord>,
}

impl History {
    pub(crate) fn push(&mut self, progress: &Progress) {
        self.epochs.push(progress.into());
    }

    /// The epochs in order.
    pub fn epochs(&self) -> &[EpochRecord] {
        &self.epochs
    }

    /// The mean training loss of each epoch in which it was read.
    pub fn losses(&self) -> Vec<f64> {
        self.epochs.iter().filter_map(|row| row.loss).collect()
    }

    /// The validation loss of each epoch that was validated.
    pub fn validations(&self) -> Vec<f64> {
        self.epochs
            .iter()
            .filter_map(|row| row.validation)
            .collect()
    }

    /// One metric over the epochs in which it was measured.
    pub fn metric(&self, name: &str) -> Vec<f64> {
        let values = self.epochs.iter().map(|row| row.metrics.get(name));
        values.flatten().copied().collect()
    }
}

impl Remember for EpochRecord {
    fn save(&self, name: &str, state: &mut State) {
        let mut row = State::default();
        self.epoch.save("epoch", &mut row);
        self.step.save("step", &mut row);
        self.loss.save("loss", &mut row);
        self.validation.save("validation", &mut row);
        self.step_size.save("step_size", &mut row);
        self.seconds.save("seconds", &mut row);
        self.metrics.save("metrics", &mut row);
        row.save(name, state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        let row = State::restore(name, state, device)?;
        Ok(Self {
            epoch: Remember::restore("epoch", &row, device)?,
            step: Remember::restore("step", &row, device)?,
            loss: Remember::restore("loss", &row, device)?,
            validation: Remember::restore("validation", &row, device)?,
            step_size: Remember::restore("step_size", &row, device)?,
            seconds: Remember::restore("seconds", &row, device)?,
            metrics: Remember::restore("metrics", &row, device)?,
        })
    }
}

impl Remember for History {
    fn save(&self, name: &str, state: &mut State) {
        self.epochs.save(name, state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        let epochs = Vec::restore(name, state, device)?;
        Ok(Self { epochs })
    }
}
