//! The scores of rows by each member or detector.

use std::ops::Range;

use thalweg_data::Column;
use thalweg_metrics::log_mean_exp;

use super::CHUNK;
use crate::member::Score;
use crate::{FittedDensity, RowError};

/// Draws over rounding and over absent values.
const DRAWS: usize = 8;

impl FittedDensity {
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

    pub(super) fn detections_of(
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

    pub(super) fn scores_of(
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
