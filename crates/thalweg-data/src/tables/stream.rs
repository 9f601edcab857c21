//! Tables in chunks, from files of any length.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

#[cfg(feature = "parquet")]
use super::arrow::{self, ParquetReader};
use super::chunk::Chunk;
use super::csv::{Dialect, Stream};
use crate::csv::ReadError;
use crate::read::{self, FileError};
use crate::{ColumnType, CsvOptions, DataError};

/// Reads the rows of a file in chunks, in the memory of one chunk.
///
/// The dialect and the types of the columns are those of the first megabyte, where the options leave them open; where
/// the options name all columns to read and their types, the dialect is that of the first 64 KiB.
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

/// The rows of a chunk, where the caller does not say: few enough for the cache of a core.
const CHUNK: usize = 8192;

enum Source {
    Csv(Box<Stream>),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetReader>),
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
        #[cfg(feature = "parquet")]
        if let Some(file) = arrow::file(path)? {
            return Self::batches(file, options, path);
        }
        let file = File::open(path).map_err(|error| FileError::read(error).at(path))?;
        Self::text(BufReader::new(file), options, path)
    }

    /// Reads a stream, such as the standard input.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn new(stream: impl Read + 'static, options: &CsvOptions) -> Result<Self, DataError> {
        options.check_given()?;
        let path = Path::new("the stream");
        let stream = BufReader::new(stream);
        #[cfg(feature = "parquet")]
        let mut stream = stream;
        #[cfg(feature = "parquet")]
        if let Some(bytes) = arrow::bytes(&mut stream).map_err(|problem| problem.at(path))? {
            return Self::batches(bytes, options, path);
        }
        Self::text(stream, options, path)
    }

    #[cfg(feature = "parquet")]
    fn batches(
        file: impl parquet::file::reader::ChunkReader + 'static,
        options: &CsvOptions,
        path: &Path,
    ) -> Result<Self, DataError> {
        let reader = ParquetReader::new(file, options).map_err(|problem| problem.at(path))?;
        Ok(Self::of(Source::Parquet(Box::new(reader)), path))
    }

    fn text(
        stream: BufReader<impl Read + 'static>,
        options: &CsvOptions,
        path: &Path,
    ) -> Result<Self, DataError> {
        let stream = read::decompressed(stream).map_err(|problem| problem.at(path))?;
        let stream = Stream::new(stream, options).map_err(|problem| problem.at(path))?;
        Ok(Self::of(Source::Csv(Box::new(stream)), path))
    }

    fn of(source: Source, path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            source,
            chunk_rows: CHUNK,
            keep_refused: false,
            ended: false,
        }
    }

    /// The number of rows in a chunk, 8192 by default; the last chunk may have fewer. Of a Parquet file chunks are cut from
    /// batches of 8192 rows, or of the first chunk's number where that is larger, and the last of a batch may have fewer.
    ///
    /// # Panics
    ///
    /// If it is 0.
    pub fn chunk_rows(mut self, rows: usize) -> Self {
        self.set_chunk_rows(rows);
        self
    }

    /// The number of rows in the chunks that follow: a small first chunk brings the first rows early.
    ///
    /// ```
    /// use thalweg_data::{CsvOptions, TableReader};
    ///
    /// let mut reader = TableReader::new("a\n1\n2\n3\n".as_bytes(), &CsvOptions::new())?.chunk_rows(1);
    /// assert_eq!(reader.next().unwrap()?.table.numbers("a")?, [1.0]);
    /// reader.set_chunk_rows(100);
    /// assert_eq!(reader.next().unwrap()?.table.numbers("a")?, [2.0, 3.0]);
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If it is 0.
    pub fn set_chunk_rows(&mut self, rows: usize) {
        assert!(rows > 0, "a chunk has a row or more, got {rows}");
        self.chunk_rows = rows;
    }

    /// Keeps the `part`-th of `parts` ranges of rows, from 1, whose lengths differ by a row at most, if the file says how
    /// many rows it has: of a Parquet file the groups of rows outside are not read. Of any other file, all rows are
    /// kept, and `false` is returned.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use thalweg_data::{CsvOptions, TableReader};
    ///
    /// let mut reader = TableReader::new("a\n1\n2\n".as_bytes(), &CsvOptions::new())?;
    /// assert!(!reader.keep_part(2, 2));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Unless `1 ≤ part ≤ parts`, and when rows were read before.
    pub fn keep_part(&mut self, part: usize, parts: usize) -> bool {
        assert!(
            (1..=parts).contains(&part),
            "a part is one of 1 to {parts}, got {part}"
        );
        match &mut self.source {
            Source::Csv(_) => false,
            #[cfg(feature = "parquet")]
            Source::Parquet(reader) => {
                reader.keep_part(part, parts);
                true
            }
        }
    }

    /// Whether rows that cannot be read come in [`Chunk::refused`]; by default the first one is an error.
    ///
    /// ```
    /// use thalweg_data::{CsvOptions, TableReader};
    ///
    /// # let path = std::env::temp_dir().join(format!("thalweg-refused-{}.csv", std::process::id()));
    /// # let options = CsvOptions::default().types(&[("x", thalweg_data::ColumnType::Numbers)]);
    /// std::fs::write(&path, "x,y\n1,2\nthree,4\n5,6\n")?;
    /// let reader = TableReader::open(&path, &options)?.keep_refused(true);
    /// let chunk = reader.chunk_rows(100).next().unwrap()?;
    /// # std::fs::remove_file(&path).ok();
    /// assert_eq!(chunk.table.numbers("x")?, [1.0, 5.0]);
    /// assert_eq!(chunk.refused[0].0.line, Some(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keep_refused(mut self, keep: bool) -> Self {
        self.keep_refused = keep;
        self
    }

    /// The columns and their types, which all chunks have.
    pub fn types(&self) -> Vec<(&str, ColumnType)> {
        match &self.source {
            Source::Csv(stream) => stream.types(),
            #[cfg(feature = "parquet")]
            Source::Parquet(reader) => reader.types(),
        }
    }

    /// The dialect, if the file is CSV.
    ///
    /// See [`Dialect`] for an example.
    pub fn dialect(&self) -> Option<&Dialect> {
        match &self.source {
            Source::Csv(stream) => Some(&stream.dialect),
            #[cfg(feature = "parquet")]
            Source::Parquet(_) => None,
        }
    }

    fn read(&mut self) -> Result<Option<Chunk>, DataError> {
        match &mut self.source {
            Source::Csv(stream) => {
                let rows = stream.next(self.chunk_rows, self.keep_refused);
                let rows = rows.map_err(|problem| problem.at(&self.path))?;
                Ok(rows.map(|(table, places, refused)| Chunk {
                    table,
                    places,
                    refused: refused
                        .into_iter()
                        .map(|(place, error)| (place, ReadError::Csv(error).at(&self.path)))
                        .collect(),
                }))
            }
            #[cfg(feature = "parquet")]
            Source::Parquet(reader) => {
                let rows = reader
                    .next(self.chunk_rows)
                    .map_err(|problem| problem.at(&self.path))?;
                Ok(rows.map(|(table, places)| Chunk {
                    table,
                    places,
                    refused: Vec::new(),
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
        let read = self.read().transpose();
        self.ended = !matches!(read, Some(Ok(_)));
        read
    }
}
