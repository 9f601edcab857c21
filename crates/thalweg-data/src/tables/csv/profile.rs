//! What the fields of a column are.

use crate::csv::Record;
use crate::csv::number::{self, Cell};
use crate::tables::time;
use crate::{ColumnType, CsvOptions};

/// How many fields of a column read as numbers, as times, as codes with leading zeros, and as none of these.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    numbers: u64,
    times: u64,
    codes: u64,
    others: u64,
}

impl Profile {
    fn add(&mut self, text: &str, options: &CsvOptions) {
        match number::read(text, options) {
            Cell::Missing => {}
            Cell::Number(_) if number::is_code(text) => self.codes += 1,
            Cell::Number(_) => self.numbers += 1,
            Cell::Unreadable if number::infinite(text).is_some() => self.numbers += 1,
            Cell::Unreadable if time::parse(text).is_some() => self.times += 1,
            Cell::Unreadable => self.others += 1,
        }
    }

    fn count(&self) -> u64 {
        self.numbers + self.times + self.codes + self.others
    }

    /// Whether the column is numbers, but for a few fields at most.
    pub(super) fn is_numbers(&self) -> bool {
        self.numbers > 0 && self.codes == 0 && is_few(self.count() - self.numbers, self.count())
    }

    fn is_times(&self) -> bool {
        self.times > 0 && is_few(self.count() - self.times, self.count())
    }

    /// The type of the column. One without values is numbers, all missing.
    pub(super) fn column_type(&self) -> ColumnType {
        if self.is_numbers() || self.count() == 0 {
            ColumnType::Numbers
        } else if self.is_times() {
            ColumnType::Times
        } else {
            ColumnType::Text
        }
    }

    /// Whether the column has values that are not text.
    pub(super) fn is_typed(&self) -> bool {
        self.is_numbers() || self.is_times()
    }
}

/// Whether so few of the fields fail that they are mistakes: less than one in a hundred, or a single one of
/// ten or more.
pub(super) fn is_few(failed: u64, count: u64) -> bool {
    failed * 100 < count || (failed == 1 && count >= 10)
}

/// The profiles of the columns of these records; a record that lacks a field does not count.
pub(super) fn profiles(
    body: &[Record],
    width: usize,
    index: usize,
    options: &CsvOptions,
) -> Vec<Profile> {
    let mut profiles = vec![Profile::default(); width];
    for record in body {
        for (profile, field) in profiles.iter_mut().zip(record.from(index)) {
            profile.add(field.trim(), options);
        }
    }
    profiles
}

/// Whether a field is missing, a time or like a number of some notation.
pub(super) fn is_value(field: &str) -> bool {
    let text = field.trim();
    let inside = |c: char| c.is_ascii_digit() || "+-.,'eE\u{2212}\u{a0}\u{202f}".contains(c);
    let is_like_number = || text.contains(|c: char| c.is_ascii_digit()) && text.chars().all(inside);
    number::is_missing(text) || is_like_number() || time::parse(text).is_some()
}
