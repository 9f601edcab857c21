//! Samples of rows.

use thalweg::data::CsvOptions;
use thalweg::flow::{Condition, Noise};
use thalweg::models::any::AnyVectors;
use thalweg::tabular::FittedDensity;

use super::Sample;
use super::parts::{self, Part};
use crate::console::Console;
use crate::data::refuse;
use crate::failure::Failure;
use crate::outputs::Output;
use crate::transform::transform;
use crate::vectors;

impl Sample {
    /// Rows of the density of a table.
    pub(super) fn table(&self, model: &FittedDensity, console: &Console) -> Result<(), Failure> {
        let temperature = [("temperature", self.temperature.is_some())];
        refuse(
            &temperature,
            "an option of images, and the model is a density of a table",
        )?;
        self.force.allow(&self.output, Output::Table)?;
        let draw = |part: Part| match &part.given {
            Some(given) => model
                .sample_given(&given.table, part.draws, part.seed)
                .map_err(|error| Failure::of_row(error, given.first)),
            None => Ok(model.sample(part.draws, part.seed)?),
        };
        match &self.given_table {
            Some(name) => {
                let options = model.condition_options();
                let chunks = self.csv.read_chunks(name, options, false)?;
                let parts = parts::of_each(chunks, self.rows, self.seed);
                transform(parts, draw, self.output.as_deref(), console)
            }
            None => {
                let given = match self.given.is_empty() {
                    true => None,
                    false => Some(self.conditions(model)?),
                };
                let parts = parts::of_all(given.as_ref(), self.rows, self.seed);
                transform(parts, draw, self.output.as_deref(), console)
            }
        }
    }

    /// Rows of a density of vectors.
    pub(super) fn vectors(&self, model: &dyn AnyVectors, console: &Console) -> Result<(), Failure> {
        refuse(
            &[("given", !self.given.is_empty())],
            "for densities of tables, whose columns have names; give conditions by `--given-table`",
        )?;
        self.force.allow(&self.output, Output::Table)?;
        let temperature = self.temperature.unwrap_or(1.0);
        let draw = |part: Part| {
            let noise = &mut Noise::seeded(part.seed);
            let drawn = match &part.given {
                None => model.sample(part.draws, temperature, None, noise)?,
                Some(given) => {
                    let given = vectors::conditions(model, &given.table)?.repeat_each(part.draws);
                    model.sample(given.dims()[0], temperature, Some(&given), noise)?
                }
            };
            vectors::drawn(drawn)
        };
        match (&self.given_table, model.context()) {
            (None, 0) => {
                let parts = parts::of_all(None, self.rows, self.seed);
                transform(parts, draw, self.output.as_deref(), console)
            }
            (None, numbers) => Err(Failure::Usage(format!(
                "the density is conditional on {numbers} numbers; give rows of them by `--given-table`"
            ))),
            (Some(name), _) => {
                let chunks = self.csv.read_chunks(name, CsvOptions::new(), false)?;
                let parts = parts::of_each(chunks, self.rows, self.seed);
                transform(parts, draw, self.output.as_deref(), console)
            }
        }
    }
}
