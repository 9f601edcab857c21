//! A table from the rows of a text.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use super::header::{self, First, cut};
use super::number::{self, Cell};
use super::options::CsvOptions;
use super::records::Records;
use crate::table::columns::{Places, empty};
use crate::table::precision;
use crate::{DataError, Table};

/// Where a row stands in a file.
#[derive(Clone, Copy)]
struct At {
    line: usize,
    row: usize,
}

pub(super) fn parse(path: &Path, text: &str, options: &CsvOptions) -> Result<Table, DataError> {
    let mut records = Records::new(path, text, options);
    let mut fields = Vec::new();
    let Some(line) = records.next(&mut fields)? else {
        return Err(empty(
            path,
            "no line of text; give a file with a header and rows",
        ));
    };
    let first = First {
        path,
        line,
        fields: std::mem::take(&mut fields),
    };
    first.check_delimiter(records.delimiter(), options)?;
    let has_header = first.is_header(options)?;
    let mut line = match has_header {
        true => None,
        false => {
            fields.clone_from(&first.fields);
            Some(line)
        }
    };
    if has_header {
        line = records.next(&mut fields)?;
    }
    for _ in 0..options.skip_rows_after_header {
        line = records.next(&mut fields)?;
    }
    if line.is_none() {
        return Err(empty(path, "a header and no rows"));
    }

    // The fields of a row that are no columns stand at its beginning.
    let index = usize::from(options.index_column);
    let width = match (&options.names, has_header) {
        (Some(names), _) if names.len() + index == fields.len() => names.len(),
        (_, false) => fields.len() - index.min(fields.len()),
        // R writes no name over its row names.
        (_, true) if fields.len() == first.fields.len() + index => first.fields.len(),
        (_, true) => first.fields.len() - index.min(first.fields.len()),
    };
    let names = first.names(has_header, width, options)?;
    let mut places = options.columns.find(path, &names)?;
    let trailing = leave_out_trailing(&mut places, &names, &fields[index.min(fields.len())..]);
    check_names(&first, &places, &names)?;

    let mut reader = Rows {
        path,
        options,
        names: &names,
        delimiter: records.delimiter(),
        header_width: first.fields.len(),
        has_header,
        values: Vec::new(),
        texts: Vec::new(),
        rounded: vec![None; places.numbers.len()],
    };
    let mut row = 0;
    while let Some(at) = line {
        row += 1;
        let at = At { line: at, row };
        if fields.len() != width + index {
            return Err(reader.ragged(at, &fields, width + index));
        }
        let columns = &fields[index..];
        if let Some(place) = trailing.filter(|&place| !columns[place].is_empty()) {
            return Err(first.refused(unnamed(place)));
        }
        reader.take(at, columns, &places)?;
        line = records.next(&mut fields)?;
    }
    let Rows {
        values,
        texts,
        rounded,
        ..
    } = reader;
    if values.is_empty() {
        return Err(empty(
            path,
            "rows with missing values only; leave columns out",
        ));
    }

    let numbers = places.numbers.iter();
    let (classes, labels) = classify(&texts);
    let table = Table {
        names: numbers.map(|&place| names[place].clone()).collect(),
        values,
        widths: None,
        classes,
        labels: places.label.map(|_| labels),
        standardization: None,
    };
    for (column, name) in table.names.iter().enumerate() {
        if places.all && header::is_index(name, table.column(column)) {
            return Err(first.refused(format!(
                "the column \"{name}\" numbers the rows: leave it out with \
                 Columns::without(&[\"{name}\"]), or choose the columns with Columns::named"
            )));
        }
        if let Some((text, true)) = &rounded[column] {
            precision::check_digits(path, name, text, table.column(column))?;
        }
    }
    Ok(table)
}

/// The last column, if a delimiter at the end of each line makes it: it has no name and no values.
fn leave_out_trailing(
    places: &mut Places,
    names: &[String],
    fields: &[Cow<'_, str>],
) -> Option<usize> {
    let last = names.len().checked_sub(1)?;
    let bare = names[last].is_empty() && fields.get(last).is_some_and(|field| field.is_empty());
    let found = places
        .numbers
        .iter()
        .position(|&place| place == last && bare)?;
    places.numbers.remove(found);
    Some(last)
}

/// Whether each column that is read has a name of its own.
fn check_names(first: &First<'_>, places: &Places, names: &[String]) -> Result<(), DataError> {
    for &place in places.numbers.iter().chain(&places.label) {
        if header::is_unnamed(&names[place]) && places.all {
            return Err(first.refused(unnamed(place)));
        }
        let other = names
            .iter()
            .enumerate()
            .find(|(i, name)| *i != place && **name == names[place]);
        if let Some((other, name)) = other {
            let (one, two) = (place.min(other) + 1, place.max(other) + 1);
            return Err(first.refused(format!(
                "columns {one} and {two} are both called \"{name}\": give names of your own with \
                 names(&[..]) and header(true)"
            )));
        }
    }
    if places.numbers.is_empty() {
        return Err(empty(first.path, "no column of numbers; name at least one"));
    }
    Ok(())
}

fn unnamed(place: usize) -> String {
    match place {
        0 => "its first column has no name, as the row numbers that pandas and R write: give \
              index_column(true) to leave it out, or names of your own with names(&[..]) and \
              header(true)"
            .to_string(),
        _ => format!(
            "column {} has no name: give names of your own with names(&[..]) and header(true), or \
             choose the columns with Columns::named",
            place + 1
        ),
    }
}

/// The rows read so far.
struct Rows<'a> {
    path: &'a Path,
    options: &'a CsvOptions,
    names: &'a [String],
    delimiter: char,
    header_width: usize,
    has_header: bool,
    values: Vec<f64>,
    texts: Vec<String>,
    /// A whole number of each column that f64 rounds, and whether there are others like it.
    rounded: Vec<Option<(String, bool)>>,
}

