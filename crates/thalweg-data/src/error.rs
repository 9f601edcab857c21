//! Errors of everything that comes from outside.

use std::path::PathBuf;

use thiserror::Error;

use crate::{CsvError, FileError, TableError};

/// Why a file, a folder, a table or an argument is refused.
///
/// ```
/// # #[cfg(feature = "tables")]
/// # {
/// use thalweg_data::{DataError, Table};
///
/// let error = Table::read("no such file.csv").unwrap_err();
/// assert!(matches!(error, DataError::File { .. }));
/// assert!(error.to_string().contains("no such file.csv"));
/// # }
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file or folder cannot be used.
    #[error("{} {problem}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        problem: FileError,
    },

    /// The text of a CSV file cannot be read as a table.
    #[error("{} {problem}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// The reason.
        problem: CsvError,
    },

    /// A table cannot be written to a file.
    #[cfg(feature = "tables")]
    #[error("{} {problem}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The reason.
        problem: crate::WriteError,
    },

    /// A Parquet file cannot be read as a table.
    #[cfg(feature = "parquet")]
    #[error("{} {problem}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// The reason.
        problem: crate::ParquetError,
    },

    /// A record batch is no table, or a table no record batch.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Arrow(#[from] crate::ArrowError),

    /// Columns make no table, or a table lacks one.
    #[error(transparent)]
    Columns(#[from] crate::ColumnsError),

    /// No table, or no set of images, inside the crate has this name.
    #[error("no embedded set is called \"{name}\"; the names are {known}")]
    Embedded {
        /// The name requested.
        name: String,
        /// All names.
        known: &'static str,
    },

    /// An option of a CSV file is invalid, or two contradict each other.
    #[error("invalid options of a CSV file: {0}")]
    Options(String),

    /// A table cannot be converted.
    #[error(transparent)]
    Table(#[from] TableError),

    /// The requested side of resized pictures is out of range.
    #[error("a picture's side must be in 1..={bound}, got {side}")]
    Side {
        /// The side requested.
        side: u32,
        /// The largest side allowed.
        bound: u32,
    },

    /// A pixel is not below the number of levels.
    #[error(
        "image {image} has a pixel of {pixel}, and pixels of {levels} levels (at most 256) are \
         below {levels}; give more levels, or divide the pixels"
    )]
    Levels {
        /// The image, counted from 0.
        image: usize,
        /// The pixel's value.
        pixel: u8,
        /// The number of levels requested.
        levels: u32,
    },

    /// Pixels are not those of whole images.
    #[error(
        "{pixels} pixels are no images of {} × {} × {} (channels, height, width); give whole images of a size above 0",
        shape[0], shape[1], shape[2]
    )]
    Pixels {
        /// The number of pixels.
        pixels: usize,
        /// `[channels, height, width]`.
        shape: [usize; 3],
    },

    /// Sets of images that cannot be joined.
    #[error(
        "images of {found:?} (channels, height, width) with {found_levels} levels among images of {expected:?} with \
         {levels}; convert them to one size first"
    )]
    Sizes {
        /// The size of the first set.
        expected: [usize; 3],
        /// Its levels.
        levels: u32,
        /// Another size.
        found: [usize; 3],
        /// Its levels.
        found_levels: u32,
    },

    /// A number of levels that pixels cannot be converted to or from.
    #[error("pixels have 2 to 256 levels, got {levels}")]
    LevelCount {
        /// The number of levels.
        levels: u32,
    },

    /// Images that are no pictures.
    #[error("a picture has 1 channel or 3, and the images have {channels}; write them as IDX")]
    Channels {
        /// The number of channels.
        channels: usize,
    },

    /// An image cannot be written under its name.
    #[error("no file can be called \"{name}\": {problem}")]
    FileName {
        /// The name.
        name: String,
        /// The reason.
        problem: &'static str,
    },

    /// The fractions do not split rows into parts.
    #[error("each of the fractions {0:?} must be in 0..=1, and their sum must be 1")]
    Fractions([f64; 3]),

    /// Images have no labels.
    #[error("the images have no labels; MNIST's files and `Images::from_idx` bring them")]
    NoLabels,

    /// No toy density has this name.
    #[error("no toy density is called \"{name}\"; the names are {known}")]
    Toy {
        /// The name requested.
        name: String,
        /// All names.
        known: String,
    },
}
