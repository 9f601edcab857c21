//! Parquet files.

mod columns;
mod groups;
mod reader;
mod writer;

use std::fs::File;
use std::io::{BufRead, Read, Seek};
use std::path::Path;

use bytes::Bytes;
use parquet::file::reader::ChunkReader;

use super::caught::caught;
use super::{ArrowError, ParquetError, from, to};
use crate::read::{self, FileError, MAX_BYTES};
use crate::{CsvOptions, DataError, Table};

pub(in crate::tables) use reader::ParquetReader;
pub(in crate::tables) use writer::ParquetWriter;

/// The first bytes of a Parquet file.
const MAGIC: &[u8] = b"PAR1";

/// The file of this path, if it is a Parquet file.
pub(in crate::tables) fn file(path: &Path) -> Result<Option<File>, DataError> {
    let open = || {
        let mut file = File::open(path)?;
        let mut head = Vec::new();
        file.by_ref()
            .take(MAGIC.len() as u64)
            .read_to_end(&mut head)?;
        file.rewind()?;
        Ok((head == MAGIC).then_some(file))
    };
    match open() {
        Ok(file) => Ok(file),
        // A pipe has no beginning to come back to, and is read once.
        Err(error) => Err(FileError::read(error).at(path)),
    }
}

/// The bytes of a stream, whole, if it is a Parquet file.
pub(in crate::tables) fn bytes(stream: &mut impl BufRead) -> Result<Option<Bytes>, FileError> {
    if !stream.fill_buf()?.starts_with(MAGIC) {
        return Ok(None);
    }
    let bytes = read::bytes(stream, MAX_BYTES + 1)?;
    match bytes.len() as u64 > MAX_BYTES {
        true => Err(FileError::TooLarge("a longer file in a stream".to_owned())),
        false => Ok(Some(bytes.into())),
    }
}

/// The whole table in a file.
pub(in crate::tables) fn read(
    file: impl ChunkReader + 'static,
    options: &CsvOptions,
) -> Result<Table, ParquetError> {
    let mut reader = ParquetReader::new(file, options)?;
    let mut table: Option<Table> = None;
    while let Some((rows, _)) = reader.next(1 << 16)? {
        match &mut table {
            None => table = Some(rows),
            Some(table) => table
                .append(&rows)
                .map_err(|problem| ArrowError::Batch(problem.to_string()))?,
        }
    }
    let table = table.ok_or(ArrowError::Empty("rows"))?;
    let mut notes = vec![format!("Parquet, {} rows", table.rows())];
    notes.append(&mut reader.notes);
    Ok(table.with_notes(notes))
}
