//! Samples of one member.

use burn::tensor::Device;
use rand::rngs::ChaCha8Rng;

use super::inputs::with_angles;
use super::{Member, MemberModel};
use crate::columns::ColumnMap;
use crate::parts::numbers_of;
use crate::schema::Schema;

/// What was drawn, row by row.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) codes: Vec<usize>,
    /// In radians; NaN where the row has none.
    pub(crate) angles: Vec<f64>,
    pub(crate) numbers: Vec<f64>,
}

impl Member {
    /// Samples of the modelled columns, `n` rows, one for each row of conditions where there are any.
    pub(crate) fn sample(
        &self,
        schema: &Schema,
        model: &MemberModel,
        n: usize,
        conditions: &[f32],
        rng: &mut ChaCha8Rng,
        device: &Device,
    ) -> Drawn {
        let mut drawn = Drawn::default();
        let mut inputs = conditions.to_vec();
        if let (Some(part), Some(model)) = (&self.categories, &model.categories) {
            drawn.codes = part.sample(model, n, &inputs, rng, device);
            inputs = self.with_categories(schema, &inputs, &drawn.codes, n);
        }
        if let (Some(part), Some(model)) = (&self.angles, &model.angles) {
            drawn.angles = part.sample(model, n, &inputs, rng, device);
            // An angle that the row lacks is none of its numbers' inputs either.
            self.hide(schema, &mut drawn, n);
            inputs = with_angles(&inputs, &drawn.angles, n);
        }
        if let (Some(part), Some(model)) = (&self.numbers, &model.numbers) {
            let numbers = numbers_of(&self.maps[..schema.targets()]);
            drawn.numbers = part.sample(model, &numbers, n, &inputs, rng);
        }
        drawn
    }

    /// Replaces the angles of rows whose flag is another than that of an angle by NaN.
    fn hide(&self, schema: &Schema, drawn: &mut Drawn, n: usize) {
        let (width, categories) = (drawn.angles.len() / n.max(1), drawn.codes.len() / n.max(1));
        let (mut category, mut place) = (0, 0);
        for map in &self.maps[..schema.targets()] {
            match map {
                ColumnMap::Constant(_) => {}
                ColumnMap::Category(_) => category += 1,
                ColumnMap::Number(number) => category += usize::from(number.flag.is_some()),
                ColumnMap::Angle(angle) => {
                    if angle.flag.is_some() {
                        for row in 0..n {
                            if drawn.codes[row * categories + category] != 0 {
                                drawn.angles[row * width + place] = f64::NAN;
                            }
                        }
                        category += 1;
                    }
                    place += 1;
                }
            }
        }
    }
}
