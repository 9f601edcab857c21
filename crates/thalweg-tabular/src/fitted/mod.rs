//! A density that was fitted to a table.

mod calibrate;
#[cfg(feature = "check")]
mod check;
mod judge;
mod latents;
mod scores;
mod text;

use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use thalweg_data::Table;
use thalweg_models::file::{self, ModelFile};

use crate::description::{Description, Ensemble};
use crate::member::{Member, MemberModel, Score, Training};
use crate::schema::{Known, Schema};
use crate::summary::Summary;
use crate::{DensityError, RowError};
pub(crate) use scores::mean;

/// A density that was fitted to a table: the mean of its members' densities.
///
/// `p(row | conditions) = 1/K Σ pₖ(categories) pₖ(angles | categories) pₖ(numbers | angles, categories)`, each
/// given the conditions. Densities are those of the values in their own units; categories and rounded numbers have
/// probabilities.
///
/// ```no_run
/// use thalweg_data::Table;
/// use thalweg_tabular::{Density, FittedDensity};
/// # fn table() -> Table { (&thalweg_data::penguins()).into() }
///
/// let table = table();
/// let model = Density::of(["bill_length_mm", "body_mass_g"]).given(["class"]).fit(&table)?;
/// println!("{model}");
/// let nats = model.log_prob(&table)?; // one value, or one error, a row
/// let drawn = model.sample_given(&table.select(&[0]), 1000, 0)?;
/// model.save("penguins.safetensors")?;
/// let model = FittedDensity::load("penguins.safetensors", &Default::default())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FittedDensity {
    pub(crate) description: Description,
    pub(crate) ensemble: Ensemble,
    pub(crate) trainings: Vec<Vec<Training>>,
    pub(crate) device: Device,
}

/// Rows whose scores are computed together.
const CHUNK: usize = 4096;

impl FittedDensity {
    pub(crate) fn new(schema: Schema, seed: u64, weights: Option<String>, device: &Device) -> Self {
        Self {
            description: Description {
                schema,
                members: vec![],
                detectors: vec![],
                calibration: vec![],
                seed,
                weights,
                summary: Summary::default(),
            },
            ensemble: Ensemble {
                members: vec![],
                detectors: vec![],
            },
            trainings: vec![],
            device: device.clone(),
        }
    }

    pub(crate) fn push(&mut self, member: Member, model: MemberModel, trainings: Vec<Training>) {
        self.description.members.push(member);
        self.ensemble.members.push(model.valid());
        self.trainings.push(trainings);
    }

    /// `ln p` of each row, in nats: the log-density of its numbers and angles, in their units, and the log-probability
    /// of its categories and rounded numbers. −∞ where a value is impossible: outside its bounds, or another than the one of a
    /// constant column.
    ///
    /// See [`Density::fit`](crate::Density::fit) for an example.
    ///
    /// # Errors
    ///
    /// A column that the table lacks, or of another type. A single row that has no density is an error of its own.
    pub fn log_prob(&self, table: &Table) -> Result<Vec<Result<f64, RowError>>, DensityError> {
        let columns = self.description.schema.find(table, true)?;
        let rows: Vec<usize> = (0..table.rows()).collect();
        let scores = self.scores(&columns, &rows).into_iter();
        Ok(scores.map(|row| Ok(mean(&row?, Score::log_prob))).collect())
    }

    /// The columns that the density knows, and how each is modelled.
    pub fn columns(&self) -> &[Known] {
        &self.description.schema.columns
    }

    /// What was done and what was reached.
    ///
    /// See [`Summary`] for an example.
    pub fn summary(&self) -> &Summary {
        &self.description.summary
    }

    /// The trainings of each member; none of a density from a file.
    ///
    /// See [`Training`] for an example.
    pub fn trainings(&self) -> &[Vec<Training>] {
        &self.trainings
    }

    /// Saves the density in one file: columns with kinds, units and maps, networks, the surprises of calibration rows,
    /// the summary.
    ///
    /// # Errors
    ///
    /// When the file cannot be written; an older file at `path` is then unchanged.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), DensityError> {
        Ok(file::save_model(&self.description, &self.ensemble, path)?)
    }

    /// The density in a file, on `device`.
    ///
    /// # Errors
    ///
    /// When the file is not a whole and unaltered density of a table.
    pub fn load(path: impl AsRef<Path>, device: &Device) -> Result<Self, DensityError> {
        Self::of_file(&ModelFile::open(path)?, device)
    }

    /// The density of a file that was read, on `device`.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    /// use thalweg_models::file::ModelFile;
    /// use thalweg_tabular::{Density, FittedDensity};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
    /// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
    /// # let table = Table::new(columns)?;
    /// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
    /// # let network = network.with_layers(2).with_hidden(&[8]);
    /// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
    /// let model = density.fit(&table)?;
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("model.safetensors");
    /// model.save(&path)?;
    /// let read = FittedDensity::of_file(&ModelFile::open(&path)?, &Default::default())?;
    /// assert_eq!(read.log_prob(&table)?, model.log_prob(&table)?);
    /// assert_eq!(read.summary(), model.summary());
    /// assert!(read.trainings().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), as far as they are not of reading.
    pub fn of_file(file: &ModelFile, device: &Device) -> Result<Self, DensityError> {
        let (description, ensemble) = file.with_config::<Description>(device)?;
        Ok(Self {
            description,
            ensemble,
            trainings: vec![],
            device: device.clone(),
        })
    }

    /// The columns that the density knows, of the types that it was fitted to, without a row.
    pub(crate) fn no_rows(&self) -> Table {
        let columns = self.columns().iter().map(|known| known.scalars(vec![]));
        Table::new(columns.collect()).expect("a density has columns of different names")
    }

    /// These rows of the columns that the density knows, of the types that it was fitted to.
    pub(crate) fn known_rows(&self, table: &Table, rows: &[usize]) -> Result<Table, DensityError> {
        let columns = self.columns().iter();
        let columns = columns.map(|known| Ok(known.typed(&known.find(table)?.select(rows))));
        Ok(Table::new(columns.collect::<Result<_, DensityError>>()?)?)
    }

    /// A generator of a use of this density.
    pub(crate) fn rng(&self, seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.description.seed ^ seed.rotate_left(17))
    }
}
