//! Tables to files.

mod columns;
mod csv;
mod error;
mod sink;

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use thalweg_file::Pending;

#[cfg(feature = "parquet")]
use self::columns::Columns;
use self::csv::CsvWriter;
pub use self::error::WriteError;
use self::sink::Sink;
#[cfg(feature = "parquet")]
use super::arrow::ParquetWriter;
use crate::{DataError, Table};

impl Table {
    /// Writes a file, which appears whole or not at all: CSV where its name ends with `.csv`, `.csv.gz` or
    /// `.csv.zst`, and with the feature `parquet` Parquet where it ends with `.parquet`.
    ///
    /// [`Table::read`] gives the same table back, but for three things that CSV, unlike Parquet, does not say: an empty word
    /// comes back as a missing one, a column of words that are all numbers or times as such, and widths and
    /// units not at all. [`CsvOptions::types`](crate::CsvOptions::types) keeps words.
    ///
    /// # Errors
    ///
    /// [`DataError::Write`] for another extension, a time that has no date, and the errors of the operating
    /// system.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), DataError> {
        let mut writer = TableWriter::create(path)?;
        writer.append(self)?;
        writer.finish()
    }

    /// Writes CSV: commas, decimal points, the names in the first line, numbers in the fewest digits that give
    /// the same number back, times in ISO 8601 to the nanosecond, as dates if all are whole days.
    ///
    /// ```
    /// use thalweg_data::{Column, Table};
    ///
    /// let day = 24.0 * 3600.0;
    /// let table = Table::new(vec![
    ///     Column::times("date", vec![0.0, 31.0 * day]),
    ///     Column::numbers("x", vec![0.1, f64::NAN]),
    /// ])?;
    /// let mut text = vec![];
    /// table.write_csv(&mut text)?;
    /// assert_eq!(String::from_utf8(text)?, "date,x\n1970-01-01,0.1\n1970-02-01,\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write).
    pub fn write_csv(&self, sink: &mut impl Write) -> Result<(), DataError> {
        let mut writer = CsvWriter::new(sink);
        let written = writer
            .append(self)
            .and_then(|()| Ok(writer.finish()?.flush()?));
        written.map_err(|problem| problem.at(Path::new("the stream")))
    }
}

/// Writes a file in parts, in the memory of one part.
///
/// ```
/// use thalweg_data::{Column, Table, TableWriter};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("scores.csv.gz");
/// let mut writer = TableWriter::create(&path)?;
/// for part in 0..3 {
///     let scores = vec![f64::from(part), 0.5];
///     writer.append(&Table::new(vec![Column::numbers("score", scores)])?)?;
/// }
/// assert!(!path.exists()); // the file appears whole
/// writer.finish()?;
/// assert_eq!(Table::read(&path)?.rows(), 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct TableWriter {
    /// The file that will appear; none of a stream.
    pending: Option<Pending>,
    path: PathBuf,
    format: Format,
}

enum Format {
    Csv(CsvWriter<Sink>),
    #[cfg(feature = "parquet")]
    Parquet(Columns, ParquetWriter),
}

/// How a file is begun.
enum Begin {
    Csv(fn(&Path) -> io::Result<Sink>),
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Begin {
    /// By the extension of a path.
    fn of(path: &Path) -> Result<Self, WriteError> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match name.to_ascii_lowercase() {
            name if name.ends_with(".csv") => Ok(Self::Csv(Sink::plain)),
            name if name.ends_with(".csv.gz") => Ok(Self::Csv(Sink::gzip)),
            name if name.ends_with(".csv.zst") => Ok(Self::Csv(Sink::zstd)),
            #[cfg(feature = "parquet")]
            name if name.ends_with(".parquet") => Ok(Self::Parquet),
            _ => Err(WriteError::Extension),
        }
    }

    fn at(self, path: &Path) -> Result<Format, WriteError> {
        Ok(match self {
            Self::Csv(open) => Format::Csv(CsvWriter::new(open(path)?)),
            #[cfg(feature = "parquet")]
            Self::Parquet => Format::Parquet(Columns::default(), ParquetWriter::new(path)?),
        })
    }
}

impl fmt::Debug for TableWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableWriter")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl TableWriter {
    /// Begins a file in the format of its extension. Without [`finish`](Self::finish) it does not appear.
    ///
    /// # Errors
    ///
    /// Those of [`Table::write`].
    pub fn create(path: impl AsRef<Path>) -> Result<Self, DataError> {
        let path = path.as_ref();
        Self::begun(path).map_err(|problem| problem.at(path))
    }

    /// Finds out whether [`create`](Self::create) knows the extension of a path, without beginning a file.
    ///
    /// ```
    /// use thalweg_data::TableWriter;
    ///
    /// assert!(TableWriter::check("scores.csv.zst").is_ok());
    /// assert!(TableWriter::check("scores.txt").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Write`] for another extension.
    pub fn check(path: impl AsRef<Path>) -> Result<(), DataError> {
        let path = path.as_ref();
        match Begin::of(path) {
            Ok(_) => Ok(()),
            Err(problem) => Err(problem.at(path)),
        }
    }

    fn begun(path: &Path) -> Result<Self, WriteError> {
        let begin = Begin::of(path)?;
        let pending = Pending::new(path)?;
        Ok(Self {
            format: begin.at(pending.path())?,
            pending: Some(pending),
            path: path.to_owned(),
        })
    }

    /// Writes CSV to a stream, such as the standard output: each [`append`](Self::append) goes out at once.
    ///
    /// ```
    /// use thalweg_data::{Column, Table, TableWriter};
    ///
    /// let mut writer = TableWriter::csv(std::io::stdout());
    /// writer.append(&Table::new(vec![Column::numbers("score", vec![0.5, 0.25])])?)?;
    /// writer.finish()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn csv(stream: impl Write + 'static) -> Self {
        let stream = BufWriter::new(stream);
        Self {
            pending: None,
            path: PathBuf::from("the stream"),
            format: Format::Csv(CsvWriter::new(Sink::Stream(Box::new(stream)))),
        }
    }

    /// Adds the rows of a table, whose columns are those of the first one.
    ///
    /// # Errors
    ///
    /// [`WriteError::Columns`] for other columns, and those of [`Table::write`].
    pub fn append(&mut self, table: &Table) -> Result<(), DataError> {
        let written = match &mut self.format {
            Format::Csv(writer) if self.pending.is_some() => writer.append(table),
            Format::Csv(writer) => writer.append(table).and_then(|()| writer.flush()),
            #[cfg(feature = "parquet")]
            Format::Parquet(columns, writer) => {
                let fit = columns.check(table);
                fit.and_then(|()| Ok(writer.append(table)?))
            }
        };
        written.map_err(|problem| problem.at(&self.path))
    }

    /// Ends the file, which appears under its name.
    ///
    /// # Errors
    ///
    /// That of the operating system, and [`WriteError::NoTable`] if no table was added.
    pub fn finish(self) -> Result<(), DataError> {
        let Self {
            pending,
            path,
            format,
        } = self;
        let written = match format {
            Format::Csv(writer) => writer.finish().and_then(|sink| Ok(sink.finish()?)),
            #[cfg(feature = "parquet")]
            Format::Parquet(columns, writer) => {
                let begun = columns.begun();
                begun.and_then(|()| Ok(writer.finish()?))
            }
        };
        let committed = written.and_then(|()| match pending {
            Some(pending) => Ok(pending.commit()?),
            None => Ok(()),
        });
        committed.map_err(|problem| problem.at(&path))
    }
}
