//! The text of CSV files: one vocabulary of dialects, one tokenizer, one parser of numbers.

mod error;
mod header;
mod lines;
mod number;
mod numeric;
mod options;
mod record;
mod records;
mod text;

pub use error::CsvError;
pub use options::CsvOptions;
pub use text::Encoding;

/// What a file without text holds.
const NO_LINE: &str = "no line of text; give a file with a header and rows";

/// What a file without rows holds.
const NO_ROWS: &str = "a header and no rows";
