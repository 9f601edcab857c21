//! Choosing columns by the header of a CSV file.

use std::path::Path;

use csv::StringRecord;

use crate::DataError;

/// Which columns of a CSV file to read, by the names in its header.
///
/// ```
/// use thalweg_data::Columns;
///
/// let all = Columns::all();
/// let some = Columns::named(&["width", "length"]).with_label("species");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    numbers: Option<Vec<String>>,
    label: Option<String>,
}

impl Columns {
    /// Every column holds numbers, but for the one of the labels.
    pub fn all() -> Self {
        Self::default()
    }

    /// These columns hold numbers and are kept in this order; the others are passed over.
    pub fn named(names: &[&str]) -> Self {
        Self {
            numbers: Some(names.iter().map(ToString::to_string).collect()),
            label: None,
        }
    }

    /// This column holds the class of each row, as text.
    pub fn with_label(mut self, name: &str) -> Self {
        self.label = Some(name.to_string());
        self
    }

    /// Where the columns stand in a header.
    pub(super) fn find(&self, path: &Path, header: &StringRecord) -> Result<Places, DataError> {
        let place = |name: &str| find(path, header, name);
        let label = self.label.as_deref().map(place).transpose()?;
        let numbers: Vec<usize> = match &self.numbers {
            Some(names) => names
                .iter()
                .map(|name| place(name))
                .collect::<Result<_, _>>()?,
            None => (0..header.len()).filter(|&i| Some(i) != label).collect(),
        };
        if numbers.is_empty() {
            return Err(empty(path, "no column of numbers; name at least one"));
        }
        Ok(Places { numbers, label })
    }
}

/// Where the columns asked for stand in a row.
pub(super) struct Places {
    pub(super) numbers: Vec<usize>,
    pub(super) label: Option<usize>,
}

/// Where the column of this name stands.
pub(super) fn find(path: &Path, header: &StringRecord, name: &str) -> Result<usize, DataError> {
    let found = header.iter().position(|column| column == name);
    found.ok_or_else(|| DataError::Column {
        path: path.to_path_buf(),
        column: name.to_string(),
        found: header.iter().map(ToString::to_string).collect(),
    })
}

/// A file without what was asked of it.
pub(super) fn empty(path: &Path, what: &'static str) -> DataError {
    DataError::Empty {
        path: path.to_path_buf(),
        what,
    }
}
