//! The columns that a density knows: their roles, types and kinds.

use std::fmt;

use serde::{Deserialize, Serialize};
use thalweg_data::{Column, ColumnType, Table, Text, Values};

use crate::DensityError;
use crate::columns::Kind;

/// What to do with rows that lack a value.
///
/// ```
/// use thalweg_data::{Column, Table};
/// use thalweg_tabular::{Density, Missing};
///
/// let x = (0..100).map(|i| if i % 10 == 0 { f64::NAN } else { f64::from(i) }).collect();
/// let table = Table::new(vec![Column::numbers("x", x)])?;
/// assert!(Density::of(["x"]).plan(&table).is_err());
/// let plan = Density::of(["x"]).missing(Missing::Skip).plan(&table)?;
/// assert_eq!((plan.rows, plan.skipped), (90, 10));
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Missing {
    /// A missing value is an error, which names row and column.
    #[default]
    Error,
    /// Training leaves the row out, and counts it.
    Skip,
    /// Whether a value is missing is modelled too. The density of a row is that of the values it has: noise takes
    /// the place of the others in training, anew at each step, and its density is taken out again.
    Indicator,
}

/// The part that a column plays.
///
/// See [`Known`] for an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// It is modelled.
    Target,
    /// The others are modelled given it.
    Condition,
}

/// A column that a density knows.
///
/// ```
/// use thalweg_data::{ColumnType, Table};
/// use thalweg_tabular::{Density, Known, Role};
///
/// let plan = Density::of(["temp"]).given(["pressure"]).plan(&Table::embedded("weather")?)?;
/// let roles: Vec<_> = plan.columns.iter().map(|column| (&column.name[..], column.role)).collect();
/// assert_eq!(roles, [("temp", Role::Target), ("pressure", Role::Condition)]);
/// let temp: &Known = &plan.columns[0];
/// assert_eq!((temp.unit.as_deref(), temp.column_type()), (Some("°F"), ColumnType::Numbers));
/// # Ok::<(), thalweg_tabular::DensityError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Its unit, where it is known.
    pub unit: Option<String>,
    /// The part that it plays.
    pub role: Role,
    /// How it is modelled.
    pub kind: Kind,
    /// The reason for the kind.
    pub why: String,
    /// Whether values may be missing.
    pub missing: bool,
    /// `numbers`, `text` or `times`.
    pub(crate) values: String,
}

impl fmt::Display for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.kind)?;
        if self.role == Role::Condition {
            write!(f, ", a condition")?;
        }
        if self.missing {
            write!(f, ", may be missing")?;
        }
        write!(f, " ({})", self.why)
    }
}

/// The columns that a density knows, modelled ones first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Schema {
    pub(crate) columns: Vec<Known>,
    pub(crate) missing: Missing,
}

impl Schema {
    /// The number of modelled columns.
    pub(crate) fn targets(&self) -> usize {
        let targets = self.columns.iter();
        targets.filter(|column| column.role == Role::Target).count()
    }

    /// The columns of a table that these are.
    ///
    /// # Errors
    ///
    /// A column that the table lacks, or that holds values of another type. Without `targets`, only conditions
    /// are looked for.
    pub(crate) fn find<'t>(
        &self,
        table: &'t Table,
        targets: bool,
    ) -> Result<Vec<&'t Column>, DensityError> {
        let first = if targets { 0 } else { self.targets() };
        let columns = self.columns[first..].iter();
        columns.map(|known| known.find(table)).collect()
    }
}

impl Known {
    /// The type of the column's values.
    ///
    /// See [`Known`] for an example.
    pub fn column_type(&self) -> ColumnType {
        match self.values.as_str() {
            "text" => ColumnType::Text,
            "times" => ColumnType::Times,
            _ => ColumnType::Numbers,
        }
    }

    /// These values as a column with the name and the unit.
    pub(crate) fn column(&self, values: Values) -> Column {
        let column = Column::new(&self.name, values);
        match &self.unit {
            Some(unit) => column.with_unit(unit),
            None => column,
        }
    }

    /// Numbers or times as a column of the type; of text all words are missing.
    pub(crate) fn scalars(&self, values: Vec<f64>) -> Column {
        self.column(match self.column_type() {
            ColumnType::Text => Values::Text(values.iter().map(|_| None).collect::<Text>()),
            ColumnType::Times => Values::Times(values),
            _ => Values::Numbers(values),
        })
    }

    /// A column in the type that the density was fitted to: one without any value may have another.
    pub(crate) fn typed(&self, column: &Column) -> Column {
        match column.values().column_type() == self.column_type() {
            true => column.clone(),
            false => self.scalars(vec![f64::NAN; column.len()]),
        }
    }

    /// The column of a table that this is.
    ///
    /// # Errors
    ///
    /// A table that lacks it, or that has values of another type in it.
    pub(crate) fn find<'t>(&self, table: &'t Table) -> Result<&'t Column, DensityError> {
        let column = table.require(&self.name)?;
        let found = column.values();
        // A column without any value has the type of none.
        let empty = (0..found.len()).all(|row| found.is_missing(row));
        match found.kind() == self.values || empty {
            true => Ok(column),
            false => Err(DensityError::Schema {
                column: self.name.clone(),
                found: found.kind(),
                expected: match self.values.as_str() {
                    "text" => "text",
                    "times" => "times",
                    _ => "numbers",
                },
            }),
        }
    }
}
