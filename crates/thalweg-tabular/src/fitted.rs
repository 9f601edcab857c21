//! A density that was fitted to a table.

use burn::module::Module;
use burn::tensor::Device;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use thalweg_data::{Column, Table};
use thalweg_train::History;

use crate::member::{Member, MemberModel, Score};
use crate::parts::LogSum;
use crate::schema::Schema;
use crate::{DensityError, RowError};

/// A density that was fitted to a table.
#[derive(Debug)]
pub struct FittedDensity {
    pub(crate) schema: Schema,
    pub(crate) members: Vec<Member>,
    pub(crate) models: Vec<MemberModel>,
    pub(crate) histories: Vec<Vec<(String, History, String)>>,
    /// Of each member, the surprises of the rows that it did not see, and their weights.
    pub(crate) calibration: Vec<Vec<[f64; 2]>>,
    pub(crate) seed: u64,
    pub(crate) device: Device,
}

/// Draws over rounding and over absent values, by default.
const DRAWS: usize = 8;
/// Rows whose scores are computed together.
const CHUNK: usize = 4096;

impl FittedDensity {
    pub(crate) fn new(schema: Schema, seed: u64, device: &Device) -> Self {
        Self {
            schema,
            members: vec![],
            models: vec![],
            histories: vec![],
            calibration: vec![],
            seed,
            device: device.clone(),
        }
    }

    pub(crate) fn push(
        &mut self,
        member: Member,
        model: MemberModel,
        histories: Vec<(String, History, String)>,
        columns: &[&Column],
        calibration: &[usize],
        weights: &[f64],
    ) {
        let _ = (columns, calibration, weights);
        self.members.push(member);
        self.models.push(model.valid());
        self.histories.push(histories);
    }

    /// The scores of rows under each member, or why a row has none.
    pub(crate) fn scores(
        &self,
        columns: &[&Column],
        rows: &[usize],
    ) -> Vec<Result<Vec<Score>, RowError>> {
        let mut scores: Vec<Result<Vec<Score>, RowError>> = Vec::with_capacity(rows.len());
        for chunk in rows.chunks(CHUNK) {
            let begun = scores.len();
            for (member, model) in self.members.iter().zip(&self.models) {
                let encoded = member.encode(&self.schema, columns, chunk);
                let found = member.scores(model, &encoded, DRAWS);
                for (row, score) in found.into_iter().enumerate() {
                    let error = encoded.targets.errors[row].clone();
                    let error = error.or_else(|| encoded.conditions.errors[row].clone());
                    if scores.len() <= begun + row {
                        scores.push(Ok(vec![]));
                    }
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
    /// of its categories and rounded numbers. −∞ where a row is impossible.
    ///
    /// # Errors
    ///
    /// A column that the table lacks, or of another type. A single row that has no density is an error of its own.
    pub fn log_prob(&self, table: &Table) -> Result<Vec<Result<f64, RowError>>, DensityError> {
        let columns = self.schema.find(table, true)?;
        let rows: Vec<usize> = (0..table.rows()).collect();
        let scores = self.scores(&columns, &rows).into_iter();
        Ok(scores.map(|row| Ok(mean(&row?, |score| score.log_prob))).collect())
    }

    /// The surprise of each row, `−ln p` by the rule of succession: finite for every row.
    pub fn surprise(&self, table: &Table) -> Result<Vec<Result<f64, RowError>>, DensityError> {
        let columns = self.schema.find(table, true)?;
        let rows: Vec<usize> = (0..table.rows()).collect();
        let scores = self.scores(&columns, &rows).into_iter();
        Ok(scores.map(|row| Ok(-mean(&row?, |score| score.smoothed))).collect())
    }

    /// A generator of a use of this density.
    pub(crate) fn rng(&self, seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.seed ^ seed.rotate_left(17))
    }
}

/// The log of the mean of exponentials.
pub(crate) fn mean(scores: &[Score], of: impl Fn(&Score) -> f64) -> f64 {
    let mut sum = LogSum::default();
    scores.iter().for_each(|score| sum.add(of(score)));
    sum.total() - (scores.len() as f64).ln()
}

impl std::fmt::Display for FittedDensity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (member, histories) in self.members.iter().zip(&self.histories) {
            if let Some(numbers) = &member.numbers {
                write!(f, "{:.2?} ", numbers.weights)?;
            }
            for (part, history, outcome) in histories {
                let best = history.epochs().iter().filter_map(|e| e.validation).fold(f64::INFINITY, f64::min);
                let last = history.epochs().last().map_or(0, |e| e.step);
                write!(f, "{part} {best:.2} {last} {outcome}; ")?;
            }
        }
        Ok(())
    }
}
