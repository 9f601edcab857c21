//! A table in chunks, from a text of any length.

use std::io::{BufRead, Cursor, Read};

use super::builder::Builder;
use super::detect::{self, HEAD};
use super::dialect::Dialect;
use super::plan::Plan;
use crate::csv::{CsvError, ReadError, Record, Records, text};
use crate::tables::chunk::Place;
use crate::{ColumnType, CsvOptions, Table};

/// The rows of a text, which need the memory of one chunk.
pub(in crate::tables) struct Stream {
    plan: Plan,
    records: Records<Box<dyn BufRead>>,
    record: Record,
    row: u64,
    pub(in crate::tables) dialect: Dialect,
}

/// The rows of one chunk, and those refused.
pub(in crate::tables) type Rows = (Table, Vec<Place>, Vec<(Place, CsvError)>);

impl Stream {
    pub(in crate::tables) fn new(
        source: impl Read + 'static,
        options: &CsvOptions,
    ) -> Result<Self, ReadError> {
        let mut source = text::decoded(source, options.encoding)?;
        let mut head = Vec::new();
        // Types that are known leave the dialect to be found, which takes less of the text.
        let typed = |name: &String| options.types.iter().any(|(typed, _)| typed == name);
        let known = options.columns.only();
        let length = match known.is_some_and(|names| names.iter().all(typed)) {
            true => HEAD / 16,
            false => HEAD,
        };
        source.by_ref().take(length as u64).read_to_end(&mut head)?;
        let plan = detect::plan(&head, source.fill_buf()?.is_empty(), options)?;
        let whole: Box<dyn BufRead> = Box::new(Cursor::new(head).chain(source));
        let mut stream = Self {
            records: Records::new(whole, &plan.options)?,
            record: Record::default(),
            row: 0,
            dialect: Dialect::new(&plan),
            plan,
        };
        for _ in 0..stream.plan.skipped {
            stream.records.next(&mut stream.record)?;
        }
        Ok(stream)
    }

    pub(in crate::tables) fn types(&self) -> Vec<(&str, ColumnType)> {
        let columns = self.plan.columns.iter();
        columns
            .map(|column| (column.name.as_str(), column.kind))
            .collect()
    }

    /// The next rows, at most `limit` of them; none after the last one. A row that cannot be read is an error
    /// unless those are kept.
    pub(in crate::tables) fn next(
        &mut self,
        limit: usize,
        keep_refused: bool,
    ) -> Result<Option<Rows>, ReadError> {
        let mut builder = Builder::new(&self.plan);
        let (mut places, mut refused) = (Vec::new(), Vec::new());
        while places.len() + refused.len() < limit {
            let read = match self.records.next(&mut self.record) {
                Ok(false) => break,
                Ok(true) => {
                    self.row += 1;
                    builder.push(self.row, &self.record, true)
                }
                Err(ReadError::Csv(error)) => {
                    self.row += 1;
                    Err(error)
                }
                Err(error) => return Err(error),
            };
            let place = |line| Place {
                row: self.row,
                line: Some(line),
            };
            match read {
                Ok(()) if builder.rows() > places.len() => places.push(place(self.record.line())),
                // A row with a missing value that is left out.
                Ok(()) => {}
                Err(error) if keep_refused => {
                    let line = error.line().unwrap_or(self.record.line());
                    refused.push((place(line), error));
                }
                Err(error) => return Err(error.into()),
            }
        }
        if places.is_empty() && refused.is_empty() {
            return Ok(None);
        }
        Ok(Some((Table::of(builder.finish()?), places, refused)))
    }
}
