//! The conditions of a command line.

use thalweg::data::{Column, ColumnType, CsvOptions, DataError, Table};
use thalweg::tabular::{FittedDensity, Role};

use super::Sample;
use crate::failure::Failure;

impl Sample {
    /// One row of the conditions of `--given`, with the types that the model knows: read as a table, so that numbers and
    /// times have the spellings that files have.
    pub(super) fn conditions(&self, model: &FittedDensity) -> Result<Table, Failure> {
        let mut columns: Vec<Column> = Vec::new();
        for text in &self.given {
            let Some((name, value)) = text.split_once('=') else {
                return Err(Failure::Usage(format!(
                    "\"{text}\" is no condition; say `--given COLUMN=VALUE`"
                )));
            };
            let known = model
                .columns()
                .iter()
                .filter(|known| known.role == Role::Condition);
            let names: Vec<&str> = known.clone().map(|known| known.name.as_str()).collect();
            let Some(known) = known.clone().find(|known| known.name == name) else {
                return Err(Failure::Usage(match names.is_empty() {
                    true => format!("the density has no conditions, and \"{name}\" is given"),
                    false => format!(
                        "\"{name}\" is no condition of the density; those are {}",
                        names.join(", ")
                    ),
                }));
            };
            columns.push(match known.column_type() {
                ColumnType::Text => Column::text(name, [value]),
                kind => {
                    let options = CsvOptions::new().names(&[name]).types(&[(name, kind)]);
                    let read = Table::parse(value.as_bytes(), &options);
                    let read = read.map_err(|_| {
                        let kind = if kind == ColumnType::Times {
                            "time"
                        } else {
                            "number"
                        };
                        Failure::Usage(format!("`--given {text}`: \"{value}\" is no {kind}"))
                    })?;
                    read.columns()[0].clone()
                }
            });
        }
        Ok(Table::new(columns).map_err(DataError::from)?)
    }
}
