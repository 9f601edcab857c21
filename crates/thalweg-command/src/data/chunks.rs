//! Tables in chunks.

use thalweg::data::{DataError, Place, Table, TableReader};

use super::Part;
use crate::failure::Failure;

/// The rows of the first chunk: few, so that the first scores come at once.
const FIRST: usize = 64;
/// The rows of the largest chunk: few enough for the cache of a core.
const LARGEST: usize = 4096;

/// A table in chunks, each twice as long as the one before up to a length.
pub(crate) struct Chunks {
    source: Source,
    rows: usize,
    most: usize,
}

/// Where the rows come from.
pub(super) enum Source {
    Read(Box<TableReader>),
    /// A table in memory, and the rows that are done.
    Whole(Table, usize),
}

impl Chunks {
    pub(super) fn new(source: Source) -> Self {
        Self {
            source,
            rows: FIRST,
            most: LARGEST,
        }
    }

    /// The first `rows` rows that are wanted. Nothing is read after them. `wanted` marks the wanted rows of a chunk.
    pub(crate) fn first(
        self,
        rows: usize,
        wanted: impl Fn(&Table) -> Result<Vec<bool>, Failure>,
    ) -> Result<Table, Failure> {
        let mut found: Option<Table> = None;
        for chunk in self {
            let table = chunk?.table;
            let wanted = wanted(&table)?.into_iter().enumerate();
            let wanted = wanted.filter_map(|(row, wanted)| wanted.then_some(row));
            let left = rows - found.as_ref().map_or(0, Table::rows);
            let some = table.select(&wanted.take(left).collect::<Vec<_>>());
            match &mut found {
                None => found = Some(some),
                Some(found) => found.append(&some).map_err(DataError::from)?,
            }
            if found.as_ref().map_or(0, Table::rows) >= rows {
                break;
            }
        }
        found.ok_or_else(|| Failure::Usage("the table has no rows".to_owned()))
    }

    /// The rows of a part of a file that says how many rows it has, and no part; or all rows, and the part as it is, to
    /// [deal](Part::deal) their chunks.
    pub(crate) fn of_part(mut self, part: Option<Part>) -> (Self, Option<Part>) {
        let kept = match (&mut self.source, part) {
            (Source::Read(reader), Some(part)) => reader.keep_part(part.index, part.count),
            _ => false,
        };
        (self, part.filter(|_| !kept))
    }

    /// The same in chunks of `rows` rows.
    pub(crate) fn of_rows(self, rows: usize) -> Self {
        Self {
            rows,
            most: rows,
            ..self
        }
    }
}

/// Rows of a table in order: the place of each, and its index in the chunk's table or the reason why it is not there.
pub(crate) struct Rows {
    pub(crate) table: Table,
    pub(crate) rows: Vec<(Place, Result<usize, String>)>,
}

impl Rows {
    /// The place of each row of the table.
    pub(crate) fn places(&self) -> Vec<Place> {
        let rows = self.rows.iter();
        let sound = rows.filter_map(|(place, row)| row.is_ok().then_some(*place));
        sound.collect()
    }
}

impl Iterator for Chunks {
    type Item = Result<Rows, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let rows = self.rows;
        self.rows = self.most.min(2 * rows);
        match &mut self.source {
            Source::Read(reader) => {
                reader.set_chunk_rows(rows);
                let chunk = match reader.next()? {
                    Ok(chunk) => chunk,
                    Err(error) => return Some(Err(error.into())),
                };
                let rows = chunk.in_order();
                let rows = rows.map(|(place, row)| (place, row.map_err(ToString::to_string)));
                let rows = rows.collect();
                Some(Ok(Rows {
                    table: chunk.table,
                    rows,
                }))
            }
            Source::Whole(table, done) => {
                let here: Vec<usize> = (*done..table.rows().min(*done + rows)).collect();
                *done += here.len();
                let row = |(index, row): (usize, &usize)| {
                    let row = *row as u64 + 1;
                    (Place { row, line: None }, Ok(index))
                };
                (!here.is_empty()).then(|| {
                    Ok(Rows {
                        rows: here.iter().enumerate().map(row).collect(),
                        table: table.select(&here),
                    })
                })
            }
        }
    }
}
