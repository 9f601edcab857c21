//! Tables of any columns from CSV files.

mod builder;
mod delimiter;
mod detect;
mod dialect;
mod header;
mod notation;
mod plan;
mod profile;
mod stream;
mod whole;

pub use dialect::Dialect;
#[cfg(feature = "parquet")]
pub(super) use header::unique;
pub(super) use stream::Stream;
pub(super) use whole::read;

use crate::CsvOptions;
use crate::csv::{ReadError, Record, Records};

/// The first records of a text.
struct Sample {
    records: Vec<Record>,
    /// The separator of fields, which the file may declare.
    delimiter: char,
    /// How many records could not be split, and why the first one could not.
    failed: usize,
    error: Option<ReadError>,
}

impl Sample {
    /// At most `limit` records.
    fn new(text: &[u8], options: &CsvOptions, limit: usize) -> Result<Self, ReadError> {
        let mut records = Records::new(text, options)?;
        let mut sample = Self {
            records: Vec::new(),
            delimiter: records.delimiter(),
            failed: 0,
            error: None,
        };
        while sample.records.len() < limit {
            let mut record = Record::default();
            match records.next(&mut record) {
                Ok(true) => sample.records.push(record),
                Ok(false) => break,
                Err(error) => {
                    sample.failed += 1;
                    sample.error.get_or_insert(error);
                }
            }
        }
        Ok(sample)
    }
}

/// The number of fields of most records, the smaller one of two.
fn common_width(records: &[Record]) -> Option<usize> {
    let mut widths: Vec<usize> = records.iter().map(Record::len).collect();
    widths.sort_unstable();
    let same = widths.chunk_by(|one, other| one == other);
    let most = same.rev().max_by_key(|same| same.len());
    most.map(|same| same[0])
}
