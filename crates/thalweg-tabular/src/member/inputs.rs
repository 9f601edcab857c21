//! What the parts of a density are given.

use super::Member;
use crate::parts::{Angles, Categories};
use crate::schema::Schema;

impl Member {
    /// The inputs of `rows` rows with their categories.
    pub(super) fn with_categories(
        &self,
        schema: &Schema,
        inputs: &[f32],
        codes: &[usize],
        rows: usize,
    ) -> Vec<f32> {
        let levels = self.levels(schema);
        let width = inputs.len() / rows.max(1);
        let mut all = Vec::new();
        for row in 0..rows {
            all.extend_from_slice(&inputs[row * width..][..width]);
            Categories::one_hot(
                &levels,
                &codes[row * levels.len()..][..levels.len()],
                &mut all,
            );
        }
        all
    }
}

/// The inputs of `rows` rows with their angles.
pub(super) fn with_angles(inputs: &[f32], angles: &[f64], rows: usize) -> Vec<f32> {
    let (width, each) = (inputs.len() / rows.max(1), angles.len() / rows.max(1));
    let mut all = Vec::new();
    for row in 0..rows {
        all.extend_from_slice(&inputs[row * width..][..width]);
        Angles::circles(&angles[row * each..][..each], &mut all);
    }
    all
}
