use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::{Device, TensorData};

use crate::Progress;
use thalweg_optim::{Remember, State, StateError};

/// One epoch of a [`History`]; the fields are those of [`Progress`] at the epoch's end.
///
/// See [`History`] for an example.
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
    /// The metrics of callbacks.
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

/// The record of a run, epoch by epoch.
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
/// use thalweg_train::{EpochRecord, History, Signal, Trainer, on_epoch_end};
///
/// let held_out = Tensor::<1>::from_data([2.0], &device);
/// let data = data.validate(|_epoch| vec![held_out.clone()]);
/// let mut double = on_epoch_end(|progress, _: &Mean| Signal::metric("double", 2.0 * progress.epoch as f64));
/// let trained = Trainer::new(3, 0.5).fit(model, sgd, &data, loss, &mut double);
/// let history: &History = &trained.history;
/// let losses = history.losses();
/// assert!(losses.len() == 3 && losses[2] < losses[0]);
/// // (m − 2)²/2 at the means m = 1, 1.5 and 1.75.
/// assert_eq!(history.validations(), [0.5, 0.125, 0.03125]);
/// assert_eq!(history.metric("double"), [0.0, 2.0, 4.0]);
/// let last: &EpochRecord = &history.epochs()[2];
/// assert_eq!((last.epoch, last.step, last.step_size), (2, 3, 0.5));
/// assert_eq!(last.validation, Some(0.03125));
/// ```
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

/// As columns: a row by itself would be a dozen names, and a long run is saved after each epoch.
impl Remember for History {
    fn save(&self, name: &str, state: &mut State) {
        let mut columns = State::default();
        let option = |value: Option<f64>| [f64::from(value.is_some()), value.unwrap_or(0.0)];
        let rows = self.epochs.iter().flat_map(|row| {
            let [has_loss, loss] = option(row.loss);
            let [is_validated, validation] = option(row.validation);
            let counts = [row.epoch as f64, row.step as f64];
            let losses = [has_loss, loss, is_validated, validation];
            counts
                .into_iter()
                .chain(losses)
                .chain([row.step_size, row.seconds])
        });
        let rows: Vec<f64> = rows.collect();
        TensorData::new(rows, [self.epochs.len(), COLUMNS]).save("rows", &mut columns);

        let names: BTreeSet<&String> = self
            .epochs
            .iter()
            .flat_map(|row| row.metrics.keys())
            .collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        for (index, name) in names.iter().enumerate() {
            let values = self.epochs.iter().enumerate();
            let values = values.filter_map(|(row, record)| {
                let value = record.metrics.get(name)?;
                Some([row as f64, *value])
            });
            let values: Vec<f64> = values.flatten().collect();
            let count = values.len() / 2;
            TensorData::new(values, [count, 2]).save(&format!("metric.{index}"), &mut columns);
        }
        names.save("metrics", &mut columns);
        columns.save(name, state);
    }

    fn restore(name: &str, state: &State, device: &Device) -> Result<Self, StateError> {
        let columns = State::restore(name, state, device)?;
        let numbers = |name: &str| -> Result<Vec<f64>, StateError> {
            let data = TensorData::restore(name, &columns, device)?;
            data.try_to_vec()
                .map_err(|error| StateError::unusable(name, error))
        };
        let rows = numbers("rows")?;
        let mut epochs: Vec<EpochRecord> = rows.chunks_exact(COLUMNS).map(record).collect();
        let names: Vec<String> = Remember::restore("metrics", &columns, device)?;
        for (index, metric) in names.into_iter().enumerate() {
            let column = format!("metric.{index}");
            for pair in numbers(&column)?.chunks_exact(2) {
                let row = epochs.get_mut(pair[0] as usize);
                let row = row.ok_or_else(|| StateError::unusable(&column, "a row is missing"))?;
                row.metrics.insert(metric.clone(), pair[1]);
            }
        }
        Ok(Self { epochs })
    }
}

/// Numbers of a row.
const COLUMNS: usize = 8;

fn record(row: &[f64]) -> EpochRecord {
    let option = |at: usize| (row[at] != 0.0).then_some(row[at + 1]);
    EpochRecord {
        epoch: row[0] as usize,
        step: row[1] as usize,
        loss: option(2),
        validation: option(4),
        step_size: row[6],
        seconds: row[7],
        metrics: BTreeMap::new(),
    }
}
