//! Tables of any columns from CSV files.

mod builder;
mod delimiter;
mod detect;
mod dialect;
mod header;
mod notation;
mod plan;
mod profile;
mod whole;

pub use dialect::Dialect;
pub(super) use whole::read;

use crate::CsvOptions;
use crate::csv::{ReadError, Record, Records};

/// The first records of a text.
struct Sample {
    records: Vec<Record>,
    /// The separator of fields, which the file may declare.
    delimiter: char,
    /// Why there are no more, if there is a reason.
    error: Option<ReadError>,
}

impl Sample {
    /// At most `limit` records.
    fn new(text: &[u8], options: &CsvOptions, limit: usize) -> Self {
        let mut sample = Self {
            records: Vec::new(),
            delimiter: options.delimiter.unwrap_or(','),
            error: None,
        };
        if let Err(error) = sample.read(text, options, limit) {
            sample.error = Some(error);
        }
        sample
    }

    fn read(&mut self, text: &[u8], options: &CsvOptions, limit: usize) -> Result<(), ReadError> {
        let mut records = Records::new(text, options)?;
        self.delimiter = records.delimiter();
        while self.records.len() < limit {
            let mut record = Record::default();
            if !records.next(&mut record)? {
                break;
            }
            self.records.push(record);
        }
        Ok(())
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
