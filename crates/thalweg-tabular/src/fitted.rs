//! A density that was fitted to a table.

use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use thalweg_data::{Column, Table};
use thalweg_models::file;

use crate::anomaly::strangeness;
use crate::baselines::Baselines;
use crate::description::{Description, Ensemble};
use crate::fit::{Held, Summary};
use crate::member::{By, Member, MemberModel, Score, Training};
use crate::parts::LogSum;
use crate::schema::{Known, Schema};
use crate::{DensityError, RowError};

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

/// Draws over rounding and over absent values.
const DRAWS: usize = 8;
/// Held-out rows whose densities are averaged for the summary.
const JUDGED: usize = 2000;
/// Rows whose scores are computed together.
const CHUNK: usize = 4096;

impl FittedDensity {
    pub(crate) fn new(schema: Schema, seed: u64, device: &Device) -> Self {
        Self {
            description: Description {
                schema,
                members: vec![],
                calibration: vec![],
                shared: true,
                seed,
                summary: Summary::default(),
            },
            ensemble: Ensemble { members: vec![] },
            trainings: vec![],
            device: device.clone(),
        }
    }

    pub(crate) fn push(&mut self, member: Member, model: MemberModel, trainings: Vec<Training>) {
        self.description.members.push(member);
        self.ensemble.members.push(model.valid());
        self.trainings.push(trainings);
    }

    /// Scores the rows that no member saw, and compares with the baselines.
    pub(crate) fn judge(
        &mut self,
        mut summary: Summary,
        shared: bool,
        columns: &[&Column],
        shares: &[Held],
        weights: &[f64],
    ) {
        let (mut sum, mut total) = (0.0, 0.0);
        for (index, share) in shares.iter().enumerate() {
            let calibrates = !share.calibration.is_empty();
            let rows = if calibrates {
                &share.calibration
            } else {
                &share.validation
            };
            if shared && index > 0 {
                self.description.calibration.push(vec![]);
                continue;
            }
            let members = match shared {
                true => 0..shares.len(),
                false => index..index + 1,
            };
            let judged = &rows[..rows.len().min(JUDGED)];
            let densities = self.scores_of(By::Density, members.clone(), columns, judged);
            for (row, score) in judged.iter().zip(&densities) {
                // One impossible row would make the mean −∞.
                if let Ok(score) = score
                    && score.iter().any(|score| score.impossible == 0)
                {
                    sum += weights[*row] * mean(score, Score::comparable);
                    total += weights[*row];
                }
            }
            let mut calibration = Vec::new();
            if calibrates {
                let scores = self.scores_of(By::Kernels, members, columns, rows);
                let known = rows
                    .iter()
                    .zip(&scores)
                    .filter_map(|(row, score)| Some((row, score.as_ref().ok()?)));
                calibration.extend(known.map(|(row, score)| [strangeness(score), weights[*row]]));
            }
            self.description.calibration.push(calibration);
        }
        summary.held_out = sum / total;
        let share = &shares[0];
        let judged = if share.calibration.is_empty() {
            &share.validation
        } else {
            &share.calibration
        };
        let judged = &judged[..judged.len().min(JUDGED)];
        let member = &self.description.members[0];
        let schema = &self.description.schema;
        let of = |rows: &[usize]| -> Vec<f64> { rows.iter().map(|row| weights[*row]).collect() };
        let rows = [&share.train[..], judged].map(|rows| member.encode(schema, columns, rows));
        summary.baselines = Some(Baselines::of(
            member,
            schema.targets(),
            &member.levels(schema),
            [&rows[0], &rows[1]],
            [&of(&share.train), &of(judged)],
        ));
        self.description.shared = shared;
        self.description.summary = summary;
    }

    /// The scores of rows under each member, or why a row has none.
    pub(crate) fn scores(
        &self,
        by: By,
        columns: &[&Column],
        rows: &[usize],
    ) -> Vec<Result<Vec<Score>, RowError>> {
        self.scores_of(by, 0..self.description.members.len(), columns, rows)
    }

