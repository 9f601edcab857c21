//! Tables from Arrow's record batches and from Parquet files, and to them.

mod caught;
mod error;
mod from;
mod parquet;
mod to;

pub(super) use self::parquet::{ParquetReader, ParquetWriter, bytes, file, read};
pub use error::{ArrowError, ParquetError};

/// The key of a unit among the metadata of a field.
const UNIT: &str = "unit";

/// The key of a rounding width.
const WIDTH: &str = "width";
