//! Tables as CSV.

use std::io::{self, Write};

use super::columns::Columns;
use super::error::WriteError;
use crate::csv::number;
use crate::tables::time;
use crate::{Column, Table, Values};

/// Writes CSV to a stream.
pub(super) struct CsvWriter<W> {
    sink: W,
    columns: Columns,
    line: Vec<u8>,
}

impl<W: Write> CsvWriter<W> {
    pub(super) fn new(sink: W) -> Self {
        Self {
            sink,
            columns: Columns::default(),
            line: Vec::new(),
        }
    }

    /// Writes the rows of a table; the first one gives the header.
    pub(super) fn append(&mut self, table: &Table) -> Result<(), WriteError> {
        let first = self.columns.begun().is_err();
        self.columns.check(table)?;
        if first {
            for (place, column) in table.columns().iter().enumerate() {
                self.separate(place);
                word(column.name(), &mut self.line);
            }
            self.end_line()?;
        }
        let fields: Vec<Field> = table.columns().iter().map(Field::new).collect();
        for row in 0..table.rows() {
            for (place, field) in fields.iter().enumerate() {
                self.separate(place);
                field.write(row, &mut self.line)?;
            }
            if self.line.is_empty() {
                // An empty line would be no row.
                self.line.extend_from_slice(b"\"\"");
            }
            self.end_line()?;
        }
        Ok(())
    }

    /// Gives on what was written.
    pub(super) fn flush(&mut self) -> Result<(), WriteError> {
        Ok(self.sink.flush()?)
    }

    /// The stream, unless it got no table.
    pub(super) fn finish(self) -> Result<W, WriteError> {
        self.columns.begun()?;
        Ok(self.sink)
    }

    fn separate(&mut self, place: usize) {
        if place > 0 {
            self.line.push(b',');
        }
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.line.push(b'\n');
        self.sink.write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }
}

/// How the values of a column are written.
struct Field<'a> {
    column: &'a Column,
    /// Whether all times are whole days.
    dates: bool,
}

impl<'a> Field<'a> {
    fn new(column: &'a Column) -> Self {
        let whole = |seconds: &f64| seconds.is_nan() || seconds.rem_euclid(86_400.0) == 0.0;
        let dates = matches!(column.values(), Values::Times(seconds) if seconds.iter().all(whole));
        Self { column, dates }
    }

    fn write(&self, row: usize, line: &mut Vec<u8>) -> Result<(), WriteError> {
        let values = self.column.values();
        if values.is_missing(row) {
            return Ok(());
        }
        match values {
            Values::Numbers(numbers) => number_to(numbers[row], line)?,
            Values::Text(text) => word(text.get(row).unwrap_or_default(), line),
            Values::Times(times) => {
                let time =
                    time::format(times[row], self.dates).ok_or_else(|| WriteError::Time {
                        column: self.column.name().to_owned(),
                        row: row + 1,
                        seconds: times[row],
                    })?;
                line.extend_from_slice(time.as_bytes());
            }
        }
        Ok(())
    }
}

/// Writes the fewest digits that give the number back; with an exponent where zeros would fill the line.
fn number_to(number: f64, line: &mut Vec<u8>) -> io::Result<()> {
    let size = number.abs();
    let plain = size == 0.0 || !size.is_finite() || (1e-5..1e17).contains(&size);
    match plain {
        true => write!(line, "{number}"),
        false => write!(line, "{number:e}"),
    }
}

/// Writes a word, in quotes where it would be read as something else.
fn word(word: &str, line: &mut Vec<u8>) {
    let marks = [',', ';', '\t', '|', '"', '\n', '\r'];
    // Words of digits and blanks look like several numbers.
    let begins = |c: char| c.is_ascii_digit() || "'+-.#%".contains(c);
    let quoted = word.contains(marks)
        || word.starts_with(begins) && word.contains(|c: char| !c.is_ascii_alphanumeric())
        || word.trim() != word
        || word.starts_with("sep=")
        || number::is_missing(word);
    if !quoted {
        line.extend_from_slice(word.as_bytes());
        return;
    }
    line.push(b'"');
    line.extend_from_slice(word.replace('"', "\"\"").as_bytes());
    line.push(b'"');
}
