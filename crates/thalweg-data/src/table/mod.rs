//! Columns as they come: numbers, text and times, with missing values.

mod column;
mod error;
mod text;

pub use column::{Column, ColumnType, Values};
pub use error::ColumnsError;
pub use text::Text;

use crate::NumericTable;

/// Named columns of numbers, text and times, all with the same number of rows, in memory.
///
/// A value may be missing. [`NumericTable`] is the type for finite numbers alone, row by row.
///
/// ```
/// use thalweg_data::{Column, Table};
///
/// let table = Table::new(vec![
///     Column::numbers("price", vec![1.5, 2.25, f64::NAN]),
///     Column::text("store", ["north", "south", "north"]),
/// ])?;
/// assert_eq!((table.rows(), table.names()), (3, vec!["price", "store"]));
/// assert!(table.column("price").is_some_and(|price| price.values().is_missing(2)));
/// # Ok::<(), thalweg_data::ColumnsError>(())
/// ```
///
/// Two tables are equal if their columns are; the [`notes`](Self::notes) do not count.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: usize,
    notes: Vec<String>,
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.columns == other.columns
    }
}

impl Table {
    /// A table of these columns.
    ///
    /// # Errors
    ///
    /// No column, columns of several lengths, and two columns of the same name.
    pub fn new(columns: Vec<Column>) -> Result<Self, ColumnsError> {
        let Some(first) = columns.first() else {
            return Err(ColumnsError::NoColumns);
        };
        let rows = first.len();
        for (place, column) in columns.iter().enumerate() {
            if column.len() != rows {
                return Err(ColumnsError::Lengths {
                    first: first.name().to_owned(),
                    rows,
                    column: column.name().to_owned(),
                    found: column.len(),
                });
            }
            if columns[..place]
                .iter()
                .any(|other| other.name() == column.name())
            {
                return Err(ColumnsError::Twice(column.name().to_owned()));
            }
        }
        Ok(Self {
            columns,
            rows,
            notes: Vec::new(),
        })
    }

    /// A table of columns that have different names and the same number of rows.
    #[cfg(feature = "tables")]
    pub(crate) fn of(columns: Vec<Column>) -> Self {
        Self {
            rows: columns.first().map_or(0, Column::len),
            columns,
            notes: Vec::new(),
        }
    }

    /// Adds the rows of a table with the same columns, in the same order.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    ///
    /// let mut table = Table::new(vec![Column::numbers("x", vec![1.0])])?;
    /// table.append(&Table::new(vec![Column::numbers("x", vec![2.0, 3.0])])?)?;
    /// assert_eq!(table.numbers("x")?, [1.0, 2.0, 3.0]);
    /// # Ok::<(), thalweg_data::ColumnsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ColumnsError::Other`] for columns of other names or types.
    pub fn append(&mut self, other: &Self) -> Result<(), ColumnsError> {
        let columns = |table: &Self| -> Vec<String> {
            let columns = table.columns.iter();
            columns
                .map(|column| format!("{} ({})", column.name(), column.values().column_type()))
                .collect()
        };
        let [expected, found] = [self, other].map(columns);
        if expected != found {
            return Err(ColumnsError::Other { expected, found });
        }
        for (column, more) in self.columns.iter_mut().zip(&other.columns) {
            column.append(more);
        }
        self.rows += other.rows;
        Ok(())
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The columns' names, in order.
    pub fn names(&self) -> Vec<&str> {
        self.columns.iter().map(Column::name).collect()
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name() == name)
    }

    /// The column of this name.
    ///
    /// # Errors
    ///
    /// [`ColumnsError::NoColumn`], which names all columns.
    pub fn require(&self, name: &str) -> Result<&Column, ColumnsError> {
        self.column(name).ok_or_else(|| ColumnsError::NoColumn {
            column: name.to_owned(),
            found: self.names().into_iter().map(str::to_owned).collect(),
        })
    }

    /// The numbers in the column of this name, NaN where one is missing.
    ///
    /// # Errors
    ///
    /// A name that no column has, and a column of text or times.
    pub fn numbers(&self, name: &str) -> Result<&[f64], ColumnsError> {
        let column = self.require(name)?;
        column.as_numbers().ok_or_else(|| ColumnsError::NotNumbers {
            column: name.to_owned(),
            found: column.values().column_type(),
        })
    }

    /// The rows with these indices, in this order; an index may repeat.
    ///
    /// # Panics
    ///
    /// If an index is not below [`rows`](Self::rows).
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            columns: self
                .columns
                .iter()
                .map(|column| column.select(rows))
                .collect(),
            rows: rows.len(),
            notes: self.notes.clone(),
        }
    }

    /// The same rows with one more column, or with this one in place of that of the same name.
    ///
    /// ```
    /// use thalweg_data::{Column, ColumnsError, Table};
    ///
    /// let table = Table::new(vec![Column::numbers("x", vec![1.0, 2.0])])?;
    /// let table = table.with_column(Column::numbers("y", vec![3.0, 4.0]))?;
    /// assert_eq!(table.columns().len(), 2);
    /// assert_eq!(table.select(&[1]).numbers("y")?, [4.0]);
    /// assert!(table.without("x")?.require("x").is_err());
    /// # Ok::<(), ColumnsError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A column of another length.
    pub fn with_column(mut self, column: Column) -> Result<Self, ColumnsError> {
        match self
            .columns
            .iter_mut()
            .find(|old| old.name() == column.name())
        {
            Some(old) => *old = column,
            None => self.columns.push(column),
        }
        Ok(Self::new(self.columns)?.with_notes(self.notes))
    }

    /// The same rows without this column.
    ///
    /// # Errors
    ///
    /// A name that no column has, and the last column.
    pub fn without(mut self, name: &str) -> Result<Self, ColumnsError> {
        self.require(name)?;
        self.columns.retain(|column| column.name() != name);
        Ok(Self::new(self.columns)?.with_notes(self.notes))
    }

    /// What the reader found in the file and decided by itself, one sentence each.
    ///
    /// ```
    /// # #[cfg(feature = "tables")]
    /// # {
    /// use thalweg_data::{CsvOptions, Table};
    ///
    /// let table = Table::parse("x;y\n1,5;2\n".as_bytes(), &CsvOptions::default())?;
    /// assert_eq!(table.numbers("x")?, [1.5]);
    /// assert!(!table.notes().is_empty()); // semicolons and decimal commas
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The same table with these notes.
    pub(crate) fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }
}

/// The numbers as they are, with their widths; classes as a column of text called `class`, or `class_` where
/// a column has that name.
impl From<&NumericTable> for Table {
    fn from(numeric: &NumericTable) -> Self {
        let names = numeric.names().iter().enumerate();
        let mut columns: Vec<Column> = names
            .map(|(place, name)| {
                let values = numeric.column(place).collect();
                let width = numeric.widths().map(|widths| widths[place]);
                Column::numbers(name, values).with_width(width.filter(|width| *width > 0.0))
            })
            .collect();
        if let Some(labels) = numeric.labels() {
            let mut name = "class".to_owned();
            while numeric.names().contains(&name) {
                name.push('_');
            }
            let classes = numeric.classes();
            let labels = labels.iter().map(|label| classes[*label].as_str());
            columns.push(Column::text(&name, labels));
        }
        Self {
            columns,
            rows: numeric.rows(),
            notes: Vec::new(),
        }
    }
}
