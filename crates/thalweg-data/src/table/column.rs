//! One column of a table.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Text;

/// A named column: its values, and what is known of how they were recorded.
///
/// ```
/// use thalweg_data::{Column, Values};
///
/// let column = Column::numbers("temp", vec![20.5, f64::NAN]).with_width(0.5).with_unit("°C");
/// assert_eq!((column.name(), column.len(), column.unit()), ("temp", 2, Some("°C")));
/// assert_eq!((column.width(), column.values().kind()), (Some(0.5), "numbers"));
/// assert!(matches!(column.values(), Values::Numbers(values) if values[0] == 20.5));
/// assert!(column.values().is_missing(1));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    name: String,
    values: Values,
    width: Option<f64>,
    unit: Option<String>,
}

/// The values of a column.
///
/// See [`Column`] for an example.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Values {
    /// Numbers; NaN where one is missing.
    Numbers(Vec<f64>),
    /// Words, such as the names of categories.
    Text(Text),
    /// Seconds since 1970-01-01T00:00:00 UTC; NaN where one is missing.
    Times(Vec<f64>),
}

/// What the values of a column are.
///
/// ```
/// use thalweg_data::{Column, ColumnType};
///
/// let column = Column::times("start", vec![0.0]);
/// assert_eq!(column.values().column_type(), ColumnType::Times);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ColumnType {
    /// [`Values::Numbers`].
    Numbers,
    /// [`Values::Text`].
    Text,
    /// [`Values::Times`].
    Times,
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Numbers => "numbers",
            Self::Text => "text",
            Self::Times => "times",
        })
    }
}

impl Values {
    /// What the values are.
    pub fn column_type(&self) -> ColumnType {
        match self {
            Self::Numbers(_) => ColumnType::Numbers,
            Self::Text(_) => ColumnType::Text,
            Self::Times(_) => ColumnType::Times,
        }
    }

    /// The number of values, missing ones included.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) | Self::Times(values) => values.len(),
            Self::Text(text) => text.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the value of a row is missing.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Numbers(values) | Self::Times(values) => values[row].is_nan(),
            Self::Text(text) => text.get(row).is_none(),
        }
    }

    /// What the values are, for messages: `numbers`, `text` or `times`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Numbers(_) => "numbers",
            Self::Text(_) => "text",
            Self::Times(_) => "times",
        }
    }
}

impl Column {
    /// A column of these values.
    pub fn new(name: &str, values: Values) -> Self {
        Self {
            name: name.to_owned(),
            values,
            width: None,
            unit: None,
        }
    }

    /// A column of numbers; NaN stands for a missing one.
    pub fn numbers(name: &str, values: Vec<f64>) -> Self {
        Self::new(name, Values::Numbers(values))
    }

    /// A column of words.
    pub fn text<'a>(name: &str, words: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(name, Values::Text(words.into_iter().map(Some).collect()))
    }

    /// A column of times, in seconds since 1970-01-01T00:00:00 UTC; NaN stands for a missing one.
    pub fn times(name: &str, seconds: Vec<f64>) -> Self {
        Self::new(name, Values::Times(seconds))
    }

    /// The same column whose numbers are known to be rounded to multiples of a width.
    pub fn with_width(mut self, width: impl Into<Option<f64>>) -> Self {
        self.width = width.into();
        self
    }

    /// The same column, measured in this unit.
    pub fn with_unit(mut self, unit: &str) -> Self {
        self.unit = Some(unit.to_owned());
        self
    }

    /// The column's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The values.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// The numbers, NaN where one is missing; `None` of text and of times.
    ///
    /// ```
    /// use thalweg_data::Column;
    ///
    /// assert_eq!(Column::numbers("x", vec![1.0, 2.0]).as_numbers(), Some(&[1.0, 2.0][..]));
    /// assert_eq!(Column::text("word", ["a"]).as_numbers(), None);
    /// ```
    pub fn as_numbers(&self) -> Option<&[f64]> {
        match &self.values {
            Values::Numbers(values) => Some(values),
            _ => None,
        }
    }

    /// The step to which the numbers are rounded, where it is known.
    pub fn width(&self) -> Option<f64> {
        self.width
    }

    /// The unit, where it is known.
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// The number of values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The values of these rows, in this order.
    ///
    /// # Panics
    ///
    /// If there is no such row.
    pub fn select(&self, rows: &[usize]) -> Self {
        let pick = |values: &[f64]| rows.iter().map(|row| values[*row]).collect();
        let values = match &self.values {
            Values::Numbers(values) => Values::Numbers(pick(values)),
            Values::Times(values) => Values::Times(pick(values)),
            Values::Text(text) => Values::Text(text.select(rows)),
        };
        Self {
            name: self.name.clone(),
            values,
            width: self.width,
            unit: self.unit.clone(),
        }
    }

    /// Adds the values of a column of the same type.
    pub(crate) fn append(&mut self, other: &Self) {
        match (&mut self.values, &other.values) {
            (Values::Numbers(values), Values::Numbers(more))
            | (Values::Times(values), Values::Times(more)) => values.extend_from_slice(more),
            (Values::Text(text), Values::Text(more)) => {
                more.iter().for_each(|word| text.push(word))
            }
            (one, other) => unreachable!("columns of {} and {}", one.kind(), other.kind()),
        }
    }
}
