//! Tables in chunks, from files of any length.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::chunk::Chunk;
use super::csv::{Dialect, Stream};
use crate::csv::ReadError;
use crate::read::{self, FileError};
use crate::{ColumnType, CsvOptions, DataError};

/// Reads the rows of a file in chunks, in the memory of one chunk.
///
/// The dialect and the types of the columns are those of the first megabyte, where the options leave them open.
/// A row that does not fit them is an error, or with [`keep_refused`](Self::keep_refused) comes beside the
/// others. The reader ends after an error.
///
/// ```no_run
/// use thalweg_data::{CsvOptions, TableReader};
///
/// for chunk in TableReader::open("sales.csv.gz", &CsvOptions::new())? {
///     let chunk = chunk?;
///     println!("{} rows from {}", chunk.table.rows(), chunk.places[0]);
/// }
/// # Ok::<(), thalweg_data::DataError>(())
/// ```
pub struct TableReader {
    path: PathBuf,
    source: Source,
    chunk_rows: usize,
    keep_refused: bool,
    ended: bool,
}

enum Source {
    Csv(Box<Stream>),
}

impl fmt::Debug for TableReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableReader")
            .field("path", &self.path)
            .field("types", &self.types())
            .finish_non_exhaustive()
    }
}

impl TableReader {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// Those of [`Table::read_with`](crate::Table::read_with) that its beginning shows. A file may be larger
    /// than 4 GiB.
    pub fn open(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self, DataError> {
        let path = path.as_ref();
        options.check_given()?;
        let file = File::open(path).map_err(|error| FileError::read(error).at(path))?;
        Self::started(BufReader::new(file), options, path)
    }

    /// Reads a stream, such as the standard input.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn new(stream: impl Read + 'static, options: &CsvOptions) -> Result<Self, DataError> {
        options.check_given()?;
        Self::started(BufReader::new(stream), options, Path::new("the stream"))
    }

    fn started(
        stream: BufReader<impl Read + 'static>,
        options: &CsvOptions,
        path: &Path,
    ) -> Result<Self, DataError> {
        let stream = read::decompressed(stream).map_err(|problem| problem.at(path))?;
        let stream = Stream::new(stream, options).map_err(|problem| problem.at(path))?;
        Ok(Self {
            path: path.to_owned(),
            source: Source::Csv(Box::new(stream)),
            chunk_rows: 8192,
            keep_refused: false,
            ended: false,
        })
    }

    /// The number of rows in a chunk, 8192 by default; the last chunk may have fewer.
    ///
    /// # Panics
    ///
    /// If it is 0.
    pub fn chunk_rows(mut self, rows: usize) -> Self {
        assert!(rows > 0, "a chunk has a row or more, got {rows}");
        self.chunk_rows = rows;
        self
    }

    /// Whether rows that cannot be read come in [`Chunk::refused`]; by default the first one is an error.
    pub fn keep_refused(mut self, keep: bool) -> Self {
        self.keep_refused = keep;
        self
    }

    /// The columns and their types, which all chunks have.
    pub fn types(&self) -> Vec<(&str, ColumnType)> {
        match &self.source {
            Source::Csv(stream) => stream.types(),
        }
    }

    /// The dialect, if the file is CSV.
    pub fn dialect(&self) -> Option<&Dialect> {
        match &self.source {
            Source::Csv(stream) => Some(&stream.dialect),
        }
    }

    fn read(&mut self) -> Result<Option<Chunk>, ReadError> {
        match &mut self.source {
            Source::Csv(stream) => {
                let rows = stream.next(self.chunk_rows, self.keep_refused)?;
                Ok(rows.map(|(table, places, refused)| Chunk {
                    table,
                    places,
                    refused: refused
                        .into_iter()
                        .map(|(place, error)| (place, ReadError::Csv(error).at(&self.path)))
                        .collect(),
                }))
            }
        }
    }
}

impl Iterator for TableReader {
    type Item = Result<Chunk, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let read = self
            .read()
            .map_err(|problem| problem.at(&self.path))
            .transpose();
        self.ended = !matches!(read, Some(Ok(_)));
        read
    }
}
