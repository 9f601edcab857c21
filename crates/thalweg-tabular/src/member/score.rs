//! The scores of rows.

use burn::tensor::Device;

use super::inputs::with_angles;
use super::{Encoded, Member, MemberModel};
use crate::parts::numbers_of;
use crate::schema::Schema;

/// A number of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Score {
    /// `ln p` of the possible values of the row, or a score in its place.
    pub(crate) possible: f64,
    /// The number of values that are impossible.
    pub(crate) impossible: usize,
}

impl Score {
    /// `ln p`, −∞ where the row is impossible.
    pub(crate) fn log_prob(&self) -> f64 {
        match self.impossible {
            0 => self.possible,
            _ => f64::NEG_INFINITY,
        }
    }

    /// `ln p` in which each impossible value counts [`IMPOSSIBLE`]: finite, for comparisons.
    pub(crate) fn comparable(&self) -> f64 {
        self.possible - IMPOSSIBLE * self.impossible as f64
    }
}

/// More nats than any possible row has, so that impossible rows come after all others, in the order of the number of
/// impossible values.
const IMPOSSIBLE: f64 = 1e5;

impl Member {
    /// The scores of rows without errors.
    pub(crate) fn scores(
        &self,
        schema: &Schema,
        model: &MemberModel,
        rows: &Encoded,
        draws: usize,
        device: &Device,
    ) -> Vec<Score> {
        let targets = &rows.targets;
        let mut logs = targets.seen.clone();
        let mut inputs = rows.conditions.inputs.clone();
        if let (Some(part), Some(model)) = (&self.categories, &model.categories) {
            let found = part.log_probs(model, &targets.codes, &inputs, device);
            let each = found
                .chunks_exact(part.count())
                .zip(targets.unseen.chunks_exact(part.count()));
            for (log, (found, unseen)) in logs.iter_mut().zip(each) {
                // The network knows no value that was not seen.
                *log += found
                    .iter()
                    .zip(unseen)
                    .map(|(log, unseen)| unseen.unwrap_or(*log))
                    .sum::<f64>();
            }
            inputs = self.with_categories(schema, &inputs, &targets.codes, targets.rows);
        }
        if let (Some(part), Some(model)) = (&self.angles, &model.angles) {
            let found = part.log_probs(model, &targets.angles, &inputs, draws, device);
            logs.iter_mut()
                .zip(found)
                .for_each(|(log, found)| *log += found);
            inputs = with_angles(&inputs, &targets.angles, targets.rows);
        }
        if let (Some(part), Some(model)) = (&self.numbers, &model.numbers) {
            let numbers = numbers_of(&self.maps[..schema.targets()]);
            let found = part.log_probs(model, &numbers, targets, &inputs, draws);
            logs.iter_mut()
                .zip(found)
                .for_each(|(log, found)| *log += found);
        }
        let scores = logs.into_iter().zip(&targets.impossible);
        scores
            .map(|(possible, impossible)| Score {
                possible,
                impossible: *impossible,
            })
            .collect()
    }
}
