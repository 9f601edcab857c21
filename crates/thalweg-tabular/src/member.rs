//! One density of a table: the maps of its columns and the parts that were trained.

use burn::module::Module;
use burn::tensor::Device;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use thalweg_data::Column;
use thalweg_train::History;

use crate::DensityError;
use crate::columns::ColumnMap;
use crate::parts::{Network, NumberModel, Numbers, Plan, Sample, numbers_of};
use crate::rows::{Conditions, Targets};
use crate::schema::Schema;

/// What a density consists of beside its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Member {
    /// One map a column of the schema.
    pub(crate) maps: Vec<ColumnMap>,
    pub(crate) numbers: Option<Numbers>,
}

/// The parameters of a density.
#[derive(Module, Debug)]
pub(crate) struct MemberModel {
    pub(crate) numbers: Option<NumberModel>,
}

/// Rows of a table in the terms of one member.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    pub(crate) targets: Targets,
    pub(crate) conditions: Conditions,
}

/// The score of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Score {
    /// `ln p`, −∞ where the row is impossible.
    pub(crate) log_prob: f64,
    /// `ln p` by the rule of succession for what is impossible: finite, for comparisons.
    pub(crate) smoothed: f64,
}

/// What one member learns from.
pub(crate) struct Lesson<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) columns: &'a [&'a Column],
    pub(crate) weights: &'a [f64],
    pub(crate) train: &'a [usize],
    pub(crate) validation: &'a [usize],
    pub(crate) network: &'a Network,
    pub(crate) plan: &'a Plan,
    pub(crate) device: &'a Device,
}

impl Member {
    /// Fits maps and parts.
    pub(crate) fn fit(
        lesson: &Lesson<'_>,
    ) -> Result<(Self, MemberModel, Vec<(String, History, String)>), DensityError> {
        let weights: Vec<f64> = lesson.train.iter().map(|row| lesson.weights[*row]).collect();
        let of_validation: Vec<f64> = lesson.validation.iter().map(|row| lesson.weights[*row]).collect();
        let known = lesson.schema.columns.iter().zip(lesson.columns);
        let maps: Vec<ColumnMap> = known
            .map(|(known, column)| {
                ColumnMap::fit(column, &known.kind, lesson.train, &weights, known.missing)
            })
            .collect();
        let mut this = Self { maps, numbers: None };
        let train = this.encode(lesson.schema, lesson.columns, lesson.train);
        let validation = this.encode(lesson.schema, lesson.columns, lesson.validation);
        let mut histories = Vec::new();
        let numbers = numbers_of(&this.maps[..lesson.schema.targets()]);
        let numbers = match numbers.is_empty() {
            true => None,
            false => {
                let inputs = [this.inputs(&train), this.inputs(&validation)];
                let sample = |encoded, inputs, weights| Sample { targets: encoded, inputs, weights };
                let (part, model, fitted) = Numbers::fit(
                    &numbers,
                    sample(&train.targets, &inputs[0], &weights),
                    sample(&validation.targets, &inputs[1], &of_validation),
                    lesson.network,
                    lesson.plan,
                    lesson.device,
                    &mut (),
                )?;
                histories.push(("numbers".to_owned(), fitted.history, fitted.outcome));
                Some((part, model))
            }
        };
        let (part, model) = numbers.unzip();
        this.numbers = part;
        Ok((this, MemberModel { numbers: model }, histories))
    }

    /// The untrained model that holds the parameters.
    pub(crate) fn build(&self, device: &Device) -> MemberModel {
        MemberModel {
            numbers: self.numbers.as_ref().map(|numbers| numbers.build(device)),
        }
    }

    /// Rows of the columns of a schema.
    pub(crate) fn encode(&self, schema: &Schema, columns: &[&Column], rows: &[usize]) -> Encoded {
        let targets = schema.targets();
        let modelled: Vec<_> = columns[..targets].iter().copied().zip(&self.maps).collect();
        Encoded {
            targets: Targets::of(&modelled, rows),
            conditions: self.conditions(schema, &columns[targets..], rows),
        }
    }

    /// The conditions of rows, of the columns that are conditions.
    pub(crate) fn conditions(&self, schema: &Schema, columns: &[&Column], rows: &[usize]) -> Conditions {
        let targets = schema.targets();
        let known = schema.columns[targets..].iter().zip(&self.maps[targets..]);
        let conditions: Vec<_> = columns
            .iter()
            .zip(known)
            .map(|(column, (known, map))| (*column, &known.kind, map))
            .collect();
        Conditions::of(&conditions, rows)
    }

    /// The inputs of the density of numbers.
    fn inputs(&self, rows: &Encoded) -> Vec<f32> {
        rows.conditions.inputs.clone()
    }

    /// The scores of rows without errors.
    pub(crate) fn scores(&self, model: &MemberModel, rows: &Encoded, draws: usize) -> Vec<Score> {
        let count = rows.targets.rows;
        let mut logs = rows.targets.seen.clone();
        if let (Some(part), Some(model)) = (&self.numbers, &model.numbers) {
            let numbers = numbers_of(&self.maps);
            let inputs = self.inputs(rows);
            let found = part.log_probs(model, &numbers, &rows.targets, &inputs, draws);
            logs.iter_mut().zip(found).for_each(|(log, found)| *log += found);
        }
        let score = |row: usize| {
            let impossible = rows.targets.impossible[row];
            Score {
                log_prob: if impossible < 0.0 { f64::NEG_INFINITY } else { logs[row] },
                smoothed: logs[row] + impossible,
            }
        };
        (0..count).map(score).collect()
    }

    /// Samples of the modelled columns, one for each row of conditions.
    pub(crate) fn sample(
        &self,
        model: &MemberModel,
        n: usize,
        conditions: &Conditions,
        temperature: f64,
        rng: &mut ChaCha8Rng,
    ) -> Vec<f64> {
        let numbers = numbers_of(&self.maps);
        match (&self.numbers, &model.numbers) {
            (Some(part), Some(model)) => {
                part.sample(model, &numbers, n, &conditions.inputs, temperature, rng)
            }
            _ => vec![],
        }
    }
}
