//! Some rows of a file, and where they stand in it.

use std::fmt;

use crate::{DataError, Table};

/// Consecutive rows of a file: those that are rows of a table, and those that are not.
///
/// See [`in_order`](Self::in_order) for an example.
#[derive(Debug)]
#[non_exhaustive]
pub struct Chunk {
    /// The rows that could be read; none if all were refused.
    pub table: Table,
    /// The place of each row of the table in the file.
    pub places: Vec<Place>,
    /// The rows that could not be read, with the reason.
    pub refused: Vec<(Place, DataError)>,
}

/// Where a row stands in a file.
///
/// See [`Chunk::in_order`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The row, counted from 1 without the header.
    pub row: u64,
    /// The line of a text, counted from 1.
    pub line: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}, row {}", self.row),
            None => write!(f, "row {}", self.row),
        }
    }
}

impl Chunk {
    /// The rows in the order of the file: the index of each in the [`table`](Self::table), or the reason why
    /// it is not there.
    ///
    /// ```
    /// use thalweg_data::{Chunk, CsvOptions, Place, TableReader};
    ///
    /// let text = "a,b\n1,2\n3\n5,6\n";
    /// let reader = TableReader::new(text.as_bytes(), &CsvOptions::new())?.keep_refused(true);
    /// for chunk in reader {
    ///     let chunk: Chunk = chunk?;
    ///     assert_eq!((chunk.table.rows(), chunk.refused.len()), (2, 1));
    ///     assert_eq!(chunk.places[1], Place { row: 3, line: Some(4) });
    ///     let said: Vec<String> = chunk
    ///         .in_order()
    ///         .map(|(place, row)| match row {
    ///             Ok(row) => format!("{place} is row {row} of the table"),
    ///             Err(_) => format!("{place} is refused"),
    ///         })
    ///         .collect();
    ///     assert_eq!(said[1], "line 3, row 2 is refused");
    ///     assert_eq!(said[2], "line 4, row 3 is row 1 of the table");
    /// }
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    pub fn in_order(&self) -> impl Iterator<Item = (Place, Result<usize, &DataError>)> {
        let mut rows = self.places.iter().copied().enumerate().peekable();
        let mut refused = self.refused.iter().peekable();
        std::iter::from_fn(move || {
            let first = rows.peek().map_or(u64::MAX, |(_, place)| place.row);
            match refused.next_if(|(place, _)| place.row < first) {
                Some((place, error)) => Some((*place, Err(error))),
                None => rows.next().map(|(row, place)| (place, Ok(row))),
            }
        })
    }
}
