//! Reading bytes from files, plain or compressed, up to a limit.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use thiserror::Error;

use crate::DataError;
#[cfg(feature = "tables")]
use crate::zstd;

/// The largest size of one file's data after decompression: 4 GiB.
pub(crate) const MAX_BYTES: u64 = 1 << 32;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Why a file or folder cannot be used. The message continues the path in [`DataError::File`].
///
/// ```
/// use thalweg_data::{DataError, FileError, Images};
///
/// let folder = std::env::temp_dir().join("there is no such folder");
/// let DataError::File { problem, .. } = Images::mnist(&folder).unwrap_err() else { panic!() };
/// assert!(matches!(problem, FileError::Missing { .. } | FileError::Read(_)));
/// ```
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FileError {
    /// The system or the decompressor reports an error.
    #[error("cannot be read: {0}")]
    Read(#[from] io::Error),

    /// The system cannot write the file.
    #[error("cannot be written: {0}; check that the folder exists and is writable")]
    Write(io::Error),

    /// The file has another format.
    #[error("is {format}; {advice}")]
    Foreign {
        /// The format found.
        format: &'static str,
        /// The way to a file that can be read.
        advice: &'static str,
    },

    /// The data are larger than the limit of memory for one file.
    #[error("holds {0}, and the limit is {MAX_BYTES} bytes; split the file")]
    TooLarge(String),

    /// A set has no rows, or rows of size 0.
    #[error("holds {0}")]
    Empty(&'static str),

    /// A folder lacks one of the files of a set.
    #[error(
        "has no file {name} or {}, plain or with .gz; give the folder that holds the four IDX files",
        name.replacen("-idx", ".idx", 1)
    )]
    Missing {
        /// The file's name without `.gz`.
        name: &'static str,
    },

    /// A folder holds several sets, in these folders.
    #[error("holds several sets, in {0:?}; give the folder of one of them")]
    Several(Vec<PathBuf>),

    /// The first four bytes are not those of an IDX file of unsigned bytes with a usable rank.
    #[error(
        "starts with {found:02x?}, and IDX {content} of unsigned bytes start with {expected}; check \
         that it is the right file, and decompressed"
    )]
    IdxMagic {
        /// The expected content: images or labels.
        content: &'static str,
        /// The valid magic numbers.
        expected: &'static str,
        /// The bytes found.
        found: [u8; 4],
    },

    /// The file ends before the last byte that its header declares.
    #[error("ends after {found} of {expected} bytes; download it again")]
    IdxTruncated {
        /// The bytes declared, header included.
        expected: u64,
        /// The bytes found.
        found: u64,
    },

    /// The file has more bytes than its header declares.
    #[error("continues after the {expected} bytes that its header declares; download it again")]
    IdxTrailing {
        /// The bytes declared, header included.
        expected: u64,
    },

    /// The numbers of labels and of images differ.
    #[error("has {labels} labels for {images} images; check that both files are of one set")]
    LabelCount {
        /// The number of labels.
        labels: usize,
        /// The number of images.
        images: usize,
    },

    /// A picture cannot be decoded.
    #[error("cannot be decoded: {0}; remove the file or save it again")]
    Image(image::ImageError),

    /// A picture's data end early.
    #[error(
        "ends early, after {found} bytes, in {part}; download or save the picture again, or remove \
         the file"
    )]
    ImageTruncated {
        /// The bytes found.
        found: usize,
        /// The incomplete part.
        part: &'static str,
    },
}

impl FileError {
    /// An error of reading, with the way out where the file is cut off.
    pub(crate) fn read(error: io::Error) -> Self {
        if error.kind() != io::ErrorKind::UnexpectedEof {
            return Self::Read(error);
        }
        let reason = format!("its compressed data end early; download it again ({error})");
        Self::Read(io::Error::new(error.kind(), reason))
    }

    /// The error with the path of its file.
    pub(crate) fn at(self, path: &Path) -> DataError {
        DataError::File {
            path: path.to_path_buf(),
            problem: self,
        }
    }
}

/// Opens a file and decompresses it if its first bytes are those of gzip.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read>, FileError> {
    decompressed(BufReader::new(File::open(path)?))
}

/// The content of a stream that may be compressed by gzip, or with the feature `tables` by Zstandard.
pub(crate) fn decompressed<'a>(
    mut stream: impl BufRead + 'a,
) -> Result<Box<dyn Read + 'a>, FileError> {
    let head = stream.fill_buf()?;
    if head.starts_with(&GZIP_MAGIC) {
        return Ok(Box::new(MultiGzDecoder::new(stream)));
    }
    #[cfg(feature = "tables")]
    if head.starts_with(&zstd::MAGIC) {
        return Ok(Box::new(zstd::Frames::new(stream)));
    }
    Ok(Box::new(stream))
}

/// The next bytes of a stream, at most `limit` of them.
pub(crate) fn bytes(stream: impl Read, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    match stream.take(limit).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(FileError::read(error)),
    }
}
