#![doc = include_str!("../README.md")]
//!
//! # Contents
//!
//! | task | item |
//! |---|---|
//! | data sets inside the crate, without download | [`digits`], [`fashion_mnist`], [`noto_people`], [`nyc_weather`], [`penguins`] |
//! | images from files | [`Images::from_idx`], [`Images::mnist`], [`Images::from_folder`] |
//! | rows of numbers from files | [`NumericTable::from_csv`], other dialects by [`CsvOptions`] |
//! | tables of any columns | [`Table`], with [`Column`]s of numbers, text and times |
#![cfg_attr(
    feature = "tables",
    doc = "| tables from CSV files and to them, whole or in chunks | [`Table::read`], [`Table::write`], [`TableReader`], [`TableWriter`] |"
)]
//! | rows in standard units and back | [`NumericTable::standardize`], [`Standardization`] |
//! | two-dimensional densities with exact values | [`Toy`] |
//! | training, validation and test rows | [`RowSplit`], [`Parts`] |
//! | shuffled batches, also of growing size | [`Batches`], [`Growing`] |

mod batches;
mod csv;
mod embedded;
mod error;
mod images;
mod numeric;
mod parts;
mod read;
mod rng;
mod rows;
mod split;
mod table;
#[cfg(feature = "tables")]
mod tables;
mod toy;
#[cfg(feature = "tables")]
mod zstd;

pub use batches::{Batches, Epoch, Growing};
pub use csv::{CsvError, CsvOptions, Encoding};
pub use embedded::{digits, fashion_mnist, noto_people, nyc_weather, penguins};
pub use error::DataError;
pub use images::{Images, Resize};
pub use numeric::{Columns, NumericTable, Standardization, TableError};
pub use parts::Parts;
pub use read::FileError;
pub use rows::Rows;
pub use split::RowSplit;
pub use table::{Column, ColumnType, ColumnsError, Table, Text, Values};
#[cfg(feature = "parquet")]
pub use tables::{ArrowError, ParquetError};
#[cfg(feature = "tables")]
pub use tables::{Chunk, Dialect, Place, TableReader, TableWriter, WriteError};
pub use toy::Toy;
