//! How the records of a file become columns.

use crate::{ColumnType, CsvOptions};

/// The dialect of a file, and its columns.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The options with everything that they left open.
    pub(super) options: CsvOptions,
    /// The line of the header, and its number of fields.
    pub(super) header: Option<(u64, usize)>,
    /// Whether the first record has one field only.
    pub(super) title: bool,
    /// The records before the first row.
    pub(super) skipped: usize,
    /// The number of fields of a row.
    pub(super) fields: usize,
    /// Whether the last field of each row is nothing after a delimiter at the end of the line.
    pub(super) trailing: bool,
    /// The columns to read.
    pub(super) columns: Vec<Planned>,
    /// What was decided about the names.
    pub(super) notes: Vec<String>,
}

/// One column to read.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) name: String,
    /// The place of its field in a record.
    pub(super) place: usize,
    pub(super) kind: ColumnType,
    /// Whether the options give the type.
    pub(super) given: bool,
}
