//! A table of numbers from the records of a text.

use std::collections::BTreeSet;

use super::error::{CsvError, ReadError};
use super::header::{FirstRecord, cut, is_index, ragged};
use super::number::{self, Cell};
use super::options::CsvOptions;
use super::record::Record;
use super::records::Records;
use super::{NO_LINE, NO_ROWS};
use crate::NumericTable;
use crate::numeric::columns::Places;
use crate::numeric::precision;

pub(super) fn parse(text: &[u8], options: &CsvOptions) -> Result<NumericTable, ReadError> {
    let mut records = Records::new(text, options)?;
    let mut fields = Record::default();
    if !records.next(&mut fields)? {
        return Err(CsvError::Empty(NO_LINE).into());
    }
    let first = FirstRecord {
        options,
        line: fields.line(),
        fields: fields.trimmed(),
    };
    first.check_delimiter(records.delimiter())?;
    let has_header = first.is_header()?;
    let mut more = true;
    for _ in 0..options.skip_rows_after_header + usize::from(has_header) {
        more = records.next(&mut fields)?;
    }
    if !more {
        return Err(CsvError::Empty(NO_ROWS).into());
    }

    // The index, which is no column, is the first field of a row.
    let index = usize::from(options.index_column);
    let width = match (&options.names, has_header) {
        (Some(names), _) if names.len() + index == fields.len() => names.len(),
        (_, false) => fields.len() - index.min(fields.len()),
        // R writes no name above its row names.
        (_, true) if fields.len() == first.fields.len() + index => first.fields.len(),
        (_, true) => first.fields.len() - index.min(first.fields.len()),
    };
    let names = first.names(has_header, width)?;
    let mut places = options.columns.find(&names)?;
    let trailing = remove_trailing(&mut places, &names, &fields, index);
    first.check_names(&places, &names)?;

    let mut rows = RowReader {
        has_header,
        first: &first,
        options,
        delimiter: records.delimiter(),
        index,
        names: &names,
        places: &places,
        values: Vec::new(),
        classes: Vec::new(),
        rounded: vec![None; places.numbers.len()],
    };
    let mut row = 0;
    while more {
        row += 1;
        if fields.len() != width + index {
            let title = first.fields.len() == 1;
            let header = has_header.then_some(first.fields.len());
            return Err(ragged(row, &fields, width + index, header, title).into());
        }
        if let Some(place) = trailing.filter(|&place| !fields.get(index + place).is_empty()) {
            return Err(first.unnamed(place).into());
        }
        let pushed = rows.push(row, &fields);
        pushed.map_err(|(place, advice)| CsvError::Number {
            line: fields.line(),
            row,
            column: names[place].clone(),
            text: cut(fields.get(index + place).trim()),
            advice,
        })?;
        more = records.next(&mut fields)?;
    }
    Ok(rows.into_table()?)
}

/// Removes a last column without name and values: a delimiter at the end of each line makes it.
fn remove_trailing(
    places: &mut Places,
    names: &[String],
    fields: &Record,
    index: usize,
) -> Option<usize> {
    let last = names.len().checked_sub(1)?;
    let field = fields.from(index).nth(last);
    let bare = names[last].is_empty() && field.is_some_and(str::is_empty);
    let found = places.numbers.iter().position(|&place| place == last);
    places.numbers.remove(found.filter(|_| bare)?);
    Some(last)
}

const CORRECT: &str = "correct it, leave the column out (Columns::without), or, if it marks a missing value, give \
                       missing_words and drop_missing(true)";

/// Collects the rows of a file.
struct RowReader<'a> {
    first: &'a FirstRecord<'a>,
    has_header: bool,
    options: &'a CsvOptions,
    delimiter: char,
    /// The number of fields before the first column.
    index: usize,
    names: &'a [String],
    places: &'a Places,
    values: Vec<f64>,
    classes: Vec<String>,
    /// The first whole number of each column that f64 rounds, and whether there are different ones.
    rounded: Vec<Option<(String, bool)>>,
}

