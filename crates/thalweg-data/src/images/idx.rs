//! The IDX format of unsigned bytes, as published with MNIST.
//!
//! `00 00 08 rank`, then `rank` sizes of four bytes, big-endian, then the bytes in row-major order
//! (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", 1998).

use std::io::Read;
use std::path::Path;

use crate::read::{self, MAX_BYTES};
use crate::{DataError, Images};

/// Images of shape `[count, height, width]` or `[count, height, width, channels]`.
pub(super) fn images(path: &Path, reader: impl Read) -> Result<Images, DataError> {
    let Idx { sizes, bytes } = parse(path, reader, &IMAGES)?;
    let (height, width) = (sizes[1], sizes[2]);
    let channels = sizes.get(3).copied().unwrap_or(1);
    if bytes.is_empty() {
        return Err(DataError::Empty {
            path: path.to_path_buf(),
            what: "no pixels: one of the sizes in its header is 0",
        });
    }
    Ok(Images::new(
        [channels, height, width],
        channels_first(bytes, height * width, channels),
    ))
}

/// Labels of shape `[count]`.
pub(super) fn labels(path: &Path, reader: impl Read) -> Result<Vec<u8>, DataError> {
    Ok(parse(path, reader, &LABELS)?.bytes)
}

struct Idx {
    sizes: Vec<usize>,
    bytes: Vec<u8>,
}

struct Kind {
    what: &'static str,
    expected: &'static str,
    ranks: &'static [u8],
}

const IMAGES: Kind = Kind {
    what: "images",
    expected: "00 00 08 03 or 00 00 08 04",
    ranks: &[3, 4],
};

const LABELS: Kind = Kind {
    what: "labels",
    expected: "00 00 08 01",
    ranks: &[1],
};

fn parse(path: &Path, mut reader: impl Read, kind: &Kind) -> Result<Idx, DataError> {
    let magic = word(path, &mut reader, 0)?;
    let [0, 0, 8, rank] = magic else {
        return Err(wrong_magic(path, kind, magic));
    };
    if !kind.ranks.contains(&rank) {
        return Err(wrong_magic(path, kind, magic));
    }

    let mut sizes = Vec::new();
    for axis in 0..u64::from(rank) {
        sizes.push(u32::from_be_bytes(word(path, &mut reader, 4 * (axis + 1))?));
    }
    let header = 4 * (u64::from(rank) + 1);
    // Four sizes of 32 bits multiply to less than 2¹²⁸.
    let count: u128 = sizes.iter().map(|&size| u128::from(size)).product();
    let count = match u64::try_from(count) {
        Ok(count) if count <= MAX_BYTES => count,
        _ => {
            return Err(DataError::TooLarge {
                path: path.to_path_buf(),
                size: format!("a shape of {sizes:?}"),
                bound: MAX_BYTES,
            });
        }
    };

    // One byte more than announced is asked for, to notice a longer file without reading it.
    let mut bytes = Vec::new();
    reader
        .take(count + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| read::failed(path, source))?;
    let found = bytes.len() as u64;
    if found > count {
        return Err(DataError::IdxTrailing {
            path: path.to_path_buf(),
            expected: header + count,
        });
    }
    if found < count {
        return Err(truncated(path, header + count, header + found));
    }
    Ok(Idx {
        sizes: sizes.into_iter().map(|size| size as usize).collect(),
        bytes,
    })
}

/// The four bytes that begin at an offset, where the reader stands.
fn word(path: &Path, reader: &mut impl Read, offset: u64) -> Result<[u8; 4], DataError> {
    let mut bytes = Vec::new();
    reader
        .take(4)
        .read_to_end(&mut bytes)
        .map_err(|source| read::failed(path, source))?;
    let found = bytes.len() as u64;
    <[u8; 4]>::try_from(bytes).map_err(|_| truncated(path, offset + 4, offset + found))
}

fn truncated(path: &Path, expected: u64, found: u64) -> DataError {
    DataError::IdxTruncated {
        path: path.to_path_buf(),
        expected,
        found,
    }
}

fn wrong_magic(path: &Path, kind: &Kind, found: [u8; 4]) -> DataError {
    DataError::IdxMagic {
        path: path.to_path_buf(),
        what: kind.what,
        expected: kind.expected,
        found,
    }
}

/// `[count, area, channels]` to `[count, channels, area]`.
fn channels_first(bytes: Vec<u8>, area: usize, channels: usize) -> Vec<u8> {
    if channels == 1 {
        return bytes;
    }
    bytes
        .chunks_exact(area * channels)
        .flat_map(|image| super::planes(image, channels))
        .collect()
}
