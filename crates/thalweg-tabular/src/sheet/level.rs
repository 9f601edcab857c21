//! A value of a category.

use std::cmp::Ordering;
use std::fmt;

use thalweg_data::{Column, Values};

/// A value of a category: numbers by size, then words by the alphabet, then the missing value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Level<S> {
    Number(f64),
    Word(S),
    Missing,
}

impl<'t> Level<&'t str> {
    /// The value of a row.
    pub(crate) fn of(column: &'t Column, row: usize) -> Self {
        match column.values() {
            Values::Text(text) => text.get(row).map_or(Self::Missing, Self::Word),
            Values::Numbers(values) | Values::Times(values) if !values[row].is_nan() => {
                // −0 is 0.
                Self::Number(values[row] + 0.0)
            }
            _ => Self::Missing,
        }
    }

    pub(crate) fn to_owned(&self) -> Level<String> {
        match self {
            Self::Number(x) => Level::Number(*x),
            Self::Word(word) => Level::Word((*word).to_owned()),
            Self::Missing => Level::Missing,
        }
    }
}

impl<S: Ord> Ord for Level<S> {
    fn cmp(&self, other: &Self) -> Ordering {
        let kind = |level: &Self| match level {
            Self::Number(_) => 0,
            Self::Word(_) => 1,
            Self::Missing => 2,
        };
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Word(a), Self::Word(b)) => a.cmp(b),
            _ => kind(self).cmp(&kind(other)),
        }
    }
}

impl<S: Ord> PartialOrd for Level<S> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A level holds no NaN, so that equality is reflexive.
impl<S: Eq> Eq for Level<S> {}

impl fmt::Display for Level<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(x) => write!(f, "{x}"),
            Self::Word(word) => write!(f, "{word}"),
            Self::Missing => write!(f, "(missing)"),
        }
    }
}
