//! Which columns of a file are read, and as what.

use arrow_schema::Schema;

use super::{ArrowError, ParquetError, from};
use crate::tables::csv::unique;
use crate::{ColumnType, CsvError, CsvOptions};

/// The columns that options ask for.
pub(super) struct Choice {
    /// In the order of the table.
    pub(super) columns: Vec<Chosen>,
    /// Their places in the file, in its order.
    pub(super) read: Vec<usize>,
    /// What a reader of the table should know of the names.
    pub(super) notes: Vec<String>,
}

/// One column to read.
pub(super) struct Chosen {
    /// Its place in a batch.
    pub(super) place: usize,
    pub(super) name: String,
    pub(super) kind: ColumnType,
}

impl Choice {
    /// Finds the columns in a file of this schema. A label is read as text, which it adds to the options.
    pub(super) fn of(schema: &Schema, options: &mut CsvOptions) -> Result<Self, ParquetError> {
        let names: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let (names, notes) = unique(&names);
        let places = options
            .columns
            .find(&names)
            .map_err(|error| refused(error, &names))?;
        if let Some((name, _)) = options.types.iter().find(|(name, _)| !names.contains(name)) {
            return Err(ArrowError::NoColumn {
                column: name.clone(),
                found: names,
            }
            .into());
        }
        let kept: Vec<usize> = places
            .numbers
            .iter()
            .chain(&places.label)
            .copied()
            .collect();
        if kept.is_empty() {
            return Err(ArrowError::Empty("columns").into());
        }
        let mut read = kept.clone();
        read.sort_unstable();
        if let Some(label) = places.label {
            options.types.push((names[label].clone(), ColumnType::Text));
        }
        let columns = kept.iter().map(|place| {
            let field = schema.field(*place);
            let name = names[*place].clone();
            let asked = options.types.iter().find(|(column, _)| *column == name);
            Ok(Chosen {
                kind: match asked {
                    Some((_, kind)) => *kind,
                    None => from::column_type(field.data_type(), &name)?,
                },
                place: read.partition_point(|other| other < place),
                name,
            })
        });
        let columns = columns.collect::<Result<Vec<Chosen>, ArrowError>>()?;
        Ok(Self {
            columns,
            read,
            notes,
        })
    }
}

/// The error of columns that are not there.
fn refused(error: CsvError, names: &[String]) -> ParquetError {
    match error {
        CsvError::NoColumn { column, found } => ArrowError::NoColumn { column, found },
        other => ArrowError::Batch(format!("{other}; the columns are {names:?}")),
    }
    .into()
}
