//! Tables from files of several formats.

use std::io::{BufReader, Read};
use std::path::Path;

#[cfg(feature = "parquet")]
use super::arrow;
use super::csv;
use crate::csv::text;
use crate::{CsvOptions, DataError, Table, read};

impl Table {
    /// Reads a CSV file, plain or compressed by gzip or Zstandard, or with the feature `parquet` a Parquet file.
    ///
    /// The reader finds the dialect and the types of the columns, and [`notes`](Self::notes) says what it
    /// found: the delimiter, among `,` `;` `|`, a tab and blanks; the decimal separator and that of thousands;
    /// the quote; whether there is a header; the spellings of missing values. A column is numbers if each of
    /// its values is a number and none is a code such as `00123`, times if each is a date or time of ISO 8601,
    /// and text otherwise. A column without a name is called `column_3`, and the second one of the same name
    /// `x_2`. Where a file has two readings, the error names the option that chooses one:
    /// [`Table::read_with`].
    ///
    /// ```
    /// use thalweg_data::{Table, Values};
    ///
    /// # let path = std::env::temp_dir().join(format!("thalweg-read-{}.csv", std::process::id()));
    /// std::fs::write(&path, "town,people\nBern,144000\nChur,\n")?;
    /// let table = Table::read(&path)?;
    /// # std::fs::remove_file(&path).ok();
    /// let Values::Text(towns) = table.require("town")?.values() else { panic!() };
    /// assert_eq!(towns.get(1), Some("Chur"));
    /// assert!(table.numbers("people")?[1].is_nan());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`read_with`](Self::read_with).
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DataError> {
        Self::read_with(path, &CsvOptions::new())
    }

    /// Reads a file as [`read`](Self::read) does, where these options leave anything open.
    ///
    /// Of a Parquet file the options choose columns, types and whether to leave out rows with missing values.
    ///
    /// ```
    /// use thalweg_data::{ColumnType, CsvOptions, Table};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("towns.csv");
    /// std::fs::write(&path, "code,people\n3000,144000\n7000,39000\n")?;
    /// let options = CsvOptions::new().types(&[("code", ColumnType::Text)]);
    /// let table = Table::read_with(&path, &options)?;
    /// assert_eq!(table.require("code")?.values().column_type(), ColumnType::Text);
    /// assert_eq!(table.numbers("people")?, [144_000.0, 39_000.0]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::Options`] for options that contradict each other, [`DataError::File`] for a file that
    /// cannot be read, is not text or is larger than 4 GiB, [`DataError::Csv`] for text that is not a table.
    /// Each names the file, the line, the column and the value if there is one, and the option to give.
    pub fn read_with(path: impl AsRef<Path>, options: &CsvOptions) -> Result<Self, DataError> {
        let path = path.as_ref();
        options.check_given()?;
        #[cfg(feature = "parquet")]
        if let Some(file) = arrow::file(path)? {
            return arrow::read(file, options).map_err(|problem| problem.at(path));
        }
        let stream = read::open(path).map_err(|problem| problem.at(path))?;
        Self::whole(stream, options, path)
    }

    /// Reads a stream as [`read_with`](Self::read_with) reads a file.
    ///
    /// # Errors
    ///
    /// Those of [`read_with`](Self::read_with).
    pub fn parse(stream: impl Read, options: &CsvOptions) -> Result<Self, DataError> {
        let path = Path::new("the stream");
        options.check_given()?;
        let stream = BufReader::new(stream);
        #[cfg(feature = "parquet")]
        let mut stream = stream;
        #[cfg(feature = "parquet")]
        if let Some(bytes) = arrow::bytes(&mut stream).map_err(|error| error.at(path))? {
            return arrow::read(bytes, options).map_err(|problem| problem.at(path));
        }
        let stream = read::decompressed(stream).map_err(|error| error.at(path))?;
        Self::whole(stream, options, path)
    }

    fn whole(stream: impl Read, options: &CsvOptions, path: &Path) -> Result<Self, DataError> {
        let text = text::read(stream, options.encoding);
        let table = text.and_then(|text| csv::read(&text, options));
        table.map_err(|problem| problem.at(path))
    }
}
