//! Parquet files.

use std::fs::File;
use std::io::{BufRead, Read, Seek};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::Field;
use bytes::Bytes;
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::ChunkReader;

use super::caught::caught;
use super::{ArrowError, ParquetError, from, to};
use crate::read::{self, FileError, MAX_BYTES};
use crate::tables::chunk::Place;
use crate::tables::csv::unique;
use crate::{Column, ColumnType, CsvError, CsvOptions, DataError, Table};

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

/// A reader to be, of any kind of file.
trait Plan {
    /// The rows of each group, in order.
    fn groups(&self) -> Vec<u64>;
    /// Opens a reader of the wanted rows, in batches of `batch` rows.
    fn open(self: Box<Self>, batch: usize, wanted: Option<Wanted>) -> Opened;
}

type Opened = Result<ParquetRecordBatchReader, parquet::errors::ParquetError>;

/// A range of rows: groups, then rows of those.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Wanted {
    groups: Range<usize>,
    /// The rows before it in the first group.
    skipped: usize,
    rows: usize,
}

impl Wanted {
    /// The rows of a range in groups of these sizes.
    fn of(range: &Range<u64>, groups: &[u64]) -> Self {
        let ends = groups.iter().scan(0, |end, rows| {
            *end += rows;
            Some(*end)
        });
        let ends: Vec<u64> = ends.collect();
        let first = ends.partition_point(|end| *end <= range.start);
        let last = ends.partition_point(|end| *end < range.end);
        let before = first.checked_sub(1).map_or(0, |group| ends[group]);
        Self {
            groups: first..(last + 1).min(groups.len()).max(first),
            skipped: (range.start - before) as usize,
            rows: (range.end - range.start) as usize,
        }
    }
}

impl<T: ChunkReader + 'static> Plan for ParquetRecordBatchReaderBuilder<T> {
    fn groups(&self) -> Vec<u64> {
        let groups = self.metadata().row_groups().iter();
        // A file that was altered may have less than none.
        groups.map(|group| group.num_rows().max(0) as u64).collect()
    }

    fn open(self: Box<Self>, batch: usize, wanted: Option<Wanted>) -> Opened {
        let builder = self.with_batch_size(batch);
        match wanted {
            None => builder.build(),
            Some(Wanted {
                groups,
                skipped,
                rows,
            }) => builder
                .with_row_groups(groups.collect())
                .with_offset(skipped)
                .with_limit(rows)
                .build(),
        }
    }
}

/// One column to read.
struct Chosen {
    /// Its place in a batch.
    place: usize,
    name: String,
    kind: ColumnType,
}

/// The rows of a batch, and where they stand.
pub(in crate::tables) type ParquetRows = (Table, Vec<Place>);

impl ParquetReader {
    pub(in crate::tables) fn new(
        file: impl ChunkReader + 'static,
        options: &CsvOptions,
    ) -> Result<Self, ParquetError> {
        let builder = caught(|| Ok(ParquetRecordBatchReaderBuilder::try_new(file)?))?;
        let schema = Arc::clone(builder.schema());
        let names: Vec<String> = schema
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        let (names, notes) = unique(&names);
        let places = options
            .columns
            .find(&names)
            .map_err(|error| chosen(error, &names))?;
        if let Some((name, _)) = options.types.iter().find(|(name, _)| !names.contains(name)) {
            return Err(ArrowError::NoColumn {
                column: name.clone(),
                found: names,
            }
            .into());
        }
        let kept: Vec<usize> = places
            .numbers
            .iter()
            .chain(&places.label)
            .copied()
            .collect();
        if kept.is_empty() {
            return Err(ArrowError::Empty("columns").into());
        }
        let mut read = kept.clone();
        read.sort_unstable();
        let mut options = options.clone();
        if let Some(label) = places.label {
            options.types.push((names[label].clone(), ColumnType::Text));
        }
        let columns = kept.iter().map(|place| {
            let field = schema.field(*place);
            let name = names[*place].clone();
            let asked = options.types.iter().find(|(column, _)| *column == name);
            Ok(Chosen {
                kind: match asked {
                    Some((_, kind)) => *kind,
                    None => from::column_type(field.data_type(), &name)?,
                },
                place: read.partition_point(|other| other < place),
                name,
            })
        });
        let columns = columns.collect::<Result<Vec<Chosen>, ArrowError>>()?;
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

/// The error of a choice of columns.
fn chosen(error: CsvError, names: &[String]) -> ParquetError {
    match error {
        CsvError::NoColumn { column, found } => ArrowError::NoColumn { column, found },
        other => ArrowError::Batch(format!("{other}; the columns are {names:?}")),
    }
    .into()
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
