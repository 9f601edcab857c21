//! Tables of any columns from files, and to files.

mod chunk;
mod csv;
mod read;
mod stream;
mod time;
mod write;

pub use chunk::{Chunk, Place};
pub use csv::Dialect;
pub use stream::TableReader;
pub use write::{TableWriter, WriteError};
