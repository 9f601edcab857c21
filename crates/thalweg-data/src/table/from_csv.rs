//! Tables from CSV files.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use super::columns::{Columns, empty, find};
use crate::read::{self, MAX_BYTES};
use crate::{DataError, Table};

impl Table {
    /// Reads columns of a CSV file with a header line, plain or compressed by gzip.
    ///
    /// Blanks around fields are dropped. Classes are numbered in the alphabetical order of their
    /// names.
    ///
    /// # Errors
    ///
    /// [`DataError::Read`], [`DataError::Csv`], [`DataError::Column`], [`DataError::Ragged`],
    /// [`DataError::Number`] for a field that is not a finite number, [`DataError::Empty`] without
    /// rows, [`DataError::TooLarge`] above 4 GiB of text; each names the file, and the row and
    /// column where there is one.
    pub fn from_csv(path: &Path, columns: &Columns) -> Result<Self, DataError> {
        parse(path, read::open(path)?, columns)
    }

    /// A CSV file that lies inside the program; the name stands in errors only.
    pub(crate) fn from_csv_bytes(
        name: &str,
        bytes: &[u8],
        columns: &Columns,
    ) -> Result<Self, DataError> {
        let path = Path::new(name);
        let reader = read::decompressed(bytes).map_err(|source| read::failed(path, source))?;
        parse(path, reader, columns)
    }
}

/// One column of text.
pub(crate) fn text_column(
    name: &str,
    bytes: &[u8],
    column: &str,
) -> Result<Vec<String>, DataError> {
    let path = Path::new(name);
    let reader = read::decompressed(bytes).map_err(|source| read::failed(path, source))?;
    let mut reader = csv::Reader::from_reader(reader);
    let header = reader.headers().map_err(|source| failed(path, 0, source))?;
    let place = find(path, header, column)?;
    let record_text = |(i, record): (usize, csv::Result<StringRecord>)| match record {
        Ok(record) => Ok(record[place].to_string()),
        Err(source) => Err(failed(path, i + 1, source)),
    };
    reader.records().enumerate().map(record_text).collect()
}

fn parse(path: &Path, reader: impl Read, columns: &Columns) -> Result<Table, DataError> {
    // Ragged rows are found here rather than by the csv crate, for an error of our own.
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(reader.take(MAX_BYTES));
    let header = reader
        .headers()
        .map_err(|source| failed(path, 0, source))?
        .clone();
    let places = columns.find(path, &header)?;

    let mut values = Vec::new();
    let mut texts = Vec::new();
    let mut record = StringRecord::new();
    let mut row = 0;
    loop {
        row += 1;
        if !reader
            .read_record(&mut record)
            .map_err(|source| failed(path, row, source))?
        {
            break;
        }
        if record.len() != header.len() {
            return Err(DataError::Ragged {
                path: path.to_path_buf(),
                row,
                expected: header.len(),
                found: record.len(),
            });
        }
        for &place in &places.numbers {
            values.push(number(&record[place]).ok_or_else(|| DataError::Number {
                path: path.to_path_buf(),
                row,
                column: header[place].to_string(),
                text: record[place].chars().take(64).collect(),
            })?);
        }
        texts.extend(places.label.map(|place| record[place].to_string()));
    }
    if reader.get_ref().limit() == 0 {
        return Err(DataError::TooLarge {
            path: path.to_path_buf(),
            size: "more text".to_string(),
            bound: MAX_BYTES,
        });
    }
    if values.is_empty() {
        return Err(empty(path, "a header and no rows"));
    }

    let names = places
        .numbers
        .iter()
        .map(|&place| header[place].to_string());
    let (classes, labels) = classify(&texts);
    Ok(Table {
        names: names.collect(),
        values,
        widths: None,
        classes,
        labels: places.label.map(|_| labels),
    })
}

fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
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

fn failed(path: &Path, row: usize, source: csv::Error) -> DataError {
    if source.is_io_error() {
        return read::failed(path, source.into());
    }
    DataError::Csv {
        path: path.to_path_buf(),
        row,
        source,
    }
}
