//! Columns that grow row by row.

use super::plan::{Plan, Planned};
use super::profile::is_few;
use crate::csv::number::{self, Cell};
use crate::csv::{CsvError, Record, cut, ragged};
use crate::numeric::precision;
use crate::tables::time;
use crate::{Column, ColumnType, Text, Values};

/// Collects the rows of a table.
pub(super) struct Builder<'a> {
    plan: &'a Plan,
    columns: Vec<Growing<'a>>,
    rows: usize,
    /// The words for missing values, in the file's spelling, and how often they occur.
    pub(super) missing: Vec<(String, u64)>,
}

/// One column.
struct Growing<'a> {
    planned: &'a Planned,
    values: Values,
    /// The fields that are not missing.
    count: u64,
    /// Fields that are not of the column's type: their number, and the first one.
    failed: u64,
    first_failed: Option<(u64, u64, String)>,
    /// Whether one of them is a code such as 00123.
    code: bool,
    /// The first whole number that f64 rounds, and whether there are different ones.
    rounded: Option<(String, bool)>,
}

/// What a field holds.
enum Found {
    Value(f64),
    Missing,
    Failed,
}

impl<'a> Builder<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        let columns = plan.columns.iter().map(|planned| Growing {
            planned,
            values: match planned.kind {
                ColumnType::Numbers => Values::Numbers(Vec::new()),
                ColumnType::Times => Values::Times(Vec::new()),
                ColumnType::Text => Values::Text(Text::default()),
            },
            count: 0,
            failed: 0,
            first_failed: None,
            code: false,
            rounded: None,
        });
        Self {
            plan,
            columns: columns.collect(),
            rows: 0,
            missing: Vec::new(),
        }
    }

    /// Adds a row. A field that is not of its column's type is an error if `strict` or if the options give
    /// the type, and a missing value that is counted otherwise. A row with an error is not added.
    pub(super) fn push(&mut self, row: u64, record: &Record, strict: bool) -> Result<(), CsvError> {
        let plan = self.plan;
        if record.len() != plan.fields {
            let header = plan.header.map(|(_, fields)| fields);
            return Err(ragged(row, record, plan.fields, header, plan.title));
        }
        if plan.trailing && !record.get(plan.fields - 1).is_empty() {
            let problem = "its last field has a value and no name: give names with names(&[..]) and \
                           header(true)";
            return Err(CsvError::Line {
                line: record.line(),
                problem: problem.to_owned(),
            });
        }
        if plan.options.drop_missing && self.lacks(record) {
            return Ok(());
        }
        for place in 0..self.columns.len() {
            let column = &mut self.columns[place];
            let field = record.get(column.planned.place);
            let found = match &mut column.values {
                Values::Text(_) => continue,
                _ => column.read(field.trim(), plan),
            };
            let value = match found {
                Found::Value(value) => value,
                Found::Missing => {
                    note(&mut self.missing, field.trim());
                    f64::NAN
                }
                Found::Failed if strict || column.planned.given => {
                    let error = column.error(row, record, plan);
                    self.undo();
                    return Err(error);
                }
                Found::Failed => {
                    column.fail(row, record);
                    f64::NAN
                }
            };
            let (Values::Numbers(values) | Values::Times(values)) = &mut column.values else {
                continue;
            };
            values.push(value);
        }
        // Text cannot fail, so that a row is whole or absent.
        for column in &mut self.columns {
            if let Values::Text(text) = &mut column.values {
                let place = column.planned.place;
                let word = word(record, place, plan);
                column.count += u64::from(word.is_some());
                if word.is_none() {
                    note(&mut self.missing, record.get(place).trim());
                }
                text.push(word);
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// The number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Whether a value is missing.
    fn lacks(&self, record: &Record) -> bool {
        let missing = |column: &Growing| {
            let field = record.get(column.planned.place).trim();
            match column.planned.kind {
                ColumnType::Text => word(record, column.planned.place, self.plan).is_none(),
                _ => self.plan.options.is_missing_word(field) || number::is_missing(field),
            }
        };
        self.columns.iter().any(missing)
    }

    /// Removes the values of a row that was not added.
    fn undo(&mut self) {
        for column in &mut self.columns {
            if let Values::Numbers(values) | Values::Times(values) = &mut column.values {
                values.truncate(self.rows);
            }
        }
    }

    /// The columns that must be text instead: a hundredth of their fields or more are not of their type.
    pub(super) fn text_instead(&self) -> Result<Vec<usize>, CsvError> {
        let mut text = Vec::new();
        for (place, column) in self.columns.iter().enumerate() {
            let Some((line, row, field)) = &column.first_failed else {
                continue;
            };
            if column.code || !is_few(column.failed, column.count) {
                text.push(place);
                continue;
            }
            return Err(CsvError::Mixed {
                line: *line,
                row: *row,
                column: column.planned.name.clone(),
                text: field.clone(),
                expected: column.planned.kind,
                failed: column.failed,
                count: column.count,
            });
        }
        Ok(text)
    }

    /// The columns.
    pub(super) fn finish(self) -> Result<Vec<Column>, CsvError> {
        self.columns.into_iter().map(Growing::finish).collect()
    }
}

impl Growing<'_> {
    fn read(&mut self, text: &str, plan: &Plan) -> Found {
        let options = &plan.options;
        if self.planned.kind == ColumnType::Times {
            if options.is_missing_word(text) || number::is_missing(text) {
                return Found::Missing;
            }
            self.count += 1;
            return time::parse(text).map_or(Found::Failed, Found::Value);
        }
        match number::read(text, options) {
            Cell::Missing => Found::Missing,
            Cell::Number(_) if !self.planned.given && number::is_code(text) => {
                self.count += 1;
                Found::Failed
            }
            Cell::Number(value) => {
                self.count += 1;
                if number::is_rounded(text, value) {
                    let (first, others) = self.rounded.get_or_insert_with(|| (cut(text), false));
                    *others |= first != text;
                }
                Found::Value(value)
            }
            Cell::Unreadable => {
                self.count += 1;
                number::infinite(text).map_or(Found::Failed, Found::Value)
            }
        }
    }

    fn fail(&mut self, row: u64, record: &Record) {
        let text = record.get(self.planned.place).trim();
        self.failed += 1;
        self.code |= number::is_code(text);
        let first = || (record.line(), row, cut(text));
        self.first_failed.get_or_insert_with(first);
    }

    fn error(&self, row: u64, record: &Record, plan: &Plan) -> CsvError {
        let text = record.get(self.planned.place).trim();
        let (line, column) = (record.line(), self.planned.name.clone());
        match self.planned.kind {
            ColumnType::Times => CsvError::Time {
                line,
                row,
                column,
                text: cut(text),
            },
            _ => CsvError::Number {
                line,
                row,
                column,
                text: cut(text),
                advice: number::advice(text, &plan.options, plan.options.delimiter.unwrap_or(','))
                    .unwrap_or_else(|| {
                        format!(
                            "correct it, or give missing_words(&[\"{0}\"]) if it marks a missing value, or \
                             types(&[(\"{1}\", ColumnType::Text)]) if the column is text",
                            cut(text),
                            self.planned.name
                        )
                    }),
            },
        }
    }

    fn finish(self) -> Result<Column, CsvError> {
        if let (Values::Numbers(values), Some((text, true))) = (&self.values, &self.rounded) {
            let values = values.iter().copied().filter(|value| !value.is_nan());
            if let Some(spread) = precision::lost_digits(values) {
                return Err(CsvError::Digits {
                    column: self.planned.name.clone(),
                    text: text.clone(),
                    spread,
                });
            }
        }
        Ok(Column::new(&self.planned.name, self.values))
    }
}

/// The word of a field, if it is not missing. A word in quotes is one, whatever it says.
fn word<'r>(record: &'r Record, place: usize, plan: &Plan) -> Option<&'r str> {
    let field = record.get(place);
    let missing = match record.is_quoted(place) {
        true => field.is_empty(),
        false => number::is_missing(field),
    };
    (!missing && !plan.options.is_missing_word(field.trim())).then_some(field)
}

/// Counts a word for a missing value.
fn note(missing: &mut Vec<(String, u64)>, word: &str) {
    match missing.iter_mut().find(|(known, _)| known == word) {
        Some((_, count)) => *count += 1,
        None => missing.push((word.to_owned(), 1)),
    }
}
