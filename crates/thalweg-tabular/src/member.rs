//! One density of a table: the maps of its columns and the parts that were trained.

use burn::module::Module;
use burn::tensor::Device;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use thalweg_data::Column;
use thalweg_models::ConfigError;
use thalweg_train::History;

use crate::DensityError;
use crate::columns::{ColumnMap, Treatment};
use crate::parts::{
    Angles, Categories, CategoryModel, Network, NumberModel, Numbers, Plan, Sample, VectorModel,
    numbers_of,
};
use crate::rows::{Conditions, Targets};
use crate::schema::Schema;

/// What a density consists of beside its parameters: `p(categories | conditions) · p(angles | categories, conditions) ·
/// p(numbers | angles, categories, conditions)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Member {
    /// One map a column of the schema.
    pub(crate) maps: Vec<ColumnMap>,
    pub(crate) categories: Option<Categories>,
    pub(crate) angles: Option<Angles>,
    pub(crate) numbers: Option<Numbers>,
}

/// The parameters of a density.
#[derive(Module, Debug)]
pub(crate) struct MemberModel {
    categories: Option<CategoryModel>,
    angles: Option<VectorModel>,
    numbers: Option<NumberModel>,
}

/// Rows of a table in the terms of one member.
#[derive(Debug, Clone)]
pub(crate) struct Encoded {
    pub(crate) targets: Targets,
    pub(crate) conditions: Conditions,
}

/// A number of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Score {
    /// `ln p` of what is possible in the row, or a score in its place.
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

/// What one member learns from.
#[derive(Clone, Copy)]
pub(crate) struct Lesson<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) columns: &'a [&'a Column],
    pub(crate) weights: &'a [f64],
    pub(crate) train: &'a [usize],
    pub(crate) validation: &'a [usize],
    /// The flow of numbers; none of wide and short tables.
    pub(crate) network: Option<&'a Network>,
    /// The hidden layers of the network of categories.
    pub(crate) hidden: &'a [usize],
    pub(crate) plan: &'a Plan,
    pub(crate) device: &'a Device,
}

/// The training of one part.
#[derive(Debug, Clone)]
pub struct Training {
    /// `numbers`, `angles` or `categories`.
    pub part: String,
    /// Losses by epoch.
    pub history: History,
    /// How it ended.
    pub outcome: String,
}

