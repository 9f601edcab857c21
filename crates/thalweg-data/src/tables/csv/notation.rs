//! The notation of numbers: the decimal separator, and that of thousands.

use super::profile::{Profile, profiles};
use crate::csv::number::{self, Cell};
use crate::csv::{CsvError, ReadError, Record, cut};
use crate::{ColumnType, CsvOptions};

/// Decimal separators and those of thousands, the plainest first.
const NOTATIONS: [(char, Option<char>); 8] = [
    ('.', None),
    (',', None),
    ('.', Some(',')),
    (',', Some('.')),
    ('.', Some(' ')),
    (',', Some(' ')),
    ('.', Some('\'')),
    (',', Some('\'')),
];

/// The options with the notation that makes most columns numbers.
pub(super) fn find(
    body: &[Record],
    names: &[String],
    index: usize,
    options: &CsvOptions,
) -> Result<CsvOptions, ReadError> {
    let fits = |(decimal, thousands): &(char, Option<char>)| {
        options.decimal.is_none_or(|given| given == *decimal)
            && options
                .thousands
                .is_none_or(|given| Some(given) == *thousands)
    };
    let readings: Vec<Reading> = NOTATIONS
        .into_iter()
        .filter(fits)
        .map(|notation| Reading::new(notation, body, names, index, options))
        .collect();
    let most = readings.iter().map(|reading| reading.count).max();
    let mut best = readings
        .iter()
        .filter(|reading| Some(reading.count) == most);
    let Some(first) = best.next() else {
        // The options give a notation of their own.
        return Ok(options.clone());
    };
    for other in best {
        first.check_against(other, body, names, index)?;
    }
    Ok(first.options.clone())
}

/// The columns in one notation.
struct Reading {
    options: CsvOptions,
    profiles: Vec<Profile>,
    /// The columns of numbers.
    count: usize,
}

impl Reading {
    fn new(
        (decimal, thousands): (char, Option<char>),
        body: &[Record],
        names: &[String],
        index: usize,
        options: &CsvOptions,
    ) -> Self {
        let mut options = options.clone().decimal(decimal);
        options.thousands = thousands;
        let mut profiles = profiles(body, names.len(), index, &options);
        for (profile, name) in profiles.iter_mut().zip(names) {
            let given = options.types.iter().find(|(other, _)| other == name);
            if given.is_some_and(|(_, kind)| *kind != ColumnType::Numbers) {
                *profile = Profile::default();
            }
        }
        let count = profiles
            .iter()
            .filter(|profile| profile.is_numbers())
            .count();
        Self {
            options,
            profiles,
            count,
        }
    }

    /// Refuses a text that this notation and another read as different numbers.
    fn check_against(
        &self,
        other: &Self,
        body: &[Record],
        names: &[String],
        index: usize,
    ) -> Result<(), CsvError> {
        for (place, name) in names.iter().enumerate() {
            let numbers = [self, other].map(|reading| reading.profiles[place].is_numbers());
            if numbers == [false, false] {
                continue;
            }
            for record in body {
                let Some(text) = record.from(index).nth(place).map(str::trim) else {
                    continue;
                };
                let readings = [self, other].map(|reading| reading.number(text));
                if readings[0] == readings[1] {
                    continue;
                }
                let problem = match (readings, numbers) {
                    ([Some(one), Some(two)], [true, true]) => format!(
                        "\"{}\" is {one} with {} and {two} with {}; give the one that is meant",
                        cut(text),
                        self.said(),
                        other.said()
                    ),
                    _ => format!(
                        "\"{}\" is a number only with {}, and as many columns are numbers only with {}; \
                         give one, or the types of the columns (types)",
                        cut(text),
                        if readings[0].is_some() {
                            self.said()
                        } else {
                            other.said()
                        },
                        if readings[0].is_some() {
                            other.said()
                        } else {
                            self.said()
                        },
                    ),
                };
                return Err(CsvError::Ambiguous {
                    line: record.line(),
                    column: Some(name.clone()),
                    problem,
                });
            }
        }
        Ok(())
    }

    fn number(&self, text: &str) -> Option<f64> {
        match number::read(text, &self.options) {
            Cell::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The options that give this notation.
    fn said(&self) -> String {
        let decimal = format!("decimal('{}')", self.options.decimal_char());
        match self.options.thousands {
            Some(mark) => format!("{decimal} and thousands({mark:?})"),
            None => decimal,
        }
    }
}
