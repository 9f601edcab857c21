//! Tables of any columns from files, and to files.

#[cfg(feature = "parquet")]
mod arrow;
mod chunk;
mod csv;
mod read;
mod show;
mod stream;
mod time;
mod write;

#[cfg(feature = "parquet")]
pub use arrow::{ArrowError, ParquetError};
pub use chunk::{Chunk, Place};
pub use csv::Dialect;
pub use stream::TableReader;
pub use write::{TableWriter, WriteError};
