//! Rows of latents.

use thalweg_data::{Column, Table};

use super::{CHUNK, PARTS};
use crate::columns::Rest;
use crate::{DensityError, FittedDensity};

impl FittedDensity {
    /// The rows of a table of [`encode`](Self::encode): the modelled columns, then the conditions.
    ///
    /// # Errors
    ///
    /// A column that the table lacks, or of another type; a latent that is missing or infinite where it is needed; a rest
    /// without a step, or a step without a rest.
    pub fn decode(&self, latents: &Table) -> Result<Table, DensityError> {
        let schema = &self.description.schema;
        let numbers = self.numbers();
        let width = numbers.len();
        let z = (1..=width).map(|k| latents.numbers(&format!("z_{k}")));
        let z: Vec<&[f64]> = z.collect::<Result<_, _>>()?;
        let rests = numbers.iter().map(|(_, column)| {
            let name = &schema.columns[*column].name;
            let [rest, step] = PARTS.map(|part| latents.numbers(&format!("{part}:{name}")));
            let pairs = rest?.iter().zip(step?).enumerate();
            let rest = |(row, (rest, step)): (usize, (&f64, &f64))| {
                Rest::of_pair([*rest, *step]).map_err(|problem| wrong(row, name, problem))
            };
            pairs.map(rest).collect::<Result<Vec<Rest>, DensityError>>()
        });
        let rests: Vec<Vec<Rest>> = rests.collect::<Result<_, _>>()?;
        // The parts before the numbers see of these only whether they are there.
        let mut columns: Vec<Option<Column>> = vec![None; schema.columns.len()];
        for ((number, column), rests) in numbers.iter().zip(&rests) {
            let there = |rest: &Rest| match rest {
                Rest::Whole(x) => *x,
                _ => number.dense(),
            };
            let values = rests.iter().map(there).collect();
            columns[*column] = Some(schema.columns[*column].scalars(values));
        }
        for place in self.kept() {
            let known = &schema.columns[place];
            columns[place] = Some(known.typed(known.find(latents)?));
        }
        let mut columns: Vec<Column> = columns.into_iter().flatten().collect();
        let needed = needed(&z, &rests, latents.rows())?;
        let mut values = vec![Vec::with_capacity(latents.rows()); width];
        let (member, model) = (&self.description.members[0], &self.ensemble.members[0]);
        let found: Vec<&Column> = columns.iter().collect();
        let all: Vec<usize> = (0..latents.rows()).collect();
        for chunk in all.chunks(CHUNK) {
            let rows = member.encode(schema, &found, chunk);
            let z = &needed[chunk[0] * width..][..chunk.len() * width];
            let numbers_of = member.decode_numbers(schema, model, &rows, z);
            for (row, place) in chunk.iter().enumerate() {
                for (k, (number, _)) in numbers.iter().enumerate() {
                    let rest = rests[k][*place];
                    values[k].push(rest.value(number, numbers_of[row * width + k]));
                }
            }
        }
        for ((_, column), values) in numbers.iter().zip(values) {
            columns[*column] = schema.columns[*column].scalars(values);
        }
        Ok(Table::new(columns)?)
    }
}

/// Latents row by row; 0 in rows of which all numbers are kept whole.
fn needed(z: &[&[f64]], rests: &[Vec<Rest>], rows: usize) -> Result<Vec<f64>, DensityError> {
    let mut needed = Vec::with_capacity(rows * z.len());
    for row in 0..rows {
        let whole = |rests: &Vec<Rest>| matches!(rests[row], Rest::Whole(_));
        let whole = rests.iter().all(whole);
        for (k, z) in z.iter().enumerate() {
            if !whole && !z[row].is_finite() {
                let problem = format!("{} is no finite number", z[row]);
                return Err(wrong(row, &format!("z_{}", k + 1), problem));
            }
            needed.push(if whole { 0.0 } else { z[row] });
        }
    }
    Ok(needed)
}

fn wrong(row: usize, column: &str, problem: String) -> DensityError {
    DensityError::Latents {
        row: row + 1,
        column: column.to_owned(),
        problem,
    }
}
