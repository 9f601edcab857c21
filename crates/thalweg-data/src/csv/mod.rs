//! The text of CSV files: one vocabulary of dialects, one tokenizer, one parser of numbers.

mod error;
mod header;
mod lines;
pub(crate) mod number;
mod numeric;
mod options;
mod record;
mod records;
pub(crate) mod text;

pub use error::CsvError;
pub use options::CsvOptions;
pub use text::Encoding;
#[cfg(feature = "tables")]
pub(crate) use {
    error::ReadError,
    header::{cut, is_index, ragged},
    record::Record,
    records::Records,
};

/// What a file without text holds.
pub(crate) const NO_LINE: &str = "no line of text; give a file with a header and rows";

/// What a file without rows holds.
pub(crate) const NO_ROWS: &str = "a header and no rows";
