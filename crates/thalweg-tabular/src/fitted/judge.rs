//! How good a density is on rows that it did not see.

use thalweg_data::Column;

use super::mean;
use crate::FittedDensity;
use crate::baselines::Baselines;
use crate::member::Score;
use crate::split::Share;
use crate::summary::Summary;

/// Held-out rows whose densities are averaged for the summary.
const JUDGED: usize = 2000;

impl FittedDensity {
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
}
