//! The IDX format of unsigned bytes, as published with MNIST.
//!
//! `00 00 08 rank`, then `rank` sizes of four bytes, big-endian, then the bytes in row-major order
//! (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", 1998).

use std::io::Read;
use std::path::Path;

use crate::read::{self, FileError, MAX_BYTES};
use crate::{DataError, Images};

impl Images {
    /// Reads images, and labels if given, from IDX files, plain or compressed by gzip.
    ///
    /// Images are unsigned bytes of shape `[count, height, width]` (magic `00 00 08 03`) or
    /// `[count, height, width, channels]` (`00 00 08 04`), labels of shape `[count]`
    /// (`00 00 08 01`); sizes are big-endian. The first bytes of a file tell whether it is
    /// compressed, its name does not. The images get 256 levels; see
    /// [`with_levels`](Self::with_levels).
    ///
    /// ```
    /// use thalweg_data::{Images, digits};
    ///
    /// # let path = std::env::temp_dir().join(format!("thalweg-idx-{}", std::process::id()));
    /// digits().save_idx(&path)?;
    /// let read = Images::from_idx(&path, None)?.with_levels(17)?;
    /// # std::fs::remove_file(&path).ok();
    /// assert_eq!(read.pixels(), digits().pixels());
    /// # Ok::<(), thalweg_data::DataError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::File`] for a file that cannot be read, is not IDX of this shape, is shorter or
    /// longer than its header declares, holds no pixels or more than 4 GiB, or has another number
    /// of labels than images.
    pub fn from_idx(images: &Path, labels: Option<&Path>) -> Result<Self, DataError> {
        let read = read::open(images).and_then(Self::parse_idx);
        let read = read.map_err(|problem| problem.at(images))?;
        let Some(path) = labels else { return Ok(read) };
        let labelled = read::open(path).and_then(|labels| read.labelled(labels));
        labelled.map_err(|problem| problem.at(path))
    }

    /// Images of shape `[count, height, width]` or `[count, height, width, channels]`.
    pub(crate) fn parse_idx(reader: impl Read) -> Result<Self, FileError> {
        let (sizes, bytes) = parse(reader, "images", "00 00 08 03 or 00 00 08 04", &[3, 4])?;
        let (height, width) = (sizes[1], sizes[2]);
        let channels = sizes.get(3).copied().unwrap_or(1);
        if bytes.is_empty() {
            let what = "no pixels: one of the sizes in its header is 0";
            return Err(FileError::Empty(what));
        }
        let pixels = match channels {
            1 => bytes,
            _ => bytes
                .chunks_exact(height * width * channels)
                .flat_map(|image| super::planes(image, channels))
                .collect(),
        };
        Ok(Images::new([channels, height, width], pixels))
    }

    /// The same images with labels from an IDX file of shape `[count]`.
    pub(crate) fn labelled(mut self, reader: impl Read) -> Result<Self, FileError> {
        let (_, labels) = parse(reader, "labels", "00 00 08 01", &[1])?;
        if labels.len() != self.count() {
            return Err(FileError::LabelCount {
                labels: labels.len(),
                images: self.count(),
            });
        }
        self.labels = Some(labels);
        Ok(self)
    }
}

/// The sizes and the bytes of a file whose rank is one of these.
fn parse(
    mut reader: impl Read,
    content: &'static str,
    expected: &'static str,
    ranks: &[u8],
) -> Result<(Vec<usize>, Vec<u8>), FileError> {
    let found = word(&mut reader, 0)?;
    let rank = match found {
        [0, 0, 8, rank] if ranks.contains(&rank) => u64::from(rank),
        _ => {
            return Err(FileError::IdxMagic {
                content,
                expected,
                found,
            });
        }
    };
    let mut sizes = Vec::new();
    for axis in 1..=rank {
        sizes.push(u32::from_be_bytes(word(&mut reader, 4 * axis)?));
    }
    let header = 4 * (rank + 1);
    // Four sizes of 32 bits have a product below 2¹²⁸.
    let count: u128 = sizes.iter().map(|&size| u128::from(size)).product();
    let count = match u64::try_from(count) {
        Ok(count) if count <= MAX_BYTES => count,
        _ => return Err(FileError::TooLarge(format!("data of shape {sizes:?}"))),
    };

    // One byte more than declared shows a longer file without decompressing the rest of it.
    let bytes = read::bytes(reader, count + 1)?;
    let found = bytes.len() as u64;
    if found > count {
        let expected = header + count;
        return Err(FileError::IdxTrailing { expected });
    }
    if found < count {
        return Err(FileError::IdxTruncated {
            expected: header + count,
            found: header + found,
        });
    }
    Ok((sizes.into_iter().map(|size| size as usize).collect(), bytes))
}

/// The next four bytes of a file; `offset` is their place in it.
fn word(reader: &mut impl Read, offset: u64) -> Result<[u8; 4], FileError> {
    let bytes = read::bytes(reader, 4)?;
    let found = offset + bytes.len() as u64;
    <[u8; 4]>::try_from(bytes).map_err(|_| FileError::IdxTruncated {
        expected: offset + 4,
        found,
    })
}