impl RowReader<'_> {
    /// Adds the numbers and the class of a row. The error is the column of an invalid field, and
    /// the way out.
    fn push(&mut self, row: u64, fields: &Record) -> Result<(), (usize, String)> {
        let begun = self.values.len();
        let mut missing = None;
        for (column, &place) in self.places.numbers.iter().enumerate() {
            let text = fields.get(self.index + place).trim();
            match number::read(text, self.options) {
                Cell::Number(value) => {
                    if number::is_rounded(text, value) {
                        let rounded = &mut self.rounded[column];
                        let (first, others) = rounded.get_or_insert_with(|| (cut(text), false));
                        *others |= first != text;
                    }
                    self.values.push(value);
                }
                Cell::Missing => missing = missing.or(Some(place)),
                Cell::Unreadable => return Err((place, self.advice(row, fields, text))),
            }
        }
        if let Some(place) = self.places.label {
            let text = fields.get(self.index + place).trim();
            let empty = text.is_empty() || self.options.is_missing_word(text);
            missing = missing.or(empty.then_some(place));
        }
        let Some(place) = missing else {
            let class = |place| fields.get(self.index + place).trim().to_string();
            self.classes.extend(self.places.label.map(class));
            return Ok(());
        };
        if self.options.drop_missing {
            self.values.truncate(begun);
            return Ok(());
        }
        let advice = match fields.from(self.index).all(str::is_empty) {
            true => "the whole row is empty; remove it, or give drop_missing(true)",
            false => {
                "a value is missing; give drop_missing(true) to leave out such rows, or leave the \
                 column out with Columns::without"
            }
        };
        Err((place, advice.to_string()))
    }

    fn into_table(self) -> Result<NumericTable, CsvError> {
        if self.values.is_empty() {
            let what = "rows with missing values only; leave columns out";
            return Err(CsvError::Empty(what));
        }
        let numbers = self.places.numbers.iter();
        let names = numbers.map(|&place| self.names[place].clone()).collect();
        let mut table = NumericTable::new(names, self.values);
        if self.places.label.is_some() {
            let distinct: BTreeSet<&String> = self.classes.iter().collect();
            table.classes = distinct.into_iter().cloned().collect();
            let place = |class| table.classes.partition_point(|other| other < class);
            table.labels = Some(self.classes.iter().map(place).collect());
        }
        for (column, name) in table.names.iter().enumerate() {
            if self.places.all && is_index(name, table.column(column)) {
                return Err(self.first.refused(format!(
                    "the column \"{name}\" numbers the rows: leave it out with \
                     Columns::without(&[\"{name}\"]), or choose the columns with Columns::named"
                )));
            }
            if let Some((text, true)) = &self.rounded[column]
                && let Some(spread) = precision::lost_digits(table.column(column))
            {
                return Err(CsvError::Digits {
                    column: name.clone(),
                    text: text.clone(),
                    spread,
                });
            }
        }
        Ok(table)
    }

    /// The way out for a row with a field that is not a number.
    fn advice(&self, row: u64, fields: &Record, text: &str) -> String {
        if let Some(mark @ ('#' | '%' | '!')) = fields.get(0).chars().next() {
            return format!("give comment('{mark}') if the line is a comment");
        }
        // Words such as names and units, and not numbers in another notation.
        let is_word = |place: &usize| {
            let field = fields.get(self.index + *place);
            !field.starts_with(|c: char| c.is_ascii_digit() || "+-.,$".contains(c))
        };
        let numbers = &self.places.numbers;
        let words = row == 1 && numbers.iter().all(is_word);
        let advice = match words {
            true if !self.has_header => {
                "give header(true) if this line holds the columns' names, or leave the column out \
                 with Columns::without"
            }
            true if numbers.len() > 1 => {
                "no column to read has a number here: give skip_rows_after_header(1) if this is a \
                 row of units"
            }
            _ => {
                let advice = number::advice(text, self.options, self.delimiter);
                return advice.unwrap_or_else(|| CORRECT.to_owned());
            }
        };
        advice.to_string()
    }
}
