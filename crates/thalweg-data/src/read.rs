//! Bytes from files, plain or compressed, never more than a bound.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::DataError;

/// The largest size of data that one file may unfold to: 4 GiB.
pub(crate) const MAX_BYTES: u64 = 1 << 32;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Opens a file, decompressing it if its first bytes are those of gzip.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read>, DataError> {
    let file = File::open(path).map_err(|source| failed(path, source))?;
    decompressed(BufReader::new(file)).map_err(|source| failed(path, source))
}

/// The content of a stream that may be compressed.
pub(crate) fn decompressed<'a>(mut plain: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
    if plain.fill_buf()?.starts_with(&GZIP_MAGIC) {
        Ok(Box::new(MultiGzDecoder::new(plain)))
    } else {
        Ok(Box::new(plain))
    }
}

/// An I/O error with the path it belongs to.
pub(crate) fn failed(path: &Path, source: io::Error) -> DataError {
    let source = match source.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(
            io::ErrorKind::UnexpectedEof,
            format!("its compressed data end early; fetch the file again ({source})"),
        ),
        _ => source,
    };
    DataError::Read {
        path: path.to_path_buf(),
        source,
    }
}