impl Rows<'_> {
    fn take(&mut self, at: At, fields: &[Cow<'_, str>], places: &Places) -> Result<(), DataError> {
        let begun = self.values.len();
        let mut missing = None;
        for (column, &place) in places.numbers.iter().enumerate() {
            let text = &fields[place];
            match number::read(text, self.options) {
                Cell::Number(value) => {
                    if number::is_rounded(text, value) {
                        let (first, others) =
                            self.rounded[column].get_or_insert_with(|| (cut(text), false));
                        *others |= first != text;
                    }
                    self.values.push(value);
                }
                Cell::Missing => missing = missing.or(Some(place)),
                Cell::Unreadable => {
                    let hint = self.hint(at, fields, places, text);
                    return Err(self.not_a_number(at, place, text, hint));
                }
            }
        }
        if let Some(place) = places.label {
            let word = self
                .options
                .missing_words
                .iter()
                .any(|word| *word == fields[place]);
            missing = missing.or((word || fields[place].is_empty()).then_some(place));
        }
        match missing {
            Some(_) if self.options.drop_missing => self.values.truncate(begun),
            Some(place) => {
                let hint = match fields.iter().all(|field| field.is_empty()) {
                    true => "the whole row is empty; remove it, or give drop_missing(true)",
                    false => {
                        "a value is missing; give drop_missing(true) to leave out such rows, or \
                         leave the column out with Columns::without"
                    }
                };
                return Err(self.not_a_number(at, place, &fields[place], hint.to_string()));
            }
            None => self
                .texts
                .extend(places.label.map(|place| fields[place].to_string())),
        }
        Ok(())
    }

    fn hint(&self, at: At, fields: &[Cow<'_, str>], places: &Places, text: &str) -> String {
        let first = fields[0].chars().next();
        if let Some(mark) = first.filter(|mark| matches!(mark, '#' | '%' | '!')) {
            return format!("give comment('{mark}') if the line is a comment");
        }
        // Words, as names and units are; not numbers in another spelling.
        let is_word = |place: &usize| {
            !fields[*place].starts_with(|c: char| c.is_ascii_digit() || "+-.,$".contains(c))
        };
        let words = at.row == 1 && places.numbers.iter().all(is_word);
        match words {
            true if !self.has_header => {
                "give header(true) if this line holds the columns' names, or leave the column out \
                 with Columns::without"
                    .to_string()
            }
            true if places.numbers.len() > 1 => {
                "no column that is read has a number here: give skip_rows_after_header(1) if this \
                 is a row of units"
                    .to_string()
            }
            _ => number::hint(text, self.options, self.delimiter),
        }
    }

    fn not_a_number(&self, at: At, place: usize, text: &str, hint: String) -> DataError {
        DataError::Number {
            path: self.path.to_path_buf(),
            line: at.line,
            row: at.row,
            column: self.names[place].clone(),
            text: cut(text),
            hint,
        }
    }

    fn ragged(&self, at: At, fields: &[Cow<'_, str>], expected: usize) -> DataError {
        let found = fields.len();
        let hint = if at.row == 1 && self.has_header && found == self.header_width + 1 {
            match self.header_width {
                1 => {
                    "give decimal(',') and delimiter(';') if the comma is a decimal comma, \
                     skip_rows(1) if that line is a title, index_column(true) if each row begins \
                     with its number"
                }
                _ if fields[found - 1].is_empty() => {
                    "give names(&[..]) with a name more and header(true) if each row ends with a \
                     delimiter, index_column(true) if each row begins with its number or name"
                }
                _ => {
                    "give index_column(true) if each row begins with its number or name, as R \
                     writes it; quote a field that holds the delimiter"
                }
            }
        } else if at.row == 1 && self.header_width == 1 {
            "give skip_rows(1) if that line is a title above the names"
        } else if fields[0].starts_with(['#', '%', '!']) {
            "give comment('#'), or the mark it begins with, if the line is a comment"
        } else {
            "complete the row or remove it; quote a field that holds the delimiter"
        };
        DataError::Ragged {
            path: self.path.to_path_buf(),
            line: at.line,
            row: at.row,
            expected,
            found,
            hint,
        }
    }
}

/// The distinct texts in order, and for each text its place among them.
fn classify(texts: &[String]) -> (Vec<String>, Vec<usize>) {
    let distinct: BTreeSet<&String> = texts.iter().collect();
    let classes: Vec<String> = distinct.into_iter().cloned().collect();
    let labels = texts
        .iter()
        .map(|text| classes.partition_point(|class| class < text));
    let labels = labels.collect();
    (classes, labels)
}
