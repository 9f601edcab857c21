//! A density that was fitted to a table.

mod text;

use std::ops::Range;
use std::path::Path;

use burn::module::Module;
use burn::tensor::Device;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use thalweg_data::{Column, Table};
use thalweg_metrics::log_mean_exp;
use thalweg_models::file;

use crate::anomaly::strangeness;
use crate::baselines::Baselines;
use crate::description::{Description, Ensemble};
use crate::detector::Detector;
use crate::member::{Member, MemberModel, Score, Training};
use crate::schema::{Known, Schema};
use crate::split::Share;
use crate::summary::Summary;
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

    /// The mean log-density of the rows that no member saw, and those of the baselines.
    pub(crate) fn judge(
        &mut self,
        summary: Summary,
        columns: &[&Column],
        shares: &[Share],
        weights: &[f64],
    ) {
        let shared = shares.iter().all(|share| *share == shares[0]);
        let (mut sum, mut total) = (0.0, 0.0);
        for (index, share) in shares.iter().enumerate() {
            let members = match shared {
                true if index > 0 => break,
                true => 0..shares.len(),
                false => index..index + 1,
            };
            let rows = share.judged(JUDGED);
            for (row, score) in rows.iter().zip(self.scores_of(members, columns, rows)) {
                // One impossible row would make the mean −∞.
                if let Ok(score) = score
                    && score.iter().any(|score| score.impossible == 0)
                {
                    sum += weights[*row] * mean(&score, Score::comparable);
                    total += weights[*row];
                }
            }
        }
        let (share, member) = (&shares[0], &self.description.members[0]);
        let schema = &self.description.schema;
        let of = |rows: &[usize]| -> Vec<f64> { rows.iter().map(|row| weights[*row]).collect() };
        let parts = [&share.train[..], share.judged(JUDGED)];
        let rows = parts.map(|rows| member.encode(schema, columns, rows));
        let baselines = Baselines::of(
            member,
            schema.targets(),
            &member.levels(schema),
            [&rows[0], &rows[1]],
            [&of(parts[0]), &of(parts[1])],
        );
        self.description.summary = Summary {
            held_out: sum / total,
            baselines: Some(baselines),
            ..summary
        };
    }

    /// Makes p-values possible: by detectors, where the table is one of numbers, else by the rows that no member
    /// saw.
    pub(crate) fn calibrate(
        &mut self,
        columns: &[&Column],
        rows: &[usize],
        shares: &[Share],
        weights: &[f64],
    ) {
        let pairs = |rows: &[usize], scores: Vec<Result<Vec<Score>, RowError>>| -> Vec<[f64; 2]> {
            let known = rows.iter().zip(scores);
            let pair = |(row, score): (&usize, Result<Vec<Score>, RowError>)| {
                Some([strangeness(&score.ok()?), weights[*row]])
            };
            known.filter_map(pair).collect()
        };
        if !Detector::takes(&self.description.schema) {
            let shared = shares.iter().all(|share| *share == shares[0]);
            let members = self.description.members.len();
            let parts = if shared { 1 } else { members };
            for (part, share) in shares.iter().enumerate().take(parts) {
                let held_out = &share.calibration;
                let of = if shared { 0..members } else { part..part + 1 };
                let scores = self.scores_of(of, columns, held_out);
                self.description.calibration.push(pairs(held_out, scores));
            }
            return;
        }
        for share in Detector::shares(rows.len(), self.description.seed) {
            let [train, held_out] = [share.train, share.calibration]
                .map(|places| places.iter().map(|place| rows[*place]).collect::<Vec<_>>());
            let (schema, seed) = (&self.description.schema, self.description.seed);
            let (detector, model) =
                Detector::fit(schema, columns, &train, weights, seed, &self.device);
            self.description.detectors.push(detector);
            self.ensemble.detectors.push(model);
            let last = self.description.detectors.len() - 1;
            let scores = self.detections_of(last..last + 1, columns, &held_out);
            self.description.calibration.push(pairs(&held_out, scores));
        }
    }

    /// The scores of rows by each detector or, without detectors, by each member.
    pub(crate) fn detections(
        &self,
        columns: &[&Column],
        rows: &[usize],
    ) -> Vec<Result<Vec<Score>, RowError>> {
        match self.description.detectors.len() {
            0 => self.scores(columns, rows),
            detectors => self.detections_of(0..detectors, columns, rows),
        }
    }

    fn detections_of(
        &self,
        detectors: Range<usize>,
        columns: &[&Column],
        rows: &[usize],
    ) -> Vec<Result<Vec<Score>, RowError>> {
        by_chunks(rows, detectors, |index, chunk| {
            let detector = &self.description.detectors[index];
            let targets = detector.encode(columns, chunk);
            let scores = detector.scores(&self.ensemble.detectors[index], &targets);
            (scores, targets.errors)
        })
    }

    /// The scores of rows under each member, or why a row has none.
    pub(crate) fn scores(
        &self,
        columns: &[&Column],
        rows: &[usize],
    ) -> Vec<Result<Vec<Score>, RowError>> {
        self.scores_of(0..self.description.members.len(), columns, rows)
    }

    fn scores_of(
        &self,
        members: Range<usize>,
        columns: &[&Column],
        rows: &[usize],
    ) -> Vec<Result<Vec<Score>, RowError>> {
        let schema = &self.description.schema;
        by_chunks(rows, members, |index, chunk| {
            let (member, model) = (
                &self.description.members[index],
                &self.ensemble.members[index],
            );
            let encoded = member.encode(schema, columns, chunk);
            let scores = member.scores(schema, model, &encoded, DRAWS, &self.device);
            let errors = encoded
                .targets
                .errors
                .into_iter()
                .zip(encoded.conditions.errors);
            (
                scores,
                errors
                    .map(|(target, condition)| target.or(condition))
                    .collect(),
            )
        })
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
        let scores = self.scores(&columns, &rows).into_iter();
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

/// The scores of rows by each of several judges, chunk by chunk: `judge` gives scores and errors of a chunk.
fn by_chunks(
    rows: &[usize],
    judges: Range<usize>,
    judge: impl Fn(usize, &[usize]) -> (Vec<Score>, Vec<Option<RowError>>),
) -> Vec<Result<Vec<Score>, RowError>> {
    let mut scores: Vec<Result<Vec<Score>, RowError>> = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(CHUNK) {
        let begun = scores.len();
        scores.resize(begun + chunk.len(), Ok(vec![]));
        for index in judges.clone() {
            let (found, errors) = judge(index, chunk);
            for (row, (score, error)) in found.into_iter().zip(errors).enumerate() {
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

/// The logarithm of the mean of exponentials.
pub(crate) fn mean(scores: &[Score], of: impl Fn(&Score) -> f64) -> f64 {
    log_mean_exp(&scores.iter().map(of).collect::<Vec<_>>())
}
