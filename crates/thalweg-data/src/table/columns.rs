//! Choosing columns by the header of a CSV file.

use std::path::Path;

use crate::DataError;

/// Which columns of a CSV file to read, by their names.
///
/// ```
/// use thalweg_data::Columns;
///
/// let all = Columns::all().without(&["id"]);
/// let some = Columns::named(&["width", "length"]).with_label("species");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    numbers: Option<Vec<String>>,
    without: Vec<String>,
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
            ..Self::default()
        }
    }

    /// These columns are passed over.
    pub fn without(mut self, names: &[&str]) -> Self {
        self.without.extend(names.iter().map(ToString::to_string));
        self
    }

    /// This column holds the class of each row, as text.
    pub fn with_label(mut self, name: &str) -> Self {
        self.label = Some(name.to_string());
        self
    }

    /// Where the columns stand under these names.
    pub(super) fn find(&self, path: &Path, header: &[String]) -> Result<Places, DataError> {
        let all = |names: &[String]| -> Result<Vec<usize>, DataError> {
            names.iter().map(|name| find(path, header, name)).collect()
        };
        let without = all(&self.without)?;
        let label = self.label.as_deref();
        let label = label.map(|name| find(path, header, name)).transpose()?;
        let mut numbers = match &self.numbers {
            Some(names) => all(names)?,
            None => (0..header.len()).filter(|&i| Some(i) != label).collect(),
        };
        numbers.retain(|place| !without.contains(place));
        let twice = numbers
            .iter()
            .enumerate()
            .find(|(i, place)| numbers[..*i].contains(place));
        if let Some((_, &place)) = twice {
            return Err(DataError::ColumnTwice {
                path: path.to_path_buf(),
                column: header[place].clone(),
            });
        }
        if numbers.is_empty() {
            return Err(empty(path, "no column of numbers; name at least one"));
        }
        let all = self.numbers.is_none();
        Ok(Places {
            numbers,
            label,
            all,
        })
    }
}

/// Where the columns asked for stand in a row.
pub(super) struct Places {
    pub(super) numbers: Vec<usize>,
    pub(super) label: Option<usize>,
    /// Whether the columns of numbers are all there are, rather than named.
    pub(super) all: bool,
}

/// Where the column of this name stands.
pub(super) fn find(path: &Path, header: &[String], name: &str) -> Result<usize, DataError> {
    let found = header.iter().position(|column| column == name);
    found.ok_or_else(|| DataError::Column {
        path: path.to_path_buf(),
        column: name.to_string(),
        found: header.to_vec(),
    })
}

/// A file without what was asked of it.
pub(super) fn empty(path: &Path, what: &'static str) -> DataError {
    DataError::Empty {
        path: path.to_path_buf(),
        what,
    }
}
