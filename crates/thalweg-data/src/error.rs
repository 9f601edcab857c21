//! What can go wrong with data from outside.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why a file, a folder or a row could not be used.
///
/// Lines of a CSV file are counted from 1, as an editor does; rows from 1 without the header.
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
        "{} has neither {name} nor {name}.gz, nor in its other spelling ({}); give the folder that \
         holds the four IDX files",
        folder.display(),
        name.replacen("-idx", ".idx", 1)
    )]
    Missing {
        /// The folder that was searched.
        folder: PathBuf,
        /// The file's name without `.gz`.
        name: &'static str,
    },

    /// A folder holds several sets.
    #[error("{} holds several sets, in {found:?}; give the folder of one of them", folder.display())]
    Several {
        /// The folder that was searched.
        folder: PathBuf,
        /// Folders inside, each with a set.
        found: Vec<PathBuf>,
    },

    /// The first four bytes are not those of an IDX file of unsigned bytes of a usable rank.
    #[error(
        "{} starts with {found:02x?}, which is not IDX {what} of unsigned bytes (expected {expected}); \
         is it the right file, and unpacked?",
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
        "{} goes on after the {expected} bytes of its header and data; fetch the file again",
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

    /// A picture's data end early.
    #[error(
        "{} ends early, after {found} bytes, in {part}; fetch or save the picture again, or remove \
         the file",
        path.display()
    )]
    ImageTruncated {
        /// The file.
        path: PathBuf,
        /// Bytes found.
        found: usize,
        /// The part that is cut off.
        part: &'static str,
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
        "image {image} has a pixel of {pixel}, which is not among {levels} levels (0 to one less, at \
         most 256 of them); give more levels, or divide the pixels"
    )]
    Levels {
        /// The image, counted from 0.
        image: usize,
        /// The pixel's value.
        pixel: u8,
        /// The levels asked for.
        levels: u32,
    },

    /// The file is not of the kind that was asked for.
    #[error("{} is {what}; {way_out}", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The format that was found.
        what: &'static str,
        /// How to get a file that is read.
        way_out: &'static str,
    },

    /// Options of a CSV file that contradict each other.
    #[error("the options of a CSV file do not fit: {what}")]
    Options {
        /// Which, and what to do.
        what: String,
    },

    /// The first line has one field, with what separates fields in other dialects in it.
    #[error(
        "{} line {line} has no {delimiter:?} but {other:?}: \"{text}\"; give delimiter({other:?}) of \
         CsvOptions, or header(true) if the file has this one column",
        path.display()
    )]
    Delimiter {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The line as it stands in the file, at most 64 characters of it.
        text: String,
        /// What was to separate fields.
        delimiter: char,
        /// What may do so.
        other: char,
    },

    /// The first line does not tell the names of the columns.
    #[error("{} line {line} (\"{text}\"): {what} (CsvOptions)", path.display())]
    Header {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The beginning of the line.
        text: String,
        /// What is the matter, and what to do.
        what: String,
    },

    /// A column was asked for that the header lacks.
    #[error(
        "{} has no column \"{column}\"; it has {found:?}: take one of them, letter by letter",
        path.display()
    )]
    Column {
        /// The file.
        path: PathBuf,
        /// The column asked for.
        column: String,
        /// The columns found.
        found: Vec<String>,
    },

    /// A column of numbers was asked for twice.
    #[error(
        "{}: the column \"{column}\" is asked for twice; a column and its copy have no density",
        path.display()
    )]
    ColumnTwice {
        /// The file.
        path: PathBuf,
        /// The column.
        column: String,
    },

    /// A row has more or fewer fields than the header.
    #[error(
        "{} line {line}, row {row} has {found} fields where {expected} are due; {hint}",
        path.display()
    )]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The row.
        row: usize,
        /// Fields that a row should have.
        expected: usize,
        /// Fields of the row.
        found: usize,
        /// What to do.
        hint: &'static str,
    },

    /// A field in a column of numbers is not a finite number, or a field that is needed is empty.
    #[error(
        "{} line {line}, row {row} column \"{column}\": \"{text}\" is not a finite number; {hint}",
        path.display()
    )]
    Number {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The row.
        row: usize,
        /// The column's name.
        column: String,
        /// The field as it stands in the file, at most 64 characters of it.
        text: String,
        /// What to do.
        hint: String,
    },

    /// Whole numbers have more digits than f64 keeps, and differ in those.
    #[error(
        "{} column \"{column}\": numbers such as {text} have more digits than 64 bits keep, and as \
         read they differ by {spread} only; subtract what they have in common, or leave the column \
         out with Columns::without",
        path.display()
    )]
    Digits {
        /// The file.
        path: PathBuf,
        /// The column's name.
        column: String,
        /// One of the numbers.
        text: String,
        /// The largest of the numbers less the smallest.
        spread: f64,
    },

    /// The bytes or the quotes of a CSV file cannot be read.
    #[error("{} line {line}: {what}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// The row, or how many lines or records stand before; 0 is the header.
        row: usize,
        /// What is the matter, and what to do.
        what: String,
    },

    /// A float type does not keep the values of a column apart.
    #[error(
        "column \"{column}\" does not fit {dtype}: of {distinct} distinct values {left} are left \
         ({:?} and {:?} both become {becomes:?}); {way_out}",
        pair[0],
        pair[1]
    )]
    Precision {
        /// The column's name.
        column: String,
        /// The float type.
        dtype: &'static str,
        /// How many distinct values there are.
        distinct: usize,
        /// How many are left.
        left: usize,
        /// Two that become the same.
        pair: [f64; 2],
        /// What they become.
        becomes: f64,
        /// What to do.
        way_out: &'static str,
    },

    /// The values of a column lie outside the range of a float type.
    #[error(
        "column \"{column}\" does not fit {dtype}: {value:e} {what}; give the table to \
         `Table::standardize` first, which keeps mean and scale for the way back, or take \
         `to_tensor_of` with f64"
    )]
    Range {
        /// The column's name.
        column: String,
        /// The float type.
        dtype: &'static str,
        /// The value.
        value: f64,
        /// What is the matter with it.
        what: &'static str,
    },

    /// Something was to be computed from a table without rows.
    #[error("{what} needs at least one row, and the table has none")]
    NoRows {
        /// What was to be computed.
        what: &'static str,
    },

    /// A table has other columns than a standardization.
    #[error("the table has columns {found:?}, the standardization is one of {expected:?}")]
    ColumnNames {
        /// Columns of the table.
        found: Vec<String>,
        /// Columns of the standardization.
        expected: Vec<String>,
    },

    /// A standardization does not know a column.
    #[error("there is no column \"{column}\"; there are {found:?}")]
    NoColumn {
        /// The column asked for.
        column: String,
        /// The columns there are.
        found: Vec<String>,
    },

    /// Samples have another number of columns than a standardization.
    #[error("samples have {found} columns, the standardization has {expected}")]
    Width {
        /// Columns of the samples.
        found: usize,
        /// Columns of the standardization.
        expected: usize,
    },

    /// A value is not finite, or is not in the units of its column.
    #[error(
        "row {row} column \"{column}\" is {value}; sample at a lower temperature, or look at how the \
         model was trained"
    )]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The column's name.
        column: String,
        /// The value.
        value: f64,
    },

    /// Means and scales are not those of a standardization.
    #[error(
        "means {means:?} and scales {scales:?} must be {columns} finite numbers each, scales above 0"
    )]
    Scales {
        /// The number of columns.
        columns: usize,
        /// The means given.
        means: Vec<f64>,
        /// The scales given.
        scales: Vec<f64>,
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

    /// Images have no labels.
    #[error("the images have no labels; MNIST's files and `Images::from_idx` bring them")]
    NoLabels,

    /// No toy density has this name.
    #[error("no toy density \"{name}\"; there are {known}")]
    Toy {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
}
