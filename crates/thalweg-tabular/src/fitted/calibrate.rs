//! What p-values are compared with.

use thalweg_data::Column;

use crate::anomaly::strangeness;
use crate::detector::Detector;
use crate::member::Score;
use crate::split::Share;
use crate::{FittedDensity, RowError};

impl FittedDensity {
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
}
