//! Latents of the numbers of rows.

use super::{Encoded, Member, MemberModel};
use crate::columns::Number;
use crate::parts::numbers_of;
use crate::schema::Schema;

impl Member {
    /// The maps of the modelled numbers, in the order of latents.
    pub(crate) fn numbers(&self, schema: &Schema) -> Vec<&Number> {
        numbers_of(&self.maps[..schema.targets()])
    }

    /// The latents of the numbers of rows, `rows × numbers`.
    pub(crate) fn encode_numbers(
        &self,
        schema: &Schema,
        model: &MemberModel,
        rows: &Encoded,
    ) -> Vec<f64> {
        let (targets, inputs) = (&rows.targets, self.number_inputs(schema, rows));
        match (&self.numbers, &model.numbers) {
            (Some(part), Some(model)) => {
                let numbers = self.numbers(schema);
                part.encode(model, &numbers, targets, &inputs)
            }
            _ => vec![],
        }
    }

    /// The numbers of latents in their units, before they are rounded, `rows × numbers`: given the conditions, categories and
    /// angles of rows.
    pub(crate) fn decode_numbers(
        &self,
        schema: &Schema,
        model: &MemberModel,
        rows: &Encoded,
        latents: &[f64],
    ) -> Vec<f64> {
        let (Some(part), Some(model)) = (&self.numbers, &model.numbers) else {
            return vec![];
        };
        let mut values = part.decode(model, latents, &self.number_inputs(schema, rows));
        let numbers = self.numbers(schema);
        for row in values.chunks_exact_mut(numbers.len()) {
            for (t, number) in row.iter_mut().zip(&numbers) {
                *t = number.unrounded(*t);
            }
        }
        values
    }
}