impl Member {
    /// Fits maps and parts.
    pub(crate) fn fit(
        lesson: &Lesson<'_>,
    ) -> Result<(Self, MemberModel, Vec<Training>), DensityError> {
        let Lesson {
            schema,
            columns,
            plan,
            device,
            ..
        } = *lesson;
        let of =
            |rows: &[usize]| -> Vec<f64> { rows.iter().map(|row| lesson.weights[*row]).collect() };
        let weights = [of(lesson.train), of(lesson.validation)];
        let known = schema.columns.iter().zip(columns);
        let map = |(known, column): (&crate::Known, &&Column)| {
            let how = Treatment {
                missing: known.missing,
                atoms: true,
            };
            ColumnMap::fit(column, &known.kind, lesson.train, &weights[0], how)
        };
        let mut this = Self {
            maps: known.map(map).collect(),
            categories: None,
            angles: None,
            numbers: None,
        };
        let (levels, angles) = (this.levels(schema), this.angle_maps(schema));
        let angles: Vec<_> = angles.into_iter().cloned().collect();
        let has_numbers = !numbers_of(&this.maps[..schema.targets()]).is_empty();
        // Each part has its share of the member's time.
        let parts = [
            !levels.is_empty(),
            !angles.is_empty(),
            has_numbers && lesson.network.is_some(),
        ];
        let parts = parts.iter().filter(|part| **part).count().max(1) as u32;
        let plan = &Plan {
            limit: plan.limit.map(|limit| limit / parts),
            ..plan.clone()
        };
        let rows = [lesson.train, lesson.validation].map(|rows| this.encode(schema, columns, rows));
        let mut inputs = [0, 1].map(|k| rows[k].conditions.inputs.clone());
        let mut trainings = Vec::new();
        let mut record = |part: &str, fitted: crate::parts::Fitted<()>| {
            trainings.push(Training {
                part: part.to_owned(),
                history: fitted.history,
                outcome: fitted.outcome,
            });
        };
        let mut model = MemberModel {
            categories: None,
            angles: None,
            numbers: None,
        };

        if !levels.is_empty() {
            let [train, held_out] = samples(&rows, &inputs, &weights);
            let (part, network, fitted) =
                Categories::fit(levels.clone(), train, held_out, lesson.hidden, plan, device)?;
            record("categories", fitted);
            (this.categories, model.categories) = (Some(part), Some(network));
            for (inputs, rows) in inputs.iter_mut().zip(&rows) {
                *inputs =
                    this.with_categories(schema, inputs, &rows.targets.codes, rows.targets.rows);
            }
        }
        if !angles.is_empty() {
            let [train, held_out] = samples(&rows, &inputs, &weights);
            let log_slopes: Vec<f64> = angles.iter().map(|angle| angle.log_slope()).collect();
            let is_random = angles.iter().any(|angle| angle.flag.is_some());
            let network = lesson.network.cloned().unwrap_or_else(|| {
                Network::new(crate::Family::Circular).with_hidden(lesson.hidden)
            });
            let (part, flow, fitted) = Angles::fit(
                &log_slopes,
                is_random,
                train,
                held_out,
                &network,
                plan,
                device,
            )?;
            record("angles", fitted);
            (this.angles, model.angles) = (Some(part), Some(flow));
            for (inputs, rows) in inputs.iter_mut().zip(&rows) {
                *inputs = with_angles(inputs, &rows.targets.angles, rows.targets.rows);
            }
        }
        let numbers = numbers_of(&this.maps[..schema.targets()]);
        if !numbers.is_empty() {
            let [train, held_out] = samples(&rows, &inputs, &weights);
            let (part, flow, fitted) =
                Numbers::fit(&numbers, train, held_out, lesson.network, plan, device)?;
            if let Some(fitted) = fitted {
                record("numbers", fitted);
            }
            (this.numbers, model.numbers) = (Some(part), Some(flow));
        }
        Ok((this, model, trainings))
    }

    /// The untrained model that holds the parameters.
    pub(crate) fn build(&self, device: &Device) -> MemberModel {
        MemberModel {
            categories: self.categories.as_ref().map(|part| part.build(device)),
            angles: self.angles.as_ref().map(|part| part.build(device)),
            numbers: self.numbers.as_ref().map(|part| part.build(device)),
        }
    }

