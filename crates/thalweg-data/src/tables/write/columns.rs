//! The columns of a file, which all its tables have.

use super::error::WriteError;
use crate::Table;

/// The columns of the first table, with their types.
#[derive(Default)]
pub(super) struct Columns {
    first: Option<Vec<String>>,
}

impl Columns {
    /// Whether a table was added.
    pub(super) fn begun(&self) -> Result<(), WriteError> {
        self.first.as_ref().map(|_| ()).ok_or(WriteError::NoTable)
    }

    /// Whether a table has these columns; the first one sets them.
    pub(super) fn check(&mut self, table: &Table) -> Result<(), WriteError> {
        let columns = table.columns().iter();
        let found: Vec<String> = columns
            .map(|column| format!("{} ({})", column.name(), column.values().column_type()))
            .collect();
        match &self.first {
            Some(expected) if *expected != found => Err(WriteError::Columns {
                expected: expected.clone(),
                found,
            }),
            Some(_) => Ok(()),
            None => {
                self.first = Some(found);
                Ok(())
            }
        }
    }
}
