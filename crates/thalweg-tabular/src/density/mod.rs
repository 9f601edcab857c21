//! What to fit, and how.

mod check;
mod schema;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use burn::tensor::Device;
use thalweg_data::Table;
use thalweg_train::{Progress, Signal};

use crate::columns::Kind;
use crate::fit::fit;
use crate::parts::{Network, Watch};
use crate::schema::Missing;
use crate::{DensityError, FittedDensity};

/// A density of columns of a table, to be fitted: which columns, given which, and, where the defaults do not suit, how.
///
/// ```
/// use thalweg_data::nyc_weather;
/// use thalweg_tabular::Density;
///
/// let table = (&nyc_weather()).into();
/// let density = Density::of(["temp", "humid"]).given(["pressure"]);
/// println!("{}", density.describe(&table)?);
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Clone)]
pub struct Density {
    pub(crate) targets: Option<Vec<String>>,
    pub(crate) conditions: Vec<String>,
    pub(crate) without: Vec<String>,
    pub(crate) weights: Option<String>,
    pub(crate) kinds: BTreeMap<String, Kind>,
    pub(crate) missing: Missing,
    pub(crate) network: Option<Network>,
    pub(crate) members: Option<usize>,
    pub(crate) steps: Option<usize>,
    pub(crate) minutes: Option<f64>,
    pub(crate) calibrate: bool,
    pub(crate) seed: u64,
    pub(crate) progress: bool,
    pub(crate) resume: Option<PathBuf>,
    pub(crate) watch: Option<Watch>,
    pub(crate) device: Device,
}

impl Density {
    fn new(targets: Option<Vec<String>>) -> Self {
        Self {
            targets,
            conditions: vec![],
            without: vec![],
            weights: None,
            kinds: BTreeMap::new(),
            missing: Missing::Error,
            network: None,
            members: None,
            steps: None,
            minutes: None,
            calibrate: true,
            seed: 0,
            progress: false,
            resume: None,
            watch: None,
            device: Device::default(),
        }
    }

