//! The choice of columns of a CSV file.

use crate::CsvError;

/// The columns of a CSV file to read, by their names.
///
/// ```
/// use thalweg_data::{Columns, CsvOptions, Table};
///
/// let csv = "id,length,species,width\n1,5.1,setosa,3.5\n2,7.0,versicolor,3.2\n";
/// let flowers = |columns| Table::parse(csv.as_bytes(), &CsvOptions::new().columns(columns));
/// let all = flowers(Columns::all().without(&["id"]).with_label("species"))?;
/// assert_eq!(all.names(), ["length", "width", "species"]);
/// let some = flowers(Columns::named(&["width", "length"]))?;
/// assert_eq!(some.numbers("width")?, [3.5, 3.2]);
/// # Ok::<(), thalweg_data::DataError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    numbers: Option<Vec<String>>,
    without: Vec<String>,
    label: Option<String>,
}

impl Columns {
    /// All columns, as numbers; the column of the labels is the exception.
    pub fn all() -> Self {
        Self::default()
    }

    /// These columns, as numbers in this order; the others are ignored.
    pub fn named(names: &[&str]) -> Self {
        Self {
            numbers: Some(names.iter().map(ToString::to_string).collect()),
            ..Self::default()
        }
    }

    /// The columns that are named, if all others are left out.
    #[cfg(feature = "tables")]
    pub(crate) fn only(&self) -> Option<&[String]> {
        self.numbers.as_deref().filter(|_| self.label.is_none())
    }

    /// Ignores these columns.
    pub fn without(mut self, names: &[&str]) -> Self {
        self.without.extend(names.iter().map(ToString::to_string));
        self
    }

    /// Reads the class of each row from this column, as text.
    pub fn with_label(mut self, name: &str) -> Self {
        self.label = Some(name.to_string());
        self
    }

    /// The indices of these columns in a header.
    pub(crate) fn find(&self, header: &[String]) -> Result<Places, CsvError> {
        let find = |name: &String| {
            let found = header.iter().position(|column| column == name);
            found.ok_or_else(|| CsvError::NoColumn {
                column: name.clone(),
                found: header.to_vec(),
            })
        };
        let all = |names: &[String]| names.iter().map(find).collect::<Result<Vec<_>, _>>();
        let without = all(&self.without)?;
        let label = self.label.as_ref().map(find).transpose()?;
        let mut numbers = match &self.numbers {
            Some(names) => all(names)?,
            None => (0..header.len()).filter(|&i| Some(i) != label).collect(),
        };
        numbers.retain(|place| !without.contains(place));
        let mut places = numbers.iter().enumerate();
        if let Some((_, &place)) = places.find(|(i, place)| numbers[..*i].contains(place)) {
            return Err(CsvError::ColumnTwice(header[place].clone()));
        }
        let all = self.numbers.is_none();
        Ok(Places {
            numbers,
            label,
            all,
        })
    }
}

/// The indices of the columns to read.
pub(crate) struct Places {
    pub(crate) numbers: Vec<usize>,
    pub(crate) label: Option<usize>,
    /// Whether all columns are read, rather than columns by name.
    pub(crate) all: bool,
}