    /// Checks the sizes of all networks.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if let Some(part) = &self.categories {
            part.check()?;
        }
        let flows = [
            self.angles.as_ref().map(|part| part.network()),
            self.numbers.as_ref().and_then(|part| part.network.as_ref()),
        ];
        flows.into_iter().flatten().try_for_each(Network::check)
    }

    /// Whether the parts are those of the columns.
    pub(crate) fn is_consistent(&self, schema: &Schema) -> bool {
        if !self.maps.iter().all(ColumnMap::is_sound) {
            return false;
        }
        let targets = schema.targets();
        let numbers = numbers_of(&self.maps[..targets]).len();
        let (levels, angles) = (self.levels(schema), self.angle_maps(schema).len());
        // Each part is given the conditions and the parts before it.
        let conditions = schema.columns[targets..].iter().zip(&self.maps[targets..]);
        let given: usize = conditions
            .map(|(known, map)| Conditions::width(&known.kind, map))
            .sum();
        let given_categories: usize = given + levels.iter().map(|count| count - 1).sum::<usize>();
        let given_angles = given_categories + 2 * angles;
        let categories = self.categories.as_ref();
        categories.map_or(levels.is_empty(), |part| {
            !levels.is_empty() && part.levels() == levels && part.context() == given
        }) && self.angles.as_ref().map_or(angles == 0, |part| {
            angles > 0 && part.width() == angles && part.context() == given_categories
        }) && self.numbers.as_ref().map_or(numbers == 0, |part| {
            numbers > 0 && part.context == given_angles && part.is_consistent(numbers)
        })
    }

    /// A lower bound on the number of values in all parameters.
    pub(crate) fn parameters(&self) -> u128 {
        self.categories.as_ref().map_or(0, Categories::parameters)
            + self.angles.as_ref().map_or(0, Angles::parameters)
            + self.numbers.as_ref().map_or(0, Numbers::parameters)
    }

    /// The number of levels of each category, flags of numbers and angles included.
    pub(crate) fn levels(&self, schema: &Schema) -> Vec<usize> {
        let levels = |map: &ColumnMap| match map {
            ColumnMap::Constant(_) => None,
            ColumnMap::Category(levels) => Some(levels.count()),
            ColumnMap::Number(number) => number.flag.as_ref().map(|flag| flag.count()),
            ColumnMap::Angle(angle) => angle.flag.as_ref().map(|flag| flag.count()),
        };
        self.maps[..schema.targets()]
            .iter()
            .filter_map(levels)
            .collect()
    }

    fn angle_maps(&self, schema: &Schema) -> Vec<&crate::columns::Angle> {
        fn angle(map: &ColumnMap) -> Option<&crate::columns::Angle> {
            match map {
                ColumnMap::Angle(angle) => Some(angle),
                _ => None,
            }
        }
        self.maps[..schema.targets()]
            .iter()
            .filter_map(angle)
            .collect()
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
    pub(crate) fn conditions(
        &self,
        schema: &Schema,
        columns: &[&Column],
        rows: &[usize],
    ) -> Conditions {
        let targets = schema.targets();
        let known = schema.columns[targets..].iter().zip(&self.maps[targets..]);
        let conditions: Vec<_> = columns
            .iter()
            .zip(known)
            .map(|(column, (known, map))| (*column, &known.kind, map))
            .collect();
        Conditions::of(&conditions, rows)
    }

    /// The inputs of `rows` rows with their categories.
    fn with_categories(
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

    /// The latents of the numbers of rows, `rows × numbers`.
    pub(crate) fn encode_numbers(
        &self,
        schema: &Schema,
        model: &MemberModel,
        rows: &Encoded,
    ) -> Vec<f64> {
        let targets = &rows.targets;
        let mut inputs = rows.conditions.inputs.clone();
        if self.categories.is_some() {
            inputs = self.with_categories(schema, &inputs, &targets.codes, targets.rows);
        }
        if self.angles.is_some() {
            inputs = with_angles(&inputs, &targets.angles, targets.rows);
        }
        match (&self.numbers, &model.numbers) {
            (Some(part), Some(model)) => {
                let numbers = numbers_of(&self.maps[..schema.targets()]);
                part.encode(model, &numbers, targets, &inputs)
            }
            _ => vec![],
        }
    }
}

/// What was drawn, row by row.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) codes: Vec<usize>,
    /// In radians; NaN where the row has none.
    pub(crate) angles: Vec<f64>,
    pub(crate) numbers: Vec<f64>,
}

/// Training and held-out rows as samples.
fn samples<'a>(
    rows: &'a [Encoded; 2],
    inputs: &'a [Vec<f32>; 2],
    weights: &'a [Vec<f64>; 2],
) -> [Sample<'a>; 2] {
    [0, 1].map(|k| Sample {
        targets: &rows[k].targets,
        inputs: &inputs[k],
        weights: &weights[k],
    })
}

/// The inputs of `rows` rows with their angles.
fn with_angles(inputs: &[f32], angles: &[f64], rows: usize) -> Vec<f32> {
    let (width, each) = (inputs.len() / rows.max(1), angles.len() / rows.max(1));
    let mut all = Vec::new();
    for row in 0..rows {
        all.extend_from_slice(&inputs[row * width..][..width]);
        Angles::circles(&angles[row * each..][..each], &mut all);
    }
    all
}
