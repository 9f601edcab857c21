//! The groups of rows of a file, and which of them are read.

use std::ops::Range;

use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::reader::ChunkReader;

/// A reader to be, of any kind of file.
pub(super) trait Plan {
    /// The rows of each group, in order.
    fn groups(&self) -> Vec<u64>;
    /// Opens a reader of the wanted rows, in batches of `batch` rows.
    fn open(self: Box<Self>, batch: usize, wanted: Option<Wanted>) -> Opened;
}

pub(super) type Opened = Result<ParquetRecordBatchReader, parquet::errors::ParquetError>;

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

/// A range of rows: groups, then rows of those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    groups: Range<usize>,
    /// The rows before it in the first group.
    skipped: usize,
    rows: usize,
}

impl Wanted {
    /// The rows of a range in groups of these sizes.
    pub(super) fn of(range: &Range<u64>, groups: &[u64]) -> Self {
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