    /// The joint density of these columns.
    pub fn of<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self::new(Some(columns.into_iter().map(Into::into).collect()))
    }

    /// The joint density of all columns that have no other part to play.
    pub fn of_all() -> Self {
        Self::new(None)
    }

    /// Given these columns, which need no density.
    pub fn given<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.conditions.extend(columns.into_iter().map(Into::into));
        self
    }

    /// Leaves these columns out.
    ///
    /// ```
    /// use thalweg_data::Table;
    /// use thalweg_tabular::Density;
    ///
    /// let plan = Density::of_all().without(["visib"]).plan(&Table::embedded("weather")?)?;
    /// assert!(plan.columns.iter().all(|column| column.name != "visib"));
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    pub fn without<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.without.extend(columns.into_iter().map(Into::into));
        self
    }

    /// The column with the weight of each row, in loss, validation and calibration, and in reports on tables that have it.
    /// Weights count by their proportions; a row of weight 0 is left out.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::Density;
    ///
    /// let numbers = |n: u32| (0..100).map(|i| f64::from(i % n)).collect();
    /// let table = Table::new(vec![Column::numbers("x", numbers(100)), Column::numbers("w", numbers(4))])?;
    /// let plan = Density::of_all().weights("w").plan(&table)?;
    /// assert_eq!((plan.columns.len(), plan.rows), (1, 75)); // of `x`, given nothing; a quarter weighs 0
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    pub fn weights(mut self, column: impl Into<String>) -> Self {
        self.weights = Some(column.into());
        self
    }

    /// The kind of a column, in place of the one that is detected.
    ///
    /// ```
    /// use thalweg_data::Table;
    /// use thalweg_tabular::{Density, Kind};
    ///
    /// let table = Table::embedded("weather")?;
    /// let plan = Density::of(["temp", "humid"]).kind("humid", Kind::between(0.0, 101.0)).plan(&table)?;
    /// assert_eq!(plan.columns[1].kind, Kind::between(0.0, 101.0));
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    pub fn kind(mut self, column: impl Into<String>, kind: Kind) -> Self {
        self.kinds.insert(column.into(), kind);
        self
    }

    /// What to do with rows that lack a value; by default they are an error.
    ///
    /// ```
    /// use thalweg_data::Table;
    /// use thalweg_tabular::{Density, Missing};
    ///
    /// // The sex of nine penguins is not known.
    /// let density = Density::of_all().missing(Missing::Skip);
    /// assert_eq!(density.plan(&Table::embedded("penguins")?)?.skipped, 9);
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    pub fn missing(mut self, missing: Missing) -> Self {
        self.missing = missing;
        self
    }

    /// The flow of the numbers, in place of the one that the number of rows and columns suggests.
    pub fn network(mut self, network: Network) -> Self {
        self.network = Some(network);
        self
    }

    /// The number of densities that are fitted and averaged; see [`FittedDensity`].
    pub fn members(mut self, members: usize) -> Self {
        self.members = Some(members);
        self
    }

    /// The number of steps of each training, where it does not stop before. Of this and [`minutes`](Self::minutes) the one that
    /// is set last counts.
    pub fn steps(mut self, steps: usize) -> Self {
        (self.steps, self.minutes) = (Some(steps), None);
        self
    }

    /// The time for all trainings together, in place of a number of [`steps`](Self::steps).
    ///
    /// ```
    /// use thalweg_data::Table;
    /// use thalweg_tabular::{Density, DensityError};
    ///
    /// let density = Density::of(["temp", "humid"]);
    /// let plan = density.clone().steps(500).minutes(3.0).plan(&Table::embedded("weather")?)?;
    /// assert_eq!((plan.steps, plan.minutes), (None, Some(3.0)));
    /// let error = density.minutes(0.0).fit(&Table::embedded("weather")?).unwrap_err();
    /// assert!(matches!(error, DensityError::Setting { name: "the number of minutes", .. }));
    /// # Ok::<(), DensityError>(())
    /// ```
    pub fn minutes(mut self, minutes: f64) -> Self {
        (self.steps, self.minutes) = (None, Some(minutes));
        self
    }

    /// Whether rows are held out to calibrate p-values with; by default they are.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::{Density, DensityError};
    ///
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let model = density.calibrate(false).fit(&table)?;
    /// assert_eq!(model.summary().calibration, 0);
    /// assert!(matches!(model.anomaly(&table), Err(DensityError::NotCalibrated)));
    /// # Ok::<(), DensityError>(())
    /// ```
    pub fn calibrate(mut self, calibrate: bool) -> Self {
        self.calibrate = calibrate;
        self
    }

    /// The seed of all random choices; 0 by default.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// A progress bar for each training.
    ///
    /// See [`fit`](Self::fit) for an example.
    pub fn progress(mut self, progress: bool) -> Self {
        self.progress = progress;
        self
    }

    /// Keeps each training in a file of this folder, so that the same call goes on with it after Ctrl-C, or after the
    /// process was killed: to the bit on a CPU, without [`minutes`](Self::minutes). The files are removed when all trainings
    /// are done.
    ///
    /// Another table, seed, network, number of members or kind of a column is an error; more steps or minutes are not.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::{Density, DensityError};
    /// use thalweg_train::Signal;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let folder = tempfile::tempdir()?;
    /// let kept = density.clone().resume(folder.path());
    /// let error = kept.clone().on_epoch(|_, _| Signal::interrupt()).fit(&table).unwrap_err();
    /// assert!(matches!(error, DensityError::Interrupted));
    /// let [resumed, whole] = [kept.fit(&table)?, density.fit(&table)?];
    /// assert_eq!(resumed.log_prob(&table)?, whole.log_prob(&table)?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(mut self, folder: impl Into<PathBuf>) -> Self {
        self.resume = Some(folder.into());
        self
    }

    /// Calls a function after each epoch of each training with the name of its part, such as `numbers`: to log the
    /// losses, or to end the training by the [`Signal`] that it returns.
    ///
    /// [`Signal::stop`] ends this training, and its best weights count. [`Signal::interrupt`] ends the fit by
    /// [`DensityError::Interrupted`], to go on with it by [`resume`](Self::resume).
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::Density;
    /// use thalweg_train::Signal;
    ///
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let density = density.on_epoch(|part, progress| match (part, progress.epoch) {
    ///     ("numbers", 2) => Signal::stop("enough"),
    ///     _ => Signal::CONTINUE,
    /// });
    /// let model = density.fit(&table)?;
    /// let training = &model.trainings()[0][0];
    /// assert_eq!((training.history.epochs().len(), &training.outcome[..]), (3, "stopped: enough"));
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    pub fn on_epoch(
        mut self,
        watch: impl Fn(&str, &Progress) -> Signal + Send + Sync + 'static,
    ) -> Self {
        self.watch = Some(Arc::new(watch));
        self
    }

    /// The device of the networks.
    ///
    /// See [`fit`](Self::fit) for an example.
    pub fn device(mut self, device: &Device) -> Self {
        self.device = device.clone();
        self
    }

    /// Fits the density to a table.
    ///
    /// ```
    /// use burn::tensor::Device;
    /// use thalweg_data::{Column, Table};
    /// use thalweg_tabular::Density;
    ///
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let model = density.seed(7).device(&Device::default()).progress(true).fit(&table)?;
    /// let nats = model.log_prob(&table)?;
    /// assert!(nats.iter().all(|nats| nats.is_ok()));
    /// # Ok::<(), thalweg_tabular::DensityError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A column that the table lacks or that has two roles; an identifier; a missing value, where none is allowed; an
    /// infinite one; a kind that does not fit; too few rows; a training that failed.
    pub fn fit(&self, table: &Table) -> Result<FittedDensity, DensityError> {
        fit(self, table)
    }

    /// The columns that [`fit`](Self::fit) would model, and how, one a line.
    ///
    /// The fit divides the rows, and then finds the values that its training rows repeat often enough to have
    /// probabilities of their own, such as 0 among amounts. The `Display` of the fitted density says them.
    ///
    /// # Errors
    ///
    /// As [`fit`](Self::fit), as far as they concern columns.
    pub fn describe(&self, table: &Table) -> Result<String, DensityError> {
        let schema = self.schema(table)?;
        let lines = schema.columns.iter().map(|known| format!("{known}\n"));
        Ok(lines.collect())
    }
}

impl fmt::Debug for Density {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Density")
            .field("targets", &self.targets)
            .field("conditions", &self.conditions)
            .field("without", &self.without)
            .field("weights", &self.weights)
            .field("kinds", &self.kinds)
            .field("missing", &self.missing)
            .field("network", &self.network)
            .field("members", &self.members)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}