    fn scores_of(
        &self,
        by: By,
        members: std::ops::Range<usize>,
        columns: &[&Column],
        rows: &[usize],
    ) -> Vec<Result<Vec<Score>, RowError>> {
        let schema = &self.description.schema;
        let mut scores: Vec<Result<Vec<Score>, RowError>> = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(CHUNK) {
            let begun = scores.len();
            scores.resize(begun + chunk.len(), Ok(vec![]));
            for index in members.clone() {
                let member = &self.description.members[index];
                let model = &self.ensemble.members[index];
                let encoded = member.encode(schema, columns, chunk);
                let found = member.scores(schema, model, &encoded, (by, DRAWS), &self.device);
                for (row, score) in found.into_iter().enumerate() {
                    let error = encoded.targets.errors[row].clone();
                    let error = error.or_else(|| encoded.conditions.errors[row].clone());
                    match (&mut scores[begun + row], error) {
                        (Ok(scores), None) => scores.push(score),
                        (row @ Ok(_), Some(error)) => *row = Err(error),
                        (Err(_), _) => {}
                    }
                }
            }
        }
        scores
    }

    /// `ln p` of each row, in nats: the log-density of its numbers and angles, in their units, and the log-probability
    /// of its categories and rounded numbers. −∞ where a value is impossible: outside its bounds, or another than the one of a
    /// constant column.
    ///
    /// # Errors
    ///
    /// A column that the table lacks, or of another type. A single row that has no density is an error of its own.
    pub fn log_prob(&self, table: &Table) -> Result<Vec<Result<f64, RowError>>, DensityError> {
        let columns = self.description.schema.find(table, true)?;
        let rows: Vec<usize> = (0..table.rows()).collect();
        let scores = self.scores(By::Density, &columns, &rows).into_iter();
        Ok(scores.map(|row| Ok(mean(&row?, Score::log_prob))).collect())
    }

    /// The latents of the numbers of each row under the first member's flow, `z_1`, `z_2` and so on: near a standard
    /// normal density for rows like the training rows.
    ///
    /// # Errors
    ///
    /// As [`log_prob`](Self::log_prob), and a density without numbers. A row without a density has missing latents.
    pub fn encode(&self, table: &Table) -> Result<Table, DensityError> {
        let schema = &self.description.schema;
        let columns = schema.find(table, true)?;
        let (member, model) = (&self.description.members[0], &self.ensemble.members[0]);
        let mut latents: Vec<Vec<f64>> = Vec::new();
        let rows: Vec<usize> = (0..table.rows()).collect();
        for chunk in rows.chunks(CHUNK) {
            let encoded = member.encode(schema, &columns, chunk);
            let z = member.encode_numbers(schema, model, &encoded);
            let width = z.len() / chunk.len();
            latents.resize(width, vec![]);
            for (row, z) in z.chunks_exact(width.max(1)).enumerate() {
                let errors = [
                    &encoded.targets.errors[row],
                    &encoded.conditions.errors[row],
                ];
                let known = errors.iter().all(|error| error.is_none());
                for (column, z) in latents.iter_mut().zip(z) {
                    column.push(if known { *z } else { f64::NAN });
                }
            }
        }
        let named = latents.into_iter().enumerate();
        let columns = named.map(|(k, z)| Column::numbers(&format!("z_{}", k + 1), z));
        Ok(Table::new(columns.collect())?)
    }

    /// The columns that the density knows, and how each is modelled.
    pub fn columns(&self) -> &[Known] {
        &self.description.schema.columns
    }

    /// What was done and what was reached.
    pub fn summary(&self) -> &Summary {
        &self.description.summary
    }

    /// The trainings of each member; none of a density from a file.
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
        let (description, ensemble) = file::load_with_config::<Description>(path, device)?;
        Ok(Self {
            description,
            ensemble,
            trainings: vec![],
            device: device.clone(),
        })
    }

    /// A generator of a use of this density.
    pub(crate) fn rng(&self, seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.description.seed ^ seed.rotate_left(17))
    }
}

/// The logarithm of the mean of exponentials.
pub(crate) fn mean(scores: &[Score], of: impl Fn(&Score) -> f64) -> f64 {
    let mut sum = LogSum::default();
    scores.iter().for_each(|score| sum.add(of(score)));
    sum.total() - (scores.len() as f64).ln()
}
