//! What can go wrong with data from outside.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a file, a folder or a row could not be used.
///
/// Rows of a CSV file are counted from 1 without its header line, as a spreadsheet filter does.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// The file or folder cannot be opened or read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system or the decompressor said.
        source: io::Error,
    },

    /// A folder lacks one of the files of a set.
    #[error(
        "{} has neither {name} nor {name}.gz; give the folder that holds the four IDX files",
        folder.display()
    )]
    Missing {
        /// The folder that was searched.
        folder: PathBuf,
        /// The file's name without `.gz`.
        name: &'static str,
    },

    /// The first four bytes are not those of an IDX file of unsigned bytes of a usable rank.
    #[error(
        "{} starts with {found:02x?}, which is not IDX {what} (expected {expected})",
        path.display()
    )]
    IdxMagic {
        /// The file.
        path: PathBuf,
        /// What the file was to hold: images or labels.
        what: &'static str,
        /// The magic numbers that would be right.
        expected: &'static str,
        /// The bytes found.
        found: [u8; 4],
    },

    /// The file ends before the bytes that its header announces.
    #[error(
        "{} ends after {found} bytes, its header needs {expected}; fetch the file again",
        path.display()
    )]
    IdxTruncated {
        /// The file.
        path: PathBuf,
        /// Bytes needed, header included.
        expected: u64,
        /// Bytes found.
        found: u64,
    },

    /// The file goes on after the bytes that its header announces.
    #[error(
        "{} goes on after the {expected} bytes of its header and data; the header is damaged",
        path.display()
    )]
    IdxTrailing {
        /// The file.
        path: PathBuf,
        /// Bytes that the header accounts for.
        expected: u64,
    },

    /// The data would take more memory than this crate is ready to give one file.
    #[error(
        "{} holds {size} of data, more than the bound of {bound} bytes; split the file",
        path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The size in words, since it may not fit a number.
        size: String,
        /// The bound in bytes.
        bound: u64,
    },

    /// Labels and images differ in number.
    #[error("{} has {labels} labels for {images} images; are the files of the same set?", path.display())]
    LabelCount {
        /// The file of labels.
        path: PathBuf,
        /// Labels found.
        labels: usize,
        /// Images found.
        images: usize,
    },

    /// A set has no rows, or rows of no size.
    #[error("{} holds {what}", path.display())]
    Empty {
        /// The file or folder.
        path: PathBuf,
        /// What is lacking, and what would do.
        what: &'static str,
    },

    /// A picture cannot be decoded.
    #[error("cannot decode {}: {source}; remove the file or save it again", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        source: image::ImageError,
    },

    /// The side asked of resized pictures is out of range.
    #[error("side {side} is not in 1..={bound}")]
    Side {
        /// The side asked for.
        side: u32,
        /// The largest side taken.
        bound: u32,
    },

    /// A pixel is at or above the number of levels.
    #[error(
        "image {image} has a pixel of {pixel}, which is not below {levels} levels (at most 256)"
    )]
    Levels {
        /// The image, counted from 0.
        image: usize,
        /// The pixel's value.
        pixel: u8,
        /// The levels asked for.
        levels: u32,
    },

    /// A column was asked for that the header lacks.
    #[error("{} has no column \"{column}\"; it has {found:?}", path.display())]
    Column {
        /// The file.
        path: PathBuf,
        /// The column asked for.
        column: String,
        /// The columns found.
        found: Vec<String>,
    },

    /// A row has more or fewer fields than the header.
    #[error("{} row {row} has {found} fields, its header has {expected}", path.display())]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The row.
        row: usize,
        /// Fields of the header.
        expected: usize,
        /// Fields of the row.
        found: usize,
    },

    /// A field in a column of numbers is not a finite number.
    #[error(
        "{} row {row} column \"{column}\": \"{text}\" is not a finite number; \
         correct the field or remove the row",
        path.display()
    )]
    Number {
        /// The file.
        path: PathBuf,
        /// The row.
        row: usize,
        /// The column's name.
        column: String,
        /// The field as it stands in the file, at most 64 characters of it.
        text: String,
    },

    /// The file is not CSV in UTF-8.
    #[error("{} row {row} is not CSV: {source}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// The row; 0 is the header.
        row: usize,
        /// What the reader said.
        source: csv::Error,
    },

    /// Dequantization widths do not fit the columns.
    #[error("widths {widths:?} must be {columns} finite numbers, none below 0")]
    Widths {
        /// The widths given.
        widths: Vec<f64>,
        /// The number of columns.
        columns: usize,
    },

    /// Fractions of a split are not fractions.
    #[error("fractions {fractions:?} must each lie in 0..=1 and sum to 1")]
    Fractions {
        /// Fractions for training, validation and test.
        fractions: [f64; 3],
    },

    /// No toy density has this name.
    #[error("no toy density \"{name}\"; there are {known}")]
    Toy {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
}
