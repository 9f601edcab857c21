//! The condition columns of rows, as inputs of networks.

use thalweg_data::{Column, Values};

use super::inputs::{circle, one_hot};
use super::targets::number_of;
use crate::RowError;
use crate::columns::{ColumnMap, Cycle, Flag, Kind, Level};

/// The inputs that networks take for the conditions of rows.
///
/// | column | inputs |
/// |---|---|
/// | number | its standard units, and one for each level of its flag but the first |
/// | category | one for each level but the first: 1 where the row has it |
/// | angle | its cosine and sine, and its flag |
/// | time | its standard units, and cosine and sine of each cycle |
///
/// A value that no training row had is all zeros, or the standard units of a number outside the support are 0 with
/// its flag: a condition needs no density.
#[derive(Debug, Clone, Default)]
pub(crate) struct Conditions {
    /// The inputs, row by row.
    pub(crate) inputs: Vec<f32>,
    /// Why a row has no conditions.
    pub(crate) errors: Vec<Option<RowError>>,
}

/// Networks see standard units up to this size.
const MOST: f64 = 8.0;

impl Conditions {
    /// The rows of columns, of which each has its kind and its map.
    pub(crate) fn of(columns: &[(&Column, &Kind, &ColumnMap)], rows: &[usize]) -> Self {
        let width: usize = columns
            .iter()
            .map(|(_, kind, map)| Self::width(kind, map))
            .sum();
        let mut conditions = Self {
            inputs: Vec::with_capacity(rows.len() * width),
            errors: Vec::with_capacity(rows.len()),
        };
        for row in rows {
            let mut error = None;
            for (column, kind, map) in columns {
                if let Err(problem) = conditions.value(column, kind, map, *row) {
                    error.get_or_insert(problem);
                }
            }
            conditions.errors.push(error);
        }
        conditions
    }

    fn value(
        &mut self,
        column: &Column,
        kind: &Kind,
        map: &ColumnMap,
        row: usize,
    ) -> Result<(), RowError> {
        let (end, name) = (self.inputs.len() + Self::width(kind, map), column.name());
        let x = number_of(column, row);
        let known = match map {
            ColumnMap::Constant(_) => true,
            ColumnMap::Category(levels) => {
                let level = match column.values() {
                    values if values.is_missing(row) => levels.of_missing(),
                    Values::Text(text) => text.get(row).map(|word| levels.of_word(word)),
                    _ => Some(levels.of_number(x)),
                };
                if let Some(Level::Seen(code, _)) = level {
                    one_hot(code, levels.count(), &mut self.inputs);
                }
                level.is_some()
            }
            ColumnMap::Number(number) => {
                let dense = !x.is_nan() && number.contains(x);
                let t = match dense {
                    true => number.forward(x, 0.5)[0].clamp(-MOST, MOST),
                    false => 0.0,
                };
                self.inputs.push(t as f32);
                if let Kind::Time { cycles } = kind {
                    cycles
                        .iter()
                        .for_each(|cycle| circle(turn(*cycle, x), &mut self.inputs));
                }
                self.flag(number.flag.as_ref(), x)
            }
            ColumnMap::Angle(angle) => {
                circle(angle.forward(x), &mut self.inputs);
                self.flag(angle.flag.as_ref(), x)
            }
        };
        self.inputs.resize(end, 0.0);
        match (known, x.is_infinite()) {
            (_, true) => Err(RowError::NotFinite {
                column: name.to_owned(),
                value: x,
            }),
            (false, _) => Err(RowError::Missing(name.to_owned())),
            (true, false) => Ok(()),
        }
    }

    /// The number of inputs of a column.
    pub(crate) fn width(kind: &Kind, map: &ColumnMap) -> usize {
        let flag = |flag: &Option<Flag>| flag.as_ref().map_or(0, |flag| flag.count() - 1);
        match map {
            ColumnMap::Constant(_) => 0,
            ColumnMap::Category(levels) => levels.count() - 1,
            ColumnMap::Number(number) => {
                let cycles = match kind {
                    Kind::Time { cycles } => cycles.len(),
                    _ => 0,
                };
                1 + 2 * cycles + flag(&number.flag)
            }
            ColumnMap::Angle(angle) => 2 + flag(&angle.flag),
        }
    }

    /// The inputs of a flag; whether the value is known.
    fn flag(&mut self, flag: Option<&Flag>, x: f64) -> bool {
        match flag {
            Some(flag) => {
                let level = flag.level(x);
                one_hot(level.unwrap_or_default(), flag.count(), &mut self.inputs);
                level.is_some()
            }
            None => !x.is_nan(),
        }
    }
}

/// The place of a time in a cycle, in radians.
fn turn(cycle: Cycle, seconds: f64) -> f64 {
    (seconds / cycle.seconds()).rem_euclid(1.0) * std::f64::consts::TAU
}
