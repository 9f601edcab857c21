//! Reads the rows of a file in chunks.

use arrow_array::RecordBatch;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::reader::ChunkReader;

use super::columns::{Choice, Chosen};
use super::groups::{Plan, Wanted};
use super::{ArrowError, ParquetError, caught, from};
use crate::tables::chunk::Place;
use crate::{Column, ColumnType, CsvOptions, Table};

/// The rows of a file, in batches.
pub(in crate::tables) struct ParquetReader {
    batches: Batches,
    options: CsvOptions,
    columns: Vec<Chosen>,
    pub(in crate::tables) notes: Vec<String>,
    row: u64,
    wanted: Option<Wanted>,
}

/// The size of batches is known when the first one is read.
enum Batches {
    Planned(Box<dyn Plan>),
    Open(Box<Decoder>),
    Ended,
}

/// The rows that are decoded at a time, at least. Chunks are cut from them: a batch of a few hundred rows, such as that of a
/// first chunk, would make all that follow slow.
const DECODED: usize = 8192;

/// A reader whose batches are cut into chunks.
struct Decoder {
    reader: ParquetRecordBatchReader,
    rest: Option<RecordBatch>,
}

impl Decoder {
    /// At most this many of the next rows; none after the last one.
    fn next(&mut self, rows: usize) -> Result<Option<RecordBatch>, ParquetError> {
        let batch = match self.rest.take() {
            Some(rest) => rest,
            None => match caught(|| Ok(self.reader.next().transpose()?))? {
                Some(batch) => batch,
                None => return Ok(None),
            },
        };
        let here = batch.num_rows().min(rows);
        let left = batch.num_rows() - here;
        self.rest = (left > 0).then(|| batch.slice(here, left));
        Ok(Some(batch.slice(0, here)))
    }
}

/// The rows of a batch, and where they stand.
pub(in crate::tables) type ParquetRows = (Table, Vec<Place>);

impl ParquetReader {
    pub(in crate::tables) fn new(
        file: impl ChunkReader + 'static,
        options: &CsvOptions,
    ) -> Result<Self, ParquetError> {
        let builder = caught(|| Ok(ParquetRecordBatchReaderBuilder::try_new(file)?))?;
        let mut options = options.clone();
        let Choice {
            columns,
            read,
            notes,
        } = Choice::of(builder.schema(), &mut options)?;
        let mask = ProjectionMask::roots(builder.parquet_schema(), read);
        let builder = builder.with_projection(mask);
        Ok(Self {
            batches: Batches::Planned(Box::new(builder)),
            options,
            columns,
            notes,
            row: 0,
            wanted: None,
        })
    }

    /// Reads one of several ranges of rows, and no group of rows that has none of it. To be called before the first batch.
    pub(in crate::tables) fn keep_part(&mut self, part: usize, parts: usize) {
        let Batches::Planned(plan) = &self.batches else {
            panic!("a part is chosen before its rows are read");
        };
        let groups = plan.groups();
        let rows: u64 = groups.iter().sum();
        let bound = |part: usize| {
            let bound = u128::from(rows) * part as u128 / parts as u128;
            u64::try_from(bound).unwrap_or(rows)
        };
        let range = bound(part - 1)..bound(part);
        self.row = range.start;
        self.wanted = Some(Wanted::of(&range, &groups));
    }

    pub(in crate::tables) fn types(&self) -> Vec<(&str, ColumnType)> {
        let columns = self.columns.iter();
        columns
            .map(|column| (column.name.as_str(), column.kind))
            .collect()
    }

    /// At most this many of the next rows; none after the last one.
    pub(in crate::tables) fn next(
        &mut self,
        rows: usize,
    ) -> Result<Option<ParquetRows>, ParquetError> {
        let mut decoder = match std::mem::replace(&mut self.batches, Batches::Ended) {
            Batches::Planned(plan) => {
                let decoded = rows.max(DECODED);
                let reader = caught(|| Ok(plan.open(decoded, self.wanted.take())?))?;
                Box::new(Decoder { reader, rest: None })
            }
            Batches::Open(decoder) => decoder,
            Batches::Ended => return Ok(None),
        };
        let Some(batch) = decoder.next(rows)? else {
            return Ok(None);
        };
        self.batches = Batches::Open(decoder);
        let table = self.table(&batch)?;
        let places: Vec<Place> = (self.row + 1..)
            .take(table.rows())
            .map(|row| Place { row, line: None })
            .collect();
        self.row += table.rows() as u64;
        if !self.options.drop_missing {
            return Ok(Some((table, places)));
        }
        let whole = |row: &usize| {
            !table
                .columns()
                .iter()
                .any(|column| column.values().is_missing(*row))
        };
        let rows: Vec<usize> = (0..table.rows()).filter(whole).collect();
        let places = rows.iter().map(|row| places[*row]).collect();
        Ok(Some((table.select(&rows), places)))
    }

    fn table(&self, batch: &RecordBatch) -> Result<Table, ArrowError> {
        let schema = batch.schema();
        let columns = self.columns.iter().map(|column| {
            let array = batch.column(column.place);
            from::column(
                schema.field(column.place),
                &column.name,
                array.as_ref(),
                &self.options,
            )
        });
        Ok(Table::of(columns.collect::<Result<Vec<Column>, _>>()?))
    }
}
