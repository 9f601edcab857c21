//! One density of a table: the maps of its columns and the parts that were trained.

mod fit;
mod inputs;
mod latents;
mod sample;
mod score;

use burn::module::Module;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use thalweg_data::Column;
use thalweg_models::ConfigError;

use crate::columns::ColumnMap;
use crate::parts::{
    Angles, Categories, CategoryModel, Network, NumberModel, Numbers, VectorModel, numbers_of,
};
use crate::rows::{Conditions, Targets};
use crate::schema::Schema;
pub use fit::Training;
pub(crate) use fit::{Lesson, PARTS};
use inputs::with_angles;
pub(crate) use sample::Drawn;
pub(crate) use score::Score;

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

impl Encoded {
    /// Whether a row has a density.
    pub(crate) fn is_known(&self, row: usize) -> bool {
        self.targets.errors[row].is_none() && self.conditions.errors[row].is_none()
    }
}

impl Member {
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

    /// What the angles of rows are conditional on: conditions and categories.
    fn angle_inputs(&self, schema: &Schema, rows: &Encoded) -> Vec<f32> {
        let (targets, inputs) = (&rows.targets, &rows.conditions.inputs);
        match self.categories {
            Some(_) => self.with_categories(schema, inputs, &targets.codes, targets.rows),
            None => inputs.clone(),
        }
    }

    /// What the numbers of rows are conditional on: conditions, categories and angles.
    fn number_inputs(&self, schema: &Schema, rows: &Encoded) -> Vec<f32> {
        let inputs = self.angle_inputs(schema, rows);
        match self.angles {
            Some(_) => with_angles(&inputs, &rows.targets.angles, rows.targets.rows),
            None => inputs,
        }
    }

    /// The number of its flows.
    #[cfg(feature = "check")]
    pub(crate) fn flow_count(&self) -> usize {
        let numbers = self.numbers.as_ref().and_then(|part| part.network.as_ref());
        usize::from(numbers.is_some()) + usize::from(self.angles.is_some())
    }

    /// Reports on the flows of the numbers and of the angles, of those that there are, on rows without errors.
    #[cfg(feature = "check")]
    pub(crate) fn check_flows(
        &self,
        schema: &Schema,
        model: &MemberModel,
        rows: &Encoded,
        options: &thalweg_check::Options,
        device: &Device,
    ) -> Vec<Result<thalweg_check::Check, thalweg_check::CheckError>> {
        let targets = &rows.targets;
        let numbers = numbers_of(&self.maps[..schema.targets()]);
        let mut reports = vec![];
        if let (Some(part), Some(model)) = (&self.numbers, &model.numbers) {
            let inputs = self.number_inputs(schema, rows);
            reports.extend(part.check(model, &numbers, targets, &inputs, options));
        }
        if let (Some(part), Some(model)) = (&self.angles, &model.angles) {
            let inputs = self.angle_inputs(schema, rows);
            reports.push(part.check(model, &targets.angles, &inputs, options, device));
        }
        reports
    }
}
