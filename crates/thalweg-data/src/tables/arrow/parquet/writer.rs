//! Writes a file in parts.

use std::fs::File;
use std::path::Path;

use arrow_schema::Field;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::{ParquetError, to};
use crate::Table;

/// Writes a file in parts.
pub(in crate::tables) struct ParquetWriter {
    file: Option<File>,
    open: Option<(ArrowWriter<File>, Vec<Field>)>,
}

impl ParquetWriter {
    pub(in crate::tables) fn new(path: &Path) -> std::io::Result<Self> {
        Ok(Self {
            file: Some(File::create(path)?),
            open: None,
        })
    }

    /// Adds the rows of a table; the first one gives the columns.
    pub(in crate::tables) fn append(&mut self, table: &Table) -> Result<(), ParquetError> {
        if let Some(file) = self.file.take() {
            let fields = to::fields(table);
            let batch = to::batch(&table.select(&[]), &fields)?;
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .set_max_row_group_row_count(Some(1 << 18))
                .build();
            let writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
            self.open = Some((writer, fields));
        }
        if let Some((writer, fields)) = &mut self.open {
            writer.write(&to::batch(table, fields)?)?;
        }
        Ok(())
    }

    /// Ends the file.
    pub(in crate::tables) fn finish(self) -> Result<(), ParquetError> {
        if let Some((writer, _)) = self.open {
            writer.close()?;
        }
        Ok(())
    }
}
