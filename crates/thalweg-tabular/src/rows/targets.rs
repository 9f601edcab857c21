//! The modelled columns of rows.

use thalweg_data::{Column, Values};

use crate::RowError;
use crate::columns::{Cell, ColumnMap, Flag, Level};

/// The modelled columns of rows: categories, angles and numbers, row by row, and what needs no network.
///
/// The categories are those of the columns in their order, the flags of numbers and angles among them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Targets {
    /// The number of rows.
    pub(crate) rows: usize,
    /// The level of each category.
    pub(crate) codes: Vec<usize>,
    /// Of each category, what a network's log-probability is replaced by: where the value was not seen.
    pub(crate) unseen: Vec<Option<f64>>,
    /// Of each row, the log-probability that all values are seen ones.
    pub(crate) seen: Vec<f64>,
    /// Each angle in radians, NaN where there is none.
    pub(crate) angles: Vec<f64>,
    /// Each number.
    pub(crate) cells: Vec<Cell>,
    /// The number of values of each row that are impossible under the density.
    pub(crate) impossible: Vec<usize>,
    /// Why a row has no density.
    pub(crate) errors: Vec<Option<RowError>>,
}

impl Targets {
    /// The rows of columns, of which each has its map.
    pub(crate) fn of(columns: &[(&Column, &ColumnMap)], rows: &[usize]) -> Self {
        let mut targets = Self {
            rows: rows.len(),
            ..Self::default()
        };
        for row in rows {
            targets.push(columns, *row);
        }
        targets
    }

    fn push(&mut self, columns: &[(&Column, &ColumnMap)], row: usize) {
        let mut this = Row::default();
        for (column, map) in columns {
            self.value(column, map, row, &mut this);
        }
        self.seen.push(this.seen);
        self.impossible.push(this.impossible);
        self.errors.push(this.error);
    }

    fn value(&mut self, column: &Column, map: &ColumnMap, row: usize, this: &mut Row) {
        let name = column.name();
        match map {
            ColumnMap::Constant(value) => {
                if ColumnMap::differs(value, column, row) {
                    this.impossible += 1;
                }
            }
            ColumnMap::Category(levels) => {
                let level = match column.values() {
                    values if values.is_missing(row) => levels.of_missing(),
                    Values::Text(text) => text.get(row).map(|word| levels.of_word(word)),
                    Values::Numbers(values) | Values::Times(values) => {
                        this.check_finite(name, values[row]);
                        Some(levels.of_number(values[row]))
                    }
                    _ => None,
                };
                let level = level.unwrap_or_else(|| {
                    this.error(RowError::Missing(name.to_owned()));
                    Level::Unseen(0.0)
                });
                match level {
                    Level::Seen(code, log) => {
                        this.seen += log;
                        self.codes.push(code);
                        self.unseen.push(None);
                    }
                    Level::Unseen(log) => {
                        self.codes.push(levels.common());
                        self.unseen.push(Some(log));
                    }
                }
            }
            ColumnMap::Number(number) => {
                let x = number_of(column, row);
                this.check_finite(name, x);
                let mut cell = match self.flag(name, number.flag.as_ref(), x, this) {
                    true => Cell::Value(number.cell(x)),
                    false => Cell::Absent,
                };
                if matches!(cell, Cell::Value(x) if !number.contains(x)) {
                    this.impossible += 1;
                    cell = Cell::Absent;
                }
                self.cells.push(cell);
            }
            ColumnMap::Angle(angle) => {
                let x = number_of(column, row);
                this.check_finite(name, x);
                let radians = match self.flag(name, angle.flag.as_ref(), x, this) {
                    true => angle.forward(x),
                    false => f64::NAN,
                };
                self.angles.push(radians);
            }
        }
    }

    /// Records the flag of a number, and tells whether it has a density.
    fn flag(&mut self, name: &str, flag: Option<&Flag>, x: f64, this: &mut Row) -> bool {
        let level = match flag {
            Some(flag) => flag.level(x),
            None if x.is_nan() => None,
            None => return true,
        };
        if level.is_none() {
            this.error(RowError::Missing(name.to_owned()));
        }
        if flag.is_some() {
            self.codes.push(level.unwrap_or_default());
            self.unseen.push(None);
        }
        level == Some(0)
    }
}

/// What the columns of a row add up to.
#[derive(Default)]
struct Row {
    seen: f64,
    impossible: usize,
    error: Option<RowError>,
}

impl Row {
    /// The first error counts.
    fn error(&mut self, error: RowError) {
        self.error.get_or_insert(error);
    }

    fn check_finite(&mut self, column: &str, value: f64) {
        if value.is_infinite() {
            self.error(RowError::NotFinite {
                column: column.to_owned(),
                value,
            });
        }
    }
}

/// The number or time of a row; NaN where it is missing.
pub(crate) fn number_of(column: &Column, row: usize) -> f64 {
    match column.values() {
        Values::Numbers(values) | Values::Times(values) => values[row],
        _ => f64::NAN,
    }
}
