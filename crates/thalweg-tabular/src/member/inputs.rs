//! What the parts of a density are given.

use super::Member;
use crate::rows::{circle, one_hot};
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
            let codes = &codes[row * levels.len()..][..levels.len()];
            for (levels, code) in levels.iter().zip(codes) {
                one_hot(*code, *levels, &mut all);
            }
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
        let angles = angles[row * each..][..each].iter();
        angles.for_each(|angle| circle(*angle, &mut all));
    }
    all
}
