//! Tables from CSV files.

mod header;
mod number;
mod options;
mod records;
mod rows;
mod text;

pub use options::CsvOptions;
pub use text::Encoding;

use std::path::Path;

use self::records::Records;
use crate::{Columns, DataError, Table, read};

impl Table {
    /// Reads columns of a CSV file with a header line, plain or compressed by gzip.
    ///
    /// Fields are separated by commas, and blanks around them are dropped; empty lines are passed
    /// over. Classes are numbered in the alphabetical order of their names. A file in another
    /// dialect is refused with the option of [`CsvOptions`] that reads it.
    ///
    /// # Errors
    ///
    /// As [`CsvOptions::read`].
    pub fn from_csv(path: &Path, columns: &Columns) -> Result<Self, DataError> {
        CsvOptions::new().columns(columns.clone()).read(path)
    }

    /// A CSV file that lies inside the program; the name stands in errors only.
    pub(crate) fn from_csv_bytes(
        name: &str,
        bytes: &[u8],
        columns: &Columns,
    ) -> Result<Self, DataError> {
        let path = Path::new(name);
        let reader = read::decompressed(bytes).map_err(|source| read::failed(path, source))?;
        CsvOptions::new()
            .columns(columns.clone())
            .parse(path, reader)
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
    let text = text::read(path, reader, Encoding::Utf8)?;
    let options = CsvOptions::new();
    let mut records = Records::new(path, &text, &options);
    let (mut fields, mut texts) = (Vec::new(), Vec::new());
    records.next(&mut fields)?;
    let header: Vec<String> = fields.iter().map(ToString::to_string).collect();
    let place = super::columns::find(path, &header, column)?;
    while records.next(&mut fields)?.is_some() {
        texts.push(fields[place].to_string());
    }
    Ok(texts)
}
