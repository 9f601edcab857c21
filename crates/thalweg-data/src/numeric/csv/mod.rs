//! Tables from CSV files.

mod error;
mod header;
mod number;
mod options;
mod records;
mod rows;
mod text;

pub use error::CsvError;
pub use options::CsvOptions;
pub use text::Encoding;
