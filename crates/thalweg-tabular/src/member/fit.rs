//! The fit of one member.

use burn::tensor::Device;
use thalweg_data::Column;
use thalweg_train::History;

use super::inputs::with_angles;
use super::{Encoded, Member, MemberModel};
use crate::DensityError;
use crate::columns::{ColumnMap, Treatment};
use crate::parts::{Angles, Categories, Network, Numbers, Plan, Sample, numbers_of};
use crate::schema::Schema;

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

/// The names of the parts, in the order of their trainings.
pub(crate) const PARTS: [&str; 3] = ["categories", "angles", "numbers"];

/// The training of one part.
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::{Density, Training};
///
/// # let wave = |k: f64| (0..300).map(|i| (f64::from(i) * k).sin()).collect();
/// # let columns = vec![Column::numbers("a", wave(1.3)), Column::numbers("b", wave(2.1))];
/// # let table = Table::new(columns)?;
/// # let network = thalweg_tabular::Network::new(thalweg_tabular::Family::Affine);
/// # let network = network.with_layers(2).with_hidden(&[8]);
/// # let density = Density::of(["a", "b"]).members(1).network(network).steps(20);
/// let model = density.fit(&table)?;
/// let training: &Training = &model.trainings()[0][0]; // of the first member
/// assert_eq!(training.part, "numbers");
/// assert!(!training.history.epochs().is_empty());
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
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
